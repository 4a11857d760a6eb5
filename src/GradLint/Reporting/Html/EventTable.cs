using System.Globalization;
using System.Text.Json.Nodes;

namespace GradLint;

/// <summary>The events as rows: those of the same kind that follow each other closely are one.</summary>
internal static class EventTable
{
    private const int MostRows = 300;
    private const long CloseTogether = 16;

    public static JsonArray Of(IReadOnlyList<RunEvent> events)
    {
        var groups = new List<List<RunEvent>>();
        foreach (RunEvent next in events)
        {
            if (groups.Count > 0 && groups[^1][^1] is { } latest && latest.Reason == next.Reason
                && latest.At.Outcome == next.At.Outcome && next.At.Step - latest.At.Step <= CloseTogether)
            {
                groups[^1].Add(next);
            }
            else
            {
                groups.Add([next]);
            }
        }

        return new JsonArray([.. groups.Take(MostRows).Select(group => (JsonNode)Row(group))]);
    }

    private static JsonObject Row(List<RunEvent> group)
    {
        RunEvent worst = group.MaxBy(one => double.IsFinite(one.At.Norm) ? one.At.Norm : double.NegativeInfinity)!;
        bool ofLoss = worst.Reason is nameof(StepReason.LossSpike) or nameof(StepReason.NonFiniteLoss);
        EventAdvice advice = EventAdvice.For(worst.Reason);
        return new JsonObject
        {
            ["step"] = group[0].At.Step,
            ["last"] = group[^1].At.Step,
            ["count"] = group.Count,
            ["outcome"] = worst.At.Outcome.ToString(),
            ["reason"] = worst.Reason,
            ["quantity"] = ofLoss ? "loss" : "gradient norm",
            ["value"] = Text(ofLoss ? worst.At.Loss : worst.At.Norm),
            ["threshold"] = double.IsNaN(worst.At.Threshold) ? "" : Text(worst.At.Threshold),
            ["baseline"] = double.IsNaN(ofLoss ? worst.LossBaseline : worst.Baseline) ? "" : Text(ofLoss ? worst.LossBaseline : worst.Baseline),
            ["parameters"] = string.Join(", ", worst.Parameters),
            ["restored"] = worst.RestoredStep,
            ["report"] = worst.Report,
            ["advice"] = advice.Text,
            ["rules"] = new JsonArray([.. advice.Rules.Select(rule => (JsonNode)rule)]),
        };
    }

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
