using System;

namespace GradLint.SignalPropagation;

/// <summary>r, z gates; n = tanh(W x + r (U h)); h_t = z h_(t-1) + (1 - z) n.</summary>
internal sealed class GatedCell : RecurrentCell
{
    private TwoTime _k = new(0);
    private TwoTime _kn = new(0);
    private GateMoments? _sigmoid;
    private GateMoments? _tanh;

    public GatedCell(RecurrentGains gains)
        : base(gains)
    {
    }

    public override TwoTime Forward(TwoTime x)
    {
        int steps = x.Steps;
        (Hidden, _k, _kn) = (new TwoTime(steps), new TwoTime(steps), new TwoTime(steps));
        (double[,] same, double[,] cross) = (new double[steps, steps], new double[steps, steps]);
        ActivationMoments[] sigmoid = new ActivationMoments[steps];
        ActivationMoments[] tanh = new ActivationMoments[steps];
        for (int t = 0; t < steps; t++)
        {
            TwoTime.Set(_k.Same, t, t, Preactivation(x.Same, Hidden.Same, t, t));
            sigmoid[t] = GateMoments.At(Activation.Sigmoid, _k, t, sigmoid);
            TwoTime.Set(_kn.Same, t, t, Candidate(x.Same, Hidden.Same, _k.Same, sigmoid, t, t));
            tanh[t] = GateMoments.At(Activation.Tanh, _kn, t, tanh);
            for (int s = 0; s <= t; s++)
            {
                Step(x.Same, Hidden.Same, _k.Same, _kn.Same, same, t, s, sigmoid, tanh);
                Step(x.Cross, Hidden.Cross, _k.Cross, _kn.Cross, cross, t, s, sigmoid, tanh);
            }
        }

        _sigmoid = new GateMoments(sigmoid, _k);
        _tanh = new GateMoments(tanh, _kn);
        return Hidden;
    }

    public override TwoTime Backward(TwoTime arriving, double[] alignment)
    {
        AtGates = new TwoTime(arriving.Steps);
        TwoTime toInput = new(arriving.Steps);
        Backward(arriving.Same, _k.Same, _kn.Same, Hidden.Same, AtGates.Same, toInput.Same);
        Backward(arriving.Cross, _k.Cross, _kn.Cross, Hidden.Cross, AtGates.Cross, toInput.Cross);
        return toInput.Scaled(Gains.InputBackward);
    }

    private void Step(
        double[,] x, double[,] h, double[,] k, double[,] kn, double[,] m, int t, int s, ActivationMoments[] sigmoid, ActivationMoments[] tanh)
    {
        TwoTime.Set(k, t, s, Preactivation(x, h, t, s));
        TwoTime.Set(kn, t, s, Candidate(x, h, k, sigmoid, t, s));
        double zz = Two(k, _k.Same, sigmoid, t, s);
        double fresh = (1 - Mean(sigmoid[t]) - Mean(sigmoid[s]) + zz) * Two(kn, _kn.Same, tanh, t, s);
        TwoTime.Set(h, t, s, LeakyState.Forward(h, m, t, s, zz, Mean(sigmoid[t]), Mean(sigmoid[s]), fresh));
    }

    // dh_t = z dh_(t+1) + zeta_t, zeta = arriving + U^T of the three gates' gradients one step later.
    private void Backward(double[,] arriving, double[,] k, double[,] kn, double[,] h, double[,] atGates, double[,] toInput)
    {
        int steps = arriving.GetLength(0);
        (double[,] dh, double[,] m) = (new double[steps, steps], new double[steps, steps]);
        GateMoments sigmoid = _sigmoid!;
        for (int t = steps - 1; t >= 0; t--)
        {
            for (int s = steps - 1; s >= t; s--)
            {
                double fresh = arriving[t, s] + (s + 1 < steps ? Gains.Hidden * atGates[t + 1, s + 1] : 0);
                (double leak2, double leakT, double leakS) = s + 1 < steps
                    ? (sigmoid.Values(k, t + 1, s + 1), sigmoid.Mean(t + 1), sigmoid.Mean(s + 1))
                    : (0, t + 1 < steps ? sigmoid.Mean(t + 1) : 0, 0);
                TwoTime.Set(dh, t, s, LeakyState.Backward(dh, m, t, s, leak2, leakT, leakS, fresh));
                double slopes = sigmoid.Slopes(k, t, s);
                double before = t > 0 ? h[t - 1, s - 1] : 0;
                double update = slopes * (before + _tanh!.Values(kn, t, s));
                double candidate = (1 - sigmoid.Mean(t) - sigmoid.Mean(s) + sigmoid.Values(k, t, s)) * _tanh.Slopes(kn, t, s);
                double reset = candidate * slopes * ((Gains.Hidden * before) + Gains.Bias);
                TwoTime.Set(atGates, t, s, dh[t, s] * (update + reset + (candidate * sigmoid.Values(k, t, s))));
                TwoTime.Set(toInput, t, s, dh[t, s] * (update + reset + candidate));
            }
        }
    }

    // W x + b + r (U h + b)
    private double Candidate(double[,] x, double[,] h, double[,] k, ActivationMoments[] sigmoid, int t, int s)
    {
        double recurrent = (s > 0 && t > 0 ? Gains.Hidden * h[t - 1, s - 1] : 0) + Gains.Bias;
        return (Gains.Input * x[t, s]) + Gains.Bias + (Two(k, _k.Same, sigmoid, t, s) * recurrent);
    }

    private static double Mean(ActivationMoments at) => at.MeanRatio * Math.Exp(0.5 * at.LnV);

    private static double Two(double[,] k, double[,] same, ActivationMoments[] at, int t, int s) =>
        at[t].C(k[t, s] / Math.Sqrt(Math.Max(1e-300, same[t, t] * same[s, s]))) * Math.Exp(0.5 * (at[t].LnV + at[s].LnV));
}
