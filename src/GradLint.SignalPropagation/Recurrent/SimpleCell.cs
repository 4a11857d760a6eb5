using System;

namespace GradLint.SignalPropagation;

/// <summary>h_t = f(u_t).</summary>
internal sealed class SimpleCell : RecurrentCell
{
    private readonly TwoTime _k;
    private readonly GateMoments _f;
    private readonly double[] _atGates;

    public SimpleCell(RecurrentGains gains, int steps, Activation function, Func<Activation, double, ActivationMoments> moments)
        : base(gains, steps)
    {
        _k = new TwoTime(steps);
        _f = new GateMoments(function, _k, moments);
        _atGates = new double[steps];
    }

    // K(t, s) = g_ih X(t, s) + g_hh C(K(t-1, s-1)) + 2 Var b
    public override TwoTime Forward(TwoTime x)
    {
        for (int t = 0; t < Steps; t++)
        {
            for (int s = 0; s <= t; s++)
            {
                TwoTime.Set(_k.Same, t, s, Preactivation(x.Same, Hidden.Same, t, s));
                TwoTime.Set(_k.Cross, t, s, Preactivation(x.Cross, Hidden.Cross, t, s));
            }

            _f.Reach(t);
            for (int s = 0; s <= t; s++)
            {
                TwoTime.Set(Hidden.Same, t, s, _f.Values(_k.Same, t, s));
                TwoTime.Set(Hidden.Cross, t, s, _f.Values(_k.Cross, t, s));
            }
        }

        return Hidden;
    }

    // Omega(t, s) = arriving + g_hh A(t+1, s+1) + what follows the state; A = Dc of the rest, and E f f' f f' of what follows. A loss that reacts to the state makes the gradient
    // follow it, dL/dh_t = kappa_t h_t + ..., and the weights pass that on: kappa_t = (arriving) + g_hh dV/dq kappa_(t+1), as they do from layer to layer.
    public override TwoTime Backward(TwoTime arriving, double[] alignment)
    {
        int steps = arriving.Steps;
        double[] follows = (double[])alignment.Clone();
        for (int t = steps - 1; t >= 0; t--)
        {
            follows[t] += t + 1 < steps ? Gains.Hidden * _atGates[t + 1] : 0;
            _atGates[t] = _f.Response(t) * follows[t];
            for (int s = steps - 1; s >= t; s--)
            {
                Omega(AtGates.Same, arriving.Same, Hidden.Same, _k.Same, t, s);
                Omega(AtGates.Cross, arriving.Cross, Hidden.Cross, _k.Cross, t, s);
            }
        }

        return ToInput();

        void Omega(double[,] atGates, double[,] arrives, double[,] hidden, double[,] k, int t, int s)
        {
            double later = s + 1 < steps ? Gains.Hidden * atGates[t + 1, s + 1] : 0;
            double rest = arrives[t, s] + later - (alignment[t] * alignment[s] * hidden[t, s]);
            double followed = follows[t] * follows[s] * hidden[t, s];
            TwoTime.Set(atGates, t, s, (rest * _f.Slopes(k, t, s)) + _f.SlopesOf(followed, t, s));
        }
    }

    public override double[] InputAlignment => Array.ConvertAll(_atGates, one => Gains.InputBackward * one);
}
