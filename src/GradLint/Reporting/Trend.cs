namespace GradLint;

/// <summary>A quantity over the steps by its decimal logarithm, up to the step at which it is no longer a number.</summary>
/// <param name="Steps">The steps.</param>
/// <param name="Logs">The logarithm at each.</param>
internal sealed record Trend(double[] Steps, double[] Logs)
{
    private const double Floor = 1e-12; // a loss of 0 has no logarithm
    private const double ShareOfSteps = 0.04;

    public int Count => Steps.Length;

    public static Trend Of(IReadOnlyList<RunStep> steps, Func<RunStep, double> value)
    {
        RunStep[] finite = [.. steps.TakeWhile(step => double.IsFinite(value(step)))];
        return new Trend([.. finite.Select(step => (double)step.Step)], [.. finite.Select(step => Math.Log10(Math.Max(value(step), Floor)))]);
    }

    /// <summary>Each point's mean with its neighbours, more of them the later the step; at the end with those before it.</summary>
    public double[] Smooth()
    {
        var sums = new double[Count + 1];
        for (int i = 0; i < Count; i++)
        {
            sums[i + 1] = sums[i] + Logs[i];
        }

        return [.. Enumerable.Range(0, Count).Select(i => Mean(i - Reach(i), Math.Min(i + Reach(i), Count - 1)))];

        static int Reach(int i) => (int)(i * ShareOfSteps);
        double Mean(int first, int last) => (sums[last + 1] - sums[first]) / (last - first + 1);
    }
}
