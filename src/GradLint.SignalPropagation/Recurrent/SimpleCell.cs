using System;

namespace GradLint.SignalPropagation;

/// <summary>h_t = f(u_t).</summary>
internal sealed class SimpleCell : RecurrentCell
{
    private readonly Activation _function;
    private TwoTime _k = new(0);
    private GateMoments? _f;

    public SimpleCell(RecurrentGains gains, Activation function)
        : base(gains) => _function = function;

    // K(t, s) = g_ih X(t, s) + g_hh C(K(t-1, s-1)) + 2 Var b
    public override TwoTime Forward(TwoTime x)
    {
        Hidden = new TwoTime(x.Steps);
        _k = new TwoTime(x.Steps);
        ActivationMoments[] at = new ActivationMoments[x.Steps];
        ForEachForward(x.Steps, (t, s) =>
        {
            TwoTime.Set(_k.Same, t, s, Preactivation(x.Same, Hidden.Same, t, s));
            TwoTime.Set(_k.Cross, t, s, Preactivation(x.Cross, Hidden.Cross, t, s));
            if (s == t)
            {
                at[t] = GateMoments.At(_function, _k, t, at);
                for (int earlier = 0; earlier <= t; earlier++)
                {
                    double root = Math.Sqrt(Math.Max(1e-300, _k.Same[t, t] * _k.Same[earlier, earlier]));
                    double v = Math.Exp(0.5 * (at[t].LnV + at[earlier].LnV));
                    TwoTime.Set(Hidden.Same, t, earlier, v * at[t].C(_k.Same[t, earlier] / root));
                    TwoTime.Set(Hidden.Cross, t, earlier, v * at[t].C(_k.Cross[t, earlier] / root));
                }
            }
        });
        _f = new GateMoments(at, _k);
        return Hidden;
    }

    // Omega(t, s) = arriving + g_hh A(t+1, s+1), A = Dc Omega
    public override TwoTime Backward(TwoTime arriving)
    {
        int steps = arriving.Steps;
        AtGates = new TwoTime(steps);
        for (int t = steps - 1; t >= 0; t--)
        {
            for (int s = steps - 1; s >= t; s--)
            {
                double same = arriving.Same[t, s] + (s + 1 < steps ? Gains.Hidden * AtGates.Same[t + 1, s + 1] : 0);
                double cross = arriving.Cross[t, s] + (s + 1 < steps ? Gains.Hidden * AtGates.Cross[t + 1, s + 1] : 0);
                TwoTime.Set(AtGates.Same, t, s, same * _f!.Slopes(_k.Same, t, s));
                TwoTime.Set(AtGates.Cross, t, s, cross * _f.Slopes(_k.Cross, t, s));
            }
        }

        return ToInput();
    }
}
