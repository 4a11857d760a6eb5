using System;

namespace GradLint.SignalPropagation;

/// <summary>c_t = f c_(t-1) + i g, h_t = o tanh c_t.</summary>
internal sealed class LongShortTermCell : RecurrentCell
{
    private readonly TwoTime _k;
    private readonly TwoTime _cell;
    private readonly GateMoments _sigmoid;
    private readonly GateMoments _tanh;
    private readonly GateMoments _out;

    public LongShortTermCell(RecurrentGains gains, int steps, Func<Activation, double, ActivationMoments> moments)
        : base(gains, steps)
    {
        (_k, _cell) = (new TwoTime(steps), new TwoTime(steps));
        (_sigmoid, _tanh, _out) = (new(Activation.Sigmoid, _k, moments), new(Activation.Tanh, _k, moments), new(Activation.Tanh, _cell, moments));
    }

    public override TwoTime Forward(TwoTime x)
    {
        TwoTime freshest = new(Steps);
        for (int t = 0; t < Steps; t++)
        {
            TwoTime.Set(_k.Same, t, t, Preactivation(x.Same, Hidden.Same, t, t));
            _sigmoid.Reach(t);
            _tanh.Reach(t);
            for (int s = 0; s <= t; s++)
            {
                Step(x.Same, Hidden.Same, _k.Same, _cell.Same, freshest.Same, t, s);
                Step(x.Cross, Hidden.Cross, _k.Cross, _cell.Cross, freshest.Cross, t, s);
            }

            _out.Reach(t);
            for (int s = 0; s <= t; s++)
            {
                TwoTime.Set(Hidden.Same, t, s, _sigmoid.Values(_k.Same, t, s) * _out.Values(_cell.Same, t, s));
                TwoTime.Set(Hidden.Cross, t, s, _sigmoid.Values(_k.Cross, t, s) * _out.Values(_cell.Cross, t, s));
            }
        }

        return Hidden;
    }

    // dc_t = f dc_(t+1) + o tanh'(c_t) dh_t; dh_t = arriving + W^T of the four gates' gradients one step later.
    public override TwoTime Backward(TwoTime arriving, double[] alignment)
    {
        Backward(arriving.Same, _k.Same, _cell.Same, AtGates.Same);
        Backward(arriving.Cross, _k.Cross, _cell.Cross, AtGates.Cross);
        return ToInput();
    }

    private void Step(double[,] x, double[,] h, double[,] k, double[,] cell, double[,] m, int t, int s)
    {
        TwoTime.Set(k, t, s, Preactivation(x, h, t, s));
        double gates = _sigmoid.Values(k, t, s);
        double fresh = gates * _tanh.Values(k, t, s);
        TwoTime.Set(cell, t, s, LeakyState.Forward(cell, m, t, s, gates, _sigmoid.Mean(t), _sigmoid.Mean(s), fresh));
    }

    private void Backward(double[,] arriving, double[,] k, double[,] cell, double[,] atGates)
    {
        int steps = arriving.GetLength(0);
        (double[,] dc, double[,] m) = (new double[steps, steps], new double[steps, steps]);
        for (int t = steps - 1; t >= 0; t--)
        {
            for (int s = steps - 1; s >= t; s--)
            {
                double dh = arriving[t, s] + (s + 1 < steps ? Gains.Hidden * atGates[t + 1, s + 1] : 0);
                double output = _sigmoid.Values(k, t, s) * _out.Slopes(cell, t, s);
                (double leak2, double leakT, double leakS) = s + 1 < steps
                    ? (_sigmoid.Values(k, t + 1, s + 1), _sigmoid.Mean(t + 1), _sigmoid.Mean(s + 1))
                    : (0, t + 1 < steps ? _sigmoid.Mean(t + 1) : 0, 0);
                TwoTime.Set(dc, t, s, LeakyState.Backward(dc, m, t, s, leak2, leakT, leakS, output * dh));
                double slopes = _sigmoid.Slopes(k, t, s);
                double before = t > 0 ? cell[t - 1, s - 1] : 0;
                double throughCell = (slopes * _tanh.Values(k, t, s)) + (slopes * before) + (_sigmoid.Values(k, t, s) * _tanh.Slopes(k, t, s));
                TwoTime.Set(atGates, t, s, (dc[t, s] * throughCell) + (dh * slopes * _out.Values(cell, t, s)));
            }
        }
    }
}
