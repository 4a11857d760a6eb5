using System;

namespace GradLint.SignalPropagation;

/// <summary>The averages that both kinds of average pool take.</summary>
internal static class Averaging
{
    /// <summary>q' = (q + (N-1) c) / N with c the covariance of two positions; the covariance of two samples likewise.</summary>
    /// <param name="x">The input.</param>
    /// <param name="n">N.</param>
    /// <param name="shared">The share of the pairs of inputs of two outputs that are the same input: 0 where windows do not overlap.</param>
    public static Signal Forward(Signal x, double n, double shared = 0)
    {
        double kept = Math.Max(1e-12, (1 + ((n - 1) * x.Correlation.Position)) / n);
        double across = (x.Correlation.Sample + ((n - 1) * x.Correlation.Both)) / n;
        return x with
        {
            LnQ = x.LnQ + Math.Log(kept),
            CorrelationVariance = Variance(x, Math.Min(1, x.MeanRatio * x.MeanRatio / kept)),
            MeanRatio = Math.Max(-1, Math.Min(1, x.MeanRatio / Math.Sqrt(kept))),
            Correlation = new Pairs(across, Mixed(shared, 1, x.Correlation.Position), Mixed(shared, x.Correlation.Sample, x.Correlation.Both)).Map(c => Math.Max(-1, Math.Min(1, c / kept))),
        };
    }

    /// <summary>The variance of c / q over pairs of samples, after a pool that leaves q' with mean m': for x = m + d it goes as q^2 - m^4, see <see cref="NormalizationLayer"/>.</summary>
    /// <param name="x">The input.</param>
    /// <param name="mean2">m'^2 / q'.</param>
    public static double Variance(Signal x, double mean2) => x.CorrelationVariance * Math.Max(0, 1 - (mean2 * mean2)) / Math.Max(1e-9, 1 - Math.Pow(x.MeanRatio, 4));

    /// <summary>The mean of two with a share for the first.</summary>
    public static double Mixed(double share, double first, double second) => (share * first) + ((1 - share) * second);

    /// <summary>
    /// p = p' m (1 + (m-1) r) / N^2 with m the number of windows that read an input and r the correlation of two positions: p' / N^2 where windows do not overlap. Two positions of one
    /// window receive the same.
    /// </summary>
    public static Gradient Backward(Step step, Gradient gradient, double n, double perInput)
    {
        double positions = step.Context.Positions(step.Input with { Axis = UnitAxis.First });
        double together = positions > 1 ? Math.Min(1, (n - 1) / (positions - 1)) : 0;
        double windows = Math.Max(1, perInput * n);
        Pairs r = gradient.Correlation;
        double summed = Math.Max(1 / windows, 1 + ((windows - 1) * r.Position));
        double coherent = Math.Sqrt(windows / summed);
        return gradient with
        {
            LnP = gradient.LnP + Math.Log(perInput / n * summed),
            MeanRatio = Math.Max(-1, Math.Min(1, gradient.MeanRatio * coherent)),
            Correlation = OfSums(r, 1, windows, together).Map(covariance => Math.Max(-1, Math.Min(1, covariance / summed))),
            Alignment = Math.Max(-1, Math.Min(1, gradient.Alignment * Alignment(step) * coherent)),
            CorrelationSlope = Slope(gradient, step.Input, n, together, windows).Map(slope => slope / summed),
        };
    }

    // What two inputs, or one in two samples, receive from the windows that read them, in units of p of one window.
    private static Pairs OfSums(Pairs r, double same, double windows, double together) => new(
        r.Sample + ((windows - 1) * r.Both),
        (together * same) + ((windows - together) * r.Position),
        (together * r.Sample) + ((windows - together) * r.Both));

    /// <summary>How far the covariance of two samples, summed over n places, follows that at one of them: all of it where the places are alike, 1/n where they are independent.</summary>
    public static double Shared(double n, double position) => (1 + ((n - 1) * Math.Min(1, position * position))) / n;

    /// <summary>
    /// The covariance of two averages is that over all pairs of places, each of which moves it by what an average keeps of q; two places of one window receive the same gradient, whatever theirs is.
    /// </summary>
    public static Pairs Slope(Gradient gradient, Signal x, double n, double together, double windows = 1)
    {
        double kept = Math.Max(1 / n, (1 + ((n - 1) * x.Correlation.Position)) / n);
        return OfSums(gradient.CorrelationSlope.Map(one => one * kept), 0, windows, together);
    }

    /// <summary>kappa of the mean becomes a coefficient on each input: by regression, (q' - m^2) / (q - m^2), in units of the roots of q and q'.</summary>
    public static double Alignment(Step step)
    {
        double ratio = Math.Exp(Math.Min(0, step.Output.LnQ - step.Input.LnQ));
        double mean2 = step.Input.MeanRatio * step.Input.MeanRatio;
        return Math.Max(0, ratio - mean2) / Math.Max(1e-9, 1 - mean2) / Math.Sqrt(ratio);
    }
}
