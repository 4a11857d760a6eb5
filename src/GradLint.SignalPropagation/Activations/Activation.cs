using System;
using System.Collections.Concurrent;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>
/// An elementwise activation f and its Gaussian moments: for a unit u = sqrt(q) z, z ~ N(0, 1), the functions V(q) = E f(u)^2 and
/// C(q, c) = E f(u) f(u') (Poole et al. 2016, section 2), D(q) = E f'(u)^2 and Dc(q, c) = E f'(u) f'(u') (Schoenholz et al. 2017, section 3).
/// </summary>
public abstract partial record Activation
{
    // Beyond these, q has left what a double holds after squaring; only the asymptotes of f matter there.
    internal const double LargestLnQ = 460;
    internal const double SmallestLnQ = -460;
    private const double SmallestDeviationRatio = 1e-9;

    private protected Activation()
    {
    }

    /// <summary>The name by which TorchSharp's users know it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>
    /// The initializer that keeps the backward signal through a deep stack of this activation: He's for the ReLU family (with its slope), Xavier's
    /// for the others, with the gain at which g D(q) = 1 at the stack's own second moment.
    /// </summary>
    public virtual Initializer FittingInitializer => new XavierNormal(Math.Sqrt(CriticalGain.Of(this)));

    /// <summary>V(q) = E f(u)^2.</summary>
    /// <param name="q">The second moment of a unit, E u^2, not negative.</param>
    public double V(double q) => Math.Exp(Moments(Math.Log(q), 0).LnV);

    /// <summary>m(q) = E f(u).</summary>
    /// <param name="q">The second moment of a unit, E u^2, not negative.</param>
    public double M(double q)
    {
        ActivationMoments moments = Moments(Math.Log(q), 0);
        return moments.MeanRatio * Math.Exp(0.5 * moments.LnV);
    }

    /// <summary>D(q) = E f'(u)^2.</summary>
    /// <param name="q">The second moment of a unit, E u^2, not negative.</param>
    public double D(double q) => Math.Exp(Moments(Math.Log(q), 0).LnD);

    /// <summary>C(q, c) = E f(u) f(u') for two samples of covariance c.</summary>
    /// <param name="q">The second moment of a unit, E u^2 = E u'^2, positive.</param>
    /// <param name="c">The covariance E u u', at most q in size.</param>
    public double C(double q, double c)
    {
        ActivationMoments moments = Moments(Math.Log(q), 0);
        return moments.C(c / q) * Math.Exp(moments.LnV);
    }

    /// <summary>Dc(q, c) = E f'(u) f'(u') for two samples of covariance c.</summary>
    /// <param name="q">The second moment of a unit, E u^2 = E u'^2, positive.</param>
    /// <param name="c">The covariance E u u', at most q in size.</param>
    public double Dc(double q, double c)
    {
        ActivationMoments moments = Moments(Math.Log(q), 0);
        return moments.Dc(c / q) * Math.Exp(moments.LnD);
    }

    /// <summary>f(u).</summary>
    internal abstract double Value(double u);

    /// <summary>f'(u).</summary>
    internal abstract double Slope(double u);

    /// <summary>The arguments at which f or f' is not smooth.</summary>
    internal virtual IReadOnlyList<double> Kinks => Array.Empty<double>();

    /// <summary>The limit of f' to the far left.</summary>
    internal virtual double LeftSlope => 0;

    /// <summary>The limit of f' to the far right.</summary>
    internal virtual double RightSlope => 0;

    /// <summary>f(t u) = t f(u) for t &gt; 0: the ReLU family, whose moments have closed forms and no scale.</summary>
    internal virtual bool IsHomogeneous => false;

    /// <summary>f is flat at 0: a signal that is small becomes smaller, and samples of which the second moment is a little larger fall far behind.</summary>
    internal bool DiesOut => Value(0) == 0 && Math.Abs(Slope(-Tiny)) < Tiny && Math.Abs(Slope(Tiny)) < Tiny;

    /// <summary>f(-u) = -f(u), and f has a limit on either side.</summary>
    internal virtual bool IsOddAndSaturates => false;

