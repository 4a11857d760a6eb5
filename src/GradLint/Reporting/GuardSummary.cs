using System.Globalization;

namespace GradLint;

/// <summary>What a guard has seen and done so far, over all steps of the run.</summary>
public readonly record struct GuardSummary
{
    /// <summary>How many steps were judged.</summary>
    public long Steps { get; internal init; }

    /// <summary>In how many of them gradients were clipped.</summary>
    public long Clipped { get; internal init; }

    /// <summary>How many were not taken.</summary>
    public long Skipped { get; internal init; }

    /// <summary>The share of the steps that were not skipped in which gradients were clipped: 0 to 1.</summary>
    public double ClipRate => Steps > Skipped ? (double)Clipped / (Steps - Skipped) : 0;

    /// <summary>
    /// The median of the gradient norms, before clipping, of the steps that were not skipped; like the other quantiles exact to
    /// 3 percent. NaN before the first such step.
    /// </summary>
    public double MedianNorm { get; internal init; }

    /// <summary>The norm that 5 percent of those steps exceeded.</summary>
    public double Norm95 { get; internal init; }

    /// <summary>The norm that 1 percent of those steps exceeded.</summary>
    public double Norm99 { get; internal init; }

    /// <summary>The largest norm of those steps.</summary>
    public double LargestNorm { get; internal init; }

    /// <summary>
    /// A threshold for <see cref="GlobalNormClipping"/> that this run's own norms suggest: <see cref="Norm95"/>, so that one step in
    /// twenty is clipped, but within what Pascanu, Mikolov and Bengio (2013) found to work, half to ten times the usual norm.
    /// NaN as long as fewer than 100 steps are known.
    /// </summary>
    public double SuggestedMaxNorm { get; internal init; }

    /// <summary>The summary in one line, for a console or a log.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Steps} steps, {Clipped} clipped ({ClipRate:P1}), {Skipped} skipped; {Norms}");

    private string Norms => double.IsNaN(MedianNorm)
        ? "no gradient norm yet"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"gradient norm median {MedianNorm:G3}, 95 % below {Norm95:G3}, largest {LargestNorm:G3}; suggested threshold {Suggestion}");

    private string Suggestion =>
        double.IsNaN(SuggestedMaxNorm) ? "not yet" : SuggestedMaxNorm.ToString("G2", CultureInfo.InvariantCulture);
}
