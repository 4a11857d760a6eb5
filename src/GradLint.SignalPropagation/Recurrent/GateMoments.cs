using System;

namespace GradLint.SignalPropagation;

/// <summary>An activation at every step of a recurrence, with its two-time functions, of which each value is computed once.</summary>
internal sealed class GateMoments
{
    /// <summary>A recurrence soon settles: second moments that differ by less are the same.</summary>
    private const double Settled = 1e-6;

    private readonly Activation _function;
    private readonly TwoTime _k;
    private readonly Func<Activation, double, ActivationMoments> _moments;
    private readonly ActivationMoments[] _at;
    private readonly double[] _rootK;
    private readonly double[] _rootV;
    private readonly double[] _rootD;
    private readonly TwoTime _values;

    /// <summary>The activation at preactivations of covariance K, of which no step is known yet.</summary>
    /// <param name="function">The activation.</param>
    /// <param name="k">K.</param>
    /// <param name="moments">The moments of an activation at ln q.</param>
    public GateMoments(Activation function, TwoTime k, Func<Activation, double, ActivationMoments> moments)
    {
        (_function, _k, _moments) = (function, k, moments);
        _at = new ActivationMoments[k.Steps];
        (_rootK, _rootV, _rootD) = (new double[k.Steps], new double[k.Steps], new double[k.Steps]);
        _values = new TwoTime(k.Steps);
        _values.Fill((_, _) => double.NaN, (_, _) => double.NaN);
    }

    /// <summary>Takes K(t, t) as known.</summary>
    public void Reach(int t)
    {
        double q = _k.Same[t, t];
        bool settled = t > 0 && Math.Abs(q - _k.Same[t - 1, t - 1]) < Settled * q;
        _at[t] = settled ? _at[t - 1] : _moments(_function, Math.Log(Math.Max(1e-300, q)));
        (_rootK[t], _rootV[t], _rootD[t]) = (Math.Sqrt(Math.Max(1e-300, q)), Math.Exp(0.5 * _at[t].LnV), Math.Exp(0.5 * _at[t].LnD));
    }

    /// <summary>E f(u_t).</summary>
    public double Mean(int t) => _at[t].MeanRatio * _rootV[t];

    /// <summary>E f(u_t) f(u_s), once K(t, s) is known.</summary>
    /// <param name="k">K of one sample, or of two.</param>
    /// <param name="t">The one step.</param>
    /// <param name="s">The other.</param>
    public double Values(double[,] k, int t, int s)
    {
        double[,] known = k == _k.Same ? _values.Same : _values.Cross;
        if (double.IsNaN(known[t, s]))
        {
            known[t, s] = known[s, t] = _at[Math.Max(t, s)].C(Rho(k, t, s)) * _rootV[t] * _rootV[s];
        }

        return known[t, s];
    }

    /// <summary>E f'(u_t) f'(u_s).</summary>
    public double Slopes(double[,] k, int t, int s) => _at[Math.Max(t, s)].Dc(Rho(k, t, s)) * _rootD[t] * _rootD[s];

    /// <summary>E f'(u_t) f'(u_s) f(u_t) f(u_s), from E f(u_t) f(u_s).</summary>
    public double SlopesOf(double values, int t, int s) => _at[Math.Max(t, s)].SquareAndSlope * _rootD[t] * _rootD[s] * values;

    /// <summary>E d(f f')/du at u_t: dV / dq.</summary>
    public double Response(int t) => _at[t].LnVSlope * Math.Exp(_at[t].LnV) / Math.Max(1e-300, _k.Same[t, t]);

    private double Rho(double[,] k, int t, int s) => k[t, s] / (_rootK[t] * _rootK[s]);
}
