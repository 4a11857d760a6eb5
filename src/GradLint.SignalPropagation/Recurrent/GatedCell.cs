using System;

namespace GradLint.SignalPropagation;

/// <summary>r, z gates; n = tanh(W x + r (U h)); h_t = z h_(t-1) + (1 - z) n.</summary>
internal sealed class GatedCell : RecurrentCell
{
    private readonly TwoTime _k;
    private readonly TwoTime _kn;
    private readonly GateMoments _sigmoid;
    private readonly GateMoments _tanh;

    public GatedCell(RecurrentGains gains, int steps, Func<Activation, double, ActivationMoments> moments)
        : base(gains, steps)
    {
        (_k, _kn) = (new TwoTime(steps), new TwoTime(steps));
        (_sigmoid, _tanh) = (new(Activation.Sigmoid, _k, moments), new(Activation.Tanh, _kn, moments));
    }

    public override TwoTime Forward(TwoTime x)
    {
        TwoTime freshest = new(Steps);
        for (int t = 0; t < Steps; t++)
        {
            TwoTime.Set(_k.Same, t, t, Preactivation(x.Same, Hidden.Same, t, t));
            _sigmoid.Reach(t);
            TwoTime.Set(_kn.Same, t, t, Candidate(x.Same, Hidden.Same, _k.Same, t, t));
            _tanh.Reach(t);
            for (int s = 0; s <= t; s++)
            {
                Step(x.Same, Hidden.Same, _k.Same, _kn.Same, freshest.Same, t, s);
                Step(x.Cross, Hidden.Cross, _k.Cross, _kn.Cross, freshest.Cross, t, s);
            }
        }

        return Hidden;
    }

    public override TwoTime Backward(TwoTime arriving, double[] alignment)
    {
        TwoTime toInput = new(arriving.Steps);
        Backward(arriving.Same, _k.Same, _kn.Same, Hidden.Same, AtGates.Same, toInput.Same);
        Backward(arriving.Cross, _k.Cross, _kn.Cross, Hidden.Cross, AtGates.Cross, toInput.Cross);
        return toInput.Scaled(Gains.InputBackward);
    }

    private void Step(double[,] x, double[,] h, double[,] k, double[,] kn, double[,] m, int t, int s)
    {
        TwoTime.Set(k, t, s, Preactivation(x, h, t, s));
        TwoTime.Set(kn, t, s, Candidate(x, h, k, t, s));
        double zz = _sigmoid.Values(k, t, s);
        double fresh = (1 - _sigmoid.Mean(t) - _sigmoid.Mean(s) + zz) * _tanh.Values(kn, t, s);
        TwoTime.Set(h, t, s, LeakyState.Forward(h, m, t, s, zz, _sigmoid.Mean(t), _sigmoid.Mean(s), fresh));
    }

    // dh_t = z dh_(t+1) + zeta_t, zeta = arriving + U^T of the three gates' gradients one step later.
    private void Backward(double[,] arriving, double[,] k, double[,] kn, double[,] h, double[,] atGates, double[,] toInput)
    {
        int steps = arriving.GetLength(0);
        (double[,] dh, double[,] m) = (new double[steps, steps], new double[steps, steps]);
        for (int t = steps - 1; t >= 0; t--)
        {
            for (int s = steps - 1; s >= t; s--)
            {
                double fresh = arriving[t, s] + (s + 1 < steps ? Gains.Hidden * atGates[t + 1, s + 1] : 0);
                (double leak2, double leakT, double leakS) = s + 1 < steps
                    ? (_sigmoid.Values(k, t + 1, s + 1), _sigmoid.Mean(t + 1), _sigmoid.Mean(s + 1))
                    : (0, t + 1 < steps ? _sigmoid.Mean(t + 1) : 0, 0);
                TwoTime.Set(dh, t, s, LeakyState.Backward(dh, m, t, s, leak2, leakT, leakS, fresh));
                double slopes = _sigmoid.Slopes(k, t, s);
                double before = t > 0 ? h[t - 1, s - 1] : 0;
                double update = slopes * (before + _tanh.Values(kn, t, s));
                double candidate = (1 - _sigmoid.Mean(t) - _sigmoid.Mean(s) + _sigmoid.Values(k, t, s)) * _tanh.Slopes(kn, t, s);
                double reset = candidate * slopes * ((Gains.Hidden * before) + Gains.Bias);
                TwoTime.Set(atGates, t, s, dh[t, s] * (update + reset + (candidate * _sigmoid.Values(k, t, s))));
                TwoTime.Set(toInput, t, s, dh[t, s] * (update + reset + candidate));
            }
        }
    }

    // W x + b + r (U h + b)
    private double Candidate(double[,] x, double[,] h, double[,] k, int t, int s)
    {
        double recurrent = (s > 0 && t > 0 ? Gains.Hidden * h[t - 1, s - 1] : 0) + Gains.Bias;
        return (Gains.Input * x[t, s]) + Gains.Bias + (_sigmoid.Values(k, t, s) * recurrent);
    }
}
