namespace Quickstart;

/// <summary>A quantity over the steps on two logarithmic axes, up to the step at which it is no longer a number.</summary>
/// <param name="X">The decimal logarithm of the step.</param>
/// <param name="Y">The decimal logarithm of the quantity.</param>
internal sealed record Curve(double[] X, double[] Y)
{
    public static Curve Of(IEnumerable<StepRecord> steps, Func<StepRecord, double> value)
    {
        const double Floor = 1e-12; // a loss of 0 has no logarithm
        StepRecord[] finite = [.. steps.TakeWhile(step => double.IsFinite(value(step)))];
        return new Curve(
            [.. finite.Select(step => Math.Log10(step.Step))],
            [.. finite.Select(step => Math.Log10(Math.Max(value(step), Floor)))]);
    }

    /// <summary>The trend: each point's mean with its neighbours, more of them the later the step.</summary>
    public Curve Smooth()
    {
        const double ShareOfSteps = 0.04;
        return this with { Y = [.. Y.Select((_, i) => Mean(Math.Min(Math.Min(i, Y.Length - 1 - i), (int)(i * ShareOfSteps)), i))] };

        double Mean(int reach, int i) => Y.AsSpan(i - reach, (2 * reach) + 1).ToArray().Average();
    }
}