    /// <summary>The moments at u = m + s z with E u^2 = q.</summary>
    /// <param name="lnQ">ln q.</param>
    /// <param name="meanRatio">m / sqrt q, in [-1, 1].</param>
    internal ActivationMoments Moments(double lnQ, double meanRatio)
    {
        double deviationRatio = Math.Sqrt(Math.Max(SmallestDeviationRatio, (1 - meanRatio) * (1 + meanRatio)));
        if (IsHomogeneous || IsOutOfScale(lnQ))
        {
            return Homogeneous(Slope(-1), Slope(1), lnQ, meanRatio, deviationRatio) ?? OutOfScale(lnQ, AtEdge(lnQ, meanRatio, deviationRatio));
        }

        double root = Math.Exp(0.5 * lnQ);
        return new QuadratureMoments(this, meanRatio * root, deviationRatio * root);
    }

    private const double Tiny = 1e-6;

    private static bool IsOutOfScale(double lnQ) => lnQ > LargestLnQ || lnQ < SmallestLnQ;

    private ActivationMoments? Homogeneous(double left, double right, double lnQ, double meanRatio, double deviationRatio) =>
        !IsHomogeneous ? null
        : meanRatio == 0 ? new LeakyReLUMoments(left, right, lnQ)
        : new ShiftedMoments(new QuadratureMoments(this, meanRatio, deviationRatio), lnQ, 0);

    private QuadratureMoments AtEdge(double lnQ, double meanRatio, double deviationRatio)
    {
        double root = Math.Exp(0.5 * (lnQ > 0 ? LargestLnQ : SmallestLnQ));
        return new QuadratureMoments(this, meanRatio * root, deviationRatio * root);
    }

    /// <summary>The moments where only the asymptotes of f matter, from those at the edge of the scale.</summary>
    internal ActivationMoments OutOfScale(double lnQ, ActivationMoments atEdge)
    {
        if (lnQ < 0 && Value(0) == 0 && Slope(0) == 0 && Slope(1e-100) == 0)
        {
            return new DeadMoments();
        }

        double edge = lnQ > 0 ? LargestLnQ : SmallestLnQ;
        bool linear = lnQ > 0 ? LeftSlope != 0 || RightSlope != 0 : Value(0) == 0;
        bool saturated = lnQ > 0 && !linear;
        // Beyond the edge f is linear on each side (V grows as q), constant (V stays), or saturated (the units still on the slope thin out as 1/sqrt q).
        return new ShiftedMoments(atEdge, linear ? lnQ - edge : 0, saturated ? -0.5 * (lnQ - edge) : 0);
    }
}

/// <summary>The gain g at which a deep stack keeps its backward signal: g D(q) = 1 where g V(q) = q (Poole et al. 2016: the edge of chaos without biases).</summary>
internal static class CriticalGain
{
    private const double SmallestLnQ = -7;
    private const double LargestLnQ = 7;
    private static readonly ConcurrentDictionary<Activation, double> s_known = new();

    /// <summary>g = n_in Var W. Where no q is kept (GELU, SiLU), the gain that keeps the backward signal at q = 1.</summary>
    public static double Of(Activation function) => s_known.GetOrAdd(function, Find);

    private static double Find(Activation function)
    {
        double low = SmallestLnQ;
        double atLow = Excess(function, low);
        for (double lnQ = SmallestLnQ + 0.5; lnQ <= LargestLnQ; lnQ += 0.5)
        {
            double atHigh = Excess(function, lnQ);
            if (atLow < 0 && atHigh >= 0)
            {
                return At(function, Bisect(function, low, lnQ));
            }

            (low, atLow) = (lnQ, atHigh);
        }

        // tanh and its like: critical in the limit q -> 0, g = 1 / f'(0)^2.
        double slope = function.Slope(0);
        return Math.Abs(function.Value(0)) < 1e-12 && function.LeftSlope == 0 && function.RightSlope == 0 && slope != 0
            ? 1 / (slope * slope)
            : 1 / Math.Max(1e-30, function.D(1));
    }

    private static double At(Activation function, double lnQ) => Math.Exp(-function.Moments(lnQ, 0).LnD);

    // ln (q D / V): zero where the forward and the backward signal are kept by the same gain.
    private static double Excess(Activation function, double lnQ)
    {
        ActivationMoments moments = function.Moments(lnQ, 0);
        return lnQ + moments.LnD - moments.LnV;
    }

    private static double Bisect(Activation function, double low, double high)
    {
        for (int i = 0; i < 50; i++)
        {
            double middle = 0.5 * (low + high);
            (low, high) = Excess(function, middle) < 0 ? (middle, high) : (low, middle);
        }

        return low;
    }
}
