namespace Quickstart;

/// <summary>A quantity over the steps on two logarithmic axes, up to the step at which it is no longer a number.</summary>
/// <param name="X">The decimal logarithm of the step.</param>
/// <param name="Y">The decimal logarithm of the quantity.</param>
internal sealed record Curve(double[] X, double[] Y)
{
    public static Curve Of(IEnumerable<StepRecord> steps, Func<StepRecord, double> value)
    {
        (double X, double Y)[] points =
            [.. steps.TakeWhile(step => double.IsFinite(value(step))).Select(step => (Math.Log10(step.Step), Math.Log10(Math.Max(value(step), 1e-12))))];
        return new Curve([.. points.Select(point => point.X)], [.. points.Select(point => point.Y)]);
    }

    /// <summary>The trend: each point's mean with its neighbours, more of them the later the step.</summary>
    public Curve Smooth()
    {
        const double ShareOfSteps = 0.04;
        return this with { Y = [.. Y.Select((_, i) => Mean(Math.Min(Math.Min(i, Y.Length - 1 - i), (int)(i * ShareOfSteps)), i))] };

        double Mean(int reach, int i) => Y.AsSpan(i - reach, (2 * reach) + 1).ToArray().Average();
    }
}
