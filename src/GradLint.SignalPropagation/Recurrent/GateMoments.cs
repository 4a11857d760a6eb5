using System;

namespace GradLint.SignalPropagation;

/// <summary>An activation at every step of a recurrence, with its two-time functions.</summary>
internal sealed class GateMoments
{
    private readonly ActivationMoments[] _at;
    private readonly TwoTime _k;

    /// <summary>The activation at preactivations of covariance K.</summary>
    public GateMoments(ActivationMoments[] at, TwoTime k) => (_at, _k) = (at, k);

    /// <summary>The moments at step t, those of the steps before it being known: a recurrence soon settles, and then one step's are the next one's.</summary>
    public static ActivationMoments At(Activation function, TwoTime k, int t, ActivationMoments[] before)
    {
        bool settled = t > 0 && Math.Abs(k.Same[t, t] - k.Same[t - 1, t - 1]) < 1e-6 * k.Same[t, t];
        return settled ? before[t - 1] : function.Moments(Math.Log(Math.Max(1e-300, k.Same[t, t])), 0);
    }

    /// <summary>E f(u_t).</summary>
    public double Mean(int t) => _at[t].MeanRatio * Math.Exp(0.5 * _at[t].LnV);

    /// <summary>E f(u_t) f(u_s).</summary>
    public double Values(double[,] k, int t, int s) => _at[Math.Max(t, s)].C(Rho(k, t, s)) * Math.Exp(0.5 * (_at[t].LnV + _at[s].LnV));

    /// <summary>E f'(u_t) f'(u_s).</summary>
    public double Slopes(double[,] k, int t, int s) => _at[Math.Max(t, s)].Dc(Rho(k, t, s)) * Math.Exp(0.5 * (_at[t].LnD + _at[s].LnD));

    /// <summary>E f'(u_t) f'(u_s) f(u_t) f(u_s), from E f(u_t) f(u_s).</summary>
    public double SlopesOf(double values, int t, int s) => _at[Math.Max(t, s)].SquareAndSlope * Math.Exp(0.5 * (_at[t].LnD + _at[s].LnD)) * values;

    /// <summary>E d(f f')/du at u_t: dV / dq.</summary>
    public double Response(int t) => _at[t].LnVSlope * Math.Exp(_at[t].LnV) / Math.Max(1e-300, _k.Same[t, t]);

    /// <summary>E f'(u_t).</summary>
    public double MeanSlope(int t) => _at[t].SlopeRatio * Math.Exp(0.5 * _at[t].LnD);

    private double Rho(double[,] k, int t, int s) => k[t, s] / Math.Sqrt(Math.Max(1e-300, _k.Same[t, t] * _k.Same[s, s]));
}
