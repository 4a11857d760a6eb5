using System;

namespace GradLint.SignalPropagation;

/// <summary>c_t = f c_(t-1) + i g, h_t = o tanh c_t.</summary>
internal sealed class LongShortTermCell : RecurrentCell
{
    private TwoTime _k = new(0);
    private TwoTime _cell = new(0);
    private GateMoments? _sigmoid;
    private GateMoments? _tanh;
    private GateMoments? _out;

    public LongShortTermCell(RecurrentGains gains)
        : base(gains)
    {
    }

    public override TwoTime Forward(TwoTime x)
    {
        int steps = x.Steps;
        (Hidden, _k, _cell) = (new TwoTime(steps), new TwoTime(steps), new TwoTime(steps));
        (double[,] same, double[,] cross) = (new double[steps, steps], new double[steps, steps]);
        ActivationMoments[] sigmoid = new ActivationMoments[steps];
        ActivationMoments[] tanh = new ActivationMoments[steps];
        ActivationMoments[] squash = new ActivationMoments[steps];
        for (int t = 0; t < steps; t++)
        {
            TwoTime.Set(_k.Same, t, t, Preactivation(x.Same, Hidden.Same, t, t));
            (sigmoid[t], tanh[t]) = (GateMoments.At(Activation.Sigmoid, _k, t, sigmoid), GateMoments.At(Activation.Tanh, _k, t, tanh));
            for (int s = 0; s <= t; s++)
            {
                TwoTime.Set(_k.Same, t, s, Preactivation(x.Same, Hidden.Same, t, s));
                TwoTime.Set(_k.Cross, t, s, Preactivation(x.Cross, Hidden.Cross, t, s));
                Step(_k.Same, _cell.Same, same, t, s, sigmoid, tanh);
                Step(_k.Cross, _cell.Cross, cross, t, s, sigmoid, tanh);
            }

            squash[t] = GateMoments.At(Activation.Tanh, _cell, t, squash);
            for (int s = 0; s <= t; s++)
            {
                TwoTime.Set(Hidden.Same, t, s, Two(_k.Same, _k.Same, sigmoid, t, s) * Two(_cell.Same, _cell.Same, squash, t, s));
                TwoTime.Set(Hidden.Cross, t, s, Two(_k.Cross, _k.Same, sigmoid, t, s) * Two(_cell.Cross, _cell.Same, squash, t, s));
            }
        }

        _sigmoid = new GateMoments(sigmoid, _k);
        _tanh = new GateMoments(tanh, _k);
        _out = new GateMoments(squash, _cell);
        return Hidden;
    }

    // dc_t = f dc_(t+1) + o tanh'(c_t) dh_t; dh_t = arriving + W^T of the four gates' gradients one step later.
    public override TwoTime Backward(TwoTime arriving, double[] alignment)
    {
        AtGates = new TwoTime(arriving.Steps);
        Backward(arriving.Same, _k.Same, _cell.Same, AtGates.Same);
        Backward(arriving.Cross, _k.Cross, _cell.Cross, AtGates.Cross);
        return ToInput();
    }

    private void Step(double[,] k, double[,] cell, double[,] m, int t, int s, ActivationMoments[] sigmoid, ActivationMoments[] tanh)
    {
        double gates = Two(k, _k.Same, sigmoid, t, s);
        double fresh = gates * Two(k, _k.Same, tanh, t, s);
        double value = LeakyState.Forward(cell, m, t, s, gates, Mean(sigmoid[t]), Mean(sigmoid[s]), fresh);
        TwoTime.Set(cell, t, s, value);
    }

    private void Backward(double[,] arriving, double[,] k, double[,] cell, double[,] atGates)
    {
        int steps = arriving.GetLength(0);
        (double[,] dc, double[,] m) = (new double[steps, steps], new double[steps, steps]);
        GateMoments sigmoid = _sigmoid!;
        for (int t = steps - 1; t >= 0; t--)
        {
            for (int s = steps - 1; s >= t; s--)
            {
                double dh = arriving[t, s] + (s + 1 < steps ? Gains.Hidden * atGates[t + 1, s + 1] : 0);
                double output = sigmoid.Values(k, t, s) * _out!.Slopes(cell, t, s);
                (double leak2, double leakT, double leakS) = s + 1 < steps
                    ? (sigmoid.Values(k, t + 1, s + 1), sigmoid.Mean(t + 1), sigmoid.Mean(s + 1))
                    : (0, t + 1 < steps ? sigmoid.Mean(t + 1) : 0, 0);
                TwoTime.Set(dc, t, s, LeakyState.Backward(dc, m, t, s, leak2, leakT, leakS, output * dh));
                double slopes = sigmoid.Slopes(k, t, s);
                double before = t > 0 ? cell[t - 1, s - 1] : 0;
                double throughCell = (slopes * _tanh!.Values(k, t, s)) + (slopes * before) + (sigmoid.Values(k, t, s) * _tanh.Slopes(k, t, s));
                TwoTime.Set(atGates, t, s, (dc[t, s] * throughCell) + (dh * slopes * _out.Values(cell, t, s)));
            }
        }
    }

    private static double Mean(ActivationMoments at) => at.MeanRatio * Math.Exp(0.5 * at.LnV);

    private static double Two(double[,] k, double[,] same, ActivationMoments[] at, int t, int s) =>
        at[t].C(k[t, s] / Math.Sqrt(Math.Max(1e-300, same[t, t] * same[s, s]))) * Math.Exp(0.5 * (at[t].LnV + at[s].LnV));
}
