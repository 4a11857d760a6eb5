using System.Text.Json;
using System.Text.Json.Nodes;

namespace GradLint;

/// <summary>What the report's page draws: a run thinned out to what a screen can show, whatever its length.</summary>
internal sealed class ReportData
{
    private readonly JsonObject _data;

    private ReportData(JsonObject data) => _data = data;

    public static ReportData Of(RunHistory run) => new(new JsonObject
    {
        ["model"] = run.Model,
        ["optimizer"] = run.Optimizer,
        ["clipping"] = run.Clipping,
        ["started"] = run.Started.ToString("yyyy-MM-dd HH:mm"),
        ["cutOff"] = run.CutOff,
        ["ending"] = run.Ending?.Ending,
        ["totals"] = Totals(run),
        ["findings"] = new JsonArray([.. RunFindings.Of(run).Select(finding => (JsonNode)new JsonArray(finding.Text, finding.Section, finding.IsTrouble))]),
        ["clipText"] = run.Steps.Count == 0 ? "" : RunFindings.Clipping(run).Text,
        ["layers"] = new JsonArray([.. run.Layers.Select(layer => (JsonNode)layer)]),
        ["loss"] = Curve.Of(run.Steps, step => step.Loss).ToJson(),
        ["norm"] = Curve.Of(run.Steps, step => step.Norm).ToJson(),
        ["threshold"] = Curve.Of(run.Steps, step => step.Threshold).ToJson(),
        ["clipRate"] = Curve.OfShare(run.Steps, step => step.Outcome == StepOutcome.Clipped).ToJson(),
        ["rate"] = Curve.Of(run.Steps, step => step.Rate).ToJson(),
        ["epochs"] = new JsonArray([.. run.Epochs.Select(epoch => (JsonNode)new JsonArray(epoch.Epoch, epoch.Step, Number(epoch.Loss), Number(epoch.ValidationLoss ?? double.NaN)))]),
        ["norms"] = HeatMap.Of(run.Norms, run.Layers.Count)?.ToJson(),
        ["updates"] = HeatMap.Of(run.Updates, run.Layers.Count)?.ToJson(),
        ["histograms"] = MagnitudeMap.Of(run)?.ToJson(),
        ["flow"] = Flow(run),
        ["events"] = EventTable.Of(run.Events),
        ["eventCount"] = run.Events.Count,
        ["advice"] = new JsonArray([.. run.Advice.Select(advice => (JsonNode)Row(advice))]),
        ["rulePages"] = RulePages.Of(
            run.Events.SelectMany(what => EventAdvice.For(what.Reason).Rules).Concat(run.Advice.SelectMany(advice => EventAdvice.RulesOf(advice.Kind)))),
    });

    /// <summary>Safe within a script element: the default encoder escapes the angle brackets.</summary>
    public string ToJson() => _data.ToJsonString(JsonSerializerOptions.Default);

    internal static string Base64(ReadOnlySpan<float> values) => Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));

    /// <summary>JSON has no NaN: null stands for it, and for what is infinite.</summary>
    internal static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create((float)value) is { } number && float.IsFinite((float)value) ? number : JsonValue.Create(value) : null;

    private static JsonObject Totals(RunHistory run)
    {
        int taken = run.Steps.Count(step => step.Outcome is StepOutcome.Applied or StepOutcome.Clipped);
        int clipped = run.Steps.Count(step => step.Outcome == StepOutcome.Clipped);
        double[] norms = [.. run.Steps.Select(step => step.Norm).Where(norm => norm > 0 && double.IsFinite(norm))];
        Array.Sort(norms);
        double[] bestLosses = [.. run.Epochs.Select(epoch => epoch.ValidationLoss ?? epoch.Loss).Where(double.IsFinite)];
        return new JsonObject
        {
            ["steps"] = run.Steps.Count == 0 ? 0 : run.Steps[^1].Step,
            ["seconds"] = Number(run.Steps.Count == 0 ? 0 : run.Steps[^1].Seconds),
            ["clipped"] = clipped,
            ["clipRate"] = Number(taken == 0 ? 0 : (double)clipped / taken),
            ["skipped"] = run.Steps.Count(step => step.Outcome == StepOutcome.Skipped),
            ["rolledBack"] = run.Steps.Count(step => step.Outcome == StepOutcome.RolledBack),
            ["medianNorm"] = Number(norms.Length == 0 ? double.NaN : norms[norms.Length / 2]),
            ["largestNorm"] = Number(norms.Length == 0 ? double.NaN : norms[^1]),
            ["suggested"] = Number(run.Ending?.SuggestedMaxNorm ?? double.NaN),
            ["best"] = Number(bestLosses.Length == 0 ? double.NaN : bestLosses.Min()),
            ["validated"] = run.Epochs.Any(epoch => epoch.ValidationLoss is not null),
        };
    }

    private static JsonObject Row(Advice advice) => new()
    {
        ["step"] = advice.Step,
        ["kind"] = advice.Kind.ToString(),
        ["message"] = advice.Message,
        ["parameters"] = string.Join(", ", advice.Parameters),
        ["rules"] = new JsonArray([.. EventAdvice.RulesOf(advice.Kind).Select(rule => (JsonNode)rule)]),
    };

    private static JsonObject? Flow(RunHistory run) => run.Flow is not { } flow ? null : new JsonObject
    {
        ["predicted"] = Number(flow.PredictedGrowth),
        ["measured"] = Number(flow.MeasuredGrowth),
        ["stop"] = flow.Stop,
        ["assumptions"] = new JsonArray([.. flow.Assumptions.Select(text => (JsonNode)text)]),
        ["layers"] = new JsonArray([
            .. flow.Layers.OrderBy(layer => Place(layer.Name, run.Layers)).Select(layer => (JsonNode)new JsonArray(
                layer.Name, Number(layer.Low), Number(layer.Predicted), Number(layer.High), Number(layer.Measured))),
        ]),
    };

    /// <summary>Where a layer stands in the model. A weight of a layer that has several stands with it; what the log does not name stands at the end.</summary>
    private static int Place(string name, IReadOnlyList<string> layers)
    {
        for (string layer = name; layer.Length > 0; layer = layer[..Math.Max(0, layer.LastIndexOf('.'))])
        {
            for (int place = 0; place < layers.Count; place++)
            {
                if (layers[place] == layer)
                {
                    return place;
                }
            }
        }

        return layers.Count;
    }
}
