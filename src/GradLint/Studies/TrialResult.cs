using System.Globalization;
using System.Text.Json;

namespace GradLint;

/// <summary>What one training of a <see cref="MitigationStudy"/> came to.</summary>
/// <param name="Mitigation">The name of the mitigation.</param>
/// <param name="Seed">The seed.</param>
/// <param name="FinalLoss">The mean loss over all batches after the training; NaN if it is not finite.</param>
/// <param name="MedianNorm">The median of the gradient norms before clipping.</param>
/// <param name="LargestNorm">The largest of the gradient norms before clipping.</param>
/// <param name="Failure">Why there is no result, such as that the mitigation does not apply; null otherwise.</param>
public sealed record TrialResult(string Mitigation, int Seed, double FinalLoss, double MedianNorm, double LargestNorm, string? Failure)
{
    internal void WriteTo(LineWriter lines)
    {
        lines.Begin("trial");
        lines.Add("mitigation", Mitigation);
        lines.Add("seed", Seed);
        lines.Add("finalLoss", FinalLoss);
        lines.Add("medianNorm", MedianNorm);
        lines.Add("largestNorm", LargestNorm);
        if (Failure is not null)
        {
            lines.Add("failure", Failure);
        }

        lines.End(flush: true);
    }

    internal static TrialResult Read(JsonElement line) => new(
        line.GetProperty("mitigation").GetString()!,
        line.GetProperty("seed").GetInt32(),
        Number(line.GetProperty("finalLoss")),
        Number(line.GetProperty("medianNorm")),
        Number(line.GetProperty("largestNorm")),
        line.TryGetProperty("failure", out JsonElement failure) ? failure.GetString() : null);

    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();
}
