using System;

namespace GradLint.SignalPropagation;

/// <summary>What the weights of a recurrent layer multiply second moments by.</summary>
/// <param name="Input">g_ih = D Var W_ih, forward.</param>
/// <param name="Hidden">g_hh = H Var W_hh, forward and backward.</param>
/// <param name="Bias">The variance of one bias; there are two of them.</param>
/// <param name="InputBackward">H Var W_ih, to each input.</param>
/// <param name="Width">H.</param>
internal readonly record struct RecurrentGains(double Input, double Hidden, double Bias, double InputBackward, double Width);

/// <summary>The two-time recursions of a cell. Forward must run before backward.</summary>
internal abstract class RecurrentCell
{
    /// <summary>A cell over T steps.</summary>
    protected RecurrentCell(RecurrentGains gains, int steps) => (Gains, Hidden, AtGates) = (gains, new TwoTime(steps), new TwoTime(steps));

    /// <summary>T.</summary>
    public int Steps => Hidden.Steps;

    /// <summary>The weights.</summary>
    protected RecurrentGains Gains { get; }

    /// <summary>E h_t h_s.</summary>
    protected TwoTime Hidden { get; }

    /// <summary>E a_t a_s, the sum over the gates of the gradients at their preactivations.</summary>
    protected TwoTime AtGates { get; }

    /// <summary>E h_t h_s from E x_t x_s.</summary>
    public abstract TwoTime Forward(TwoTime x);

    /// <summary>E dL/dx_t dL/dx_s from the gradients that arrive at h from outside.</summary>
    /// <param name="arriving">E dL/dh_t dL/dh_s.</param>
    /// <param name="alignment">kappa_t at each step: the part kappa_t h_t of the gradient that arrives follows the state itself.</param>
    public abstract TwoTime Backward(TwoTime arriving, double[] alignment);

    /// <summary>kappa_t at the input after the backward pass: the part of dL/dx_t that follows x_t itself.</summary>
    public virtual double[] InputAlignment => new double[Steps];

    /// <summary>What arrives at the states from the cell above, with the part that follows them on top: kappa_t kappa_s E h_t h_s.</summary>
    public TwoTime Aligned(TwoTime arriving, double[] alignment)
    {
        TwoTime result = new(Steps);
        result.Fill(
            (t, s) => arriving.Same[t, s] + (alignment[t] * alignment[s] * Hidden.Same[t, s]),
            (t, s) => arriving.Cross[t, s] + (alignment[t] * alignment[s] * Hidden.Cross[t, s]));
        return result;
    }

    /// <summary>kappa_t from the alignment of a gradient of mean power 1 with the states over all steps, which follows the power over time.</summary>
    public double[] AlignmentByStep(double alignment, TwoTime arriving)
    {
        double[] byStep = new double[Steps];
        for (int t = 0; t < Steps && alignment != 0; t++)
        {
            byStep[t] = alignment * arriving.Same[t, t] / Math.Sqrt(Math.Max(1e-300, Hidden.Same[t, t]));
        }

        return byStep;
    }

    /// <summary>ln E |dL/dW_hh|^2 = ln H^2 sum over pairs of steps and samples of E a a' E h h'.</summary>
    public double LnWeightGradient(double samples)
    {
        double sum = 0;
        for (int t = 1; t < Steps; t++)
        {
            for (int s = 1; s < Steps; s++)
            {
                sum += (AtGates.Same[t, s] * Hidden.Same[t - 1, s - 1]) + ((samples - 1) * AtGates.Cross[t, s] * Hidden.Cross[t - 1, s - 1]);
            }
        }

        return Math.Log(Math.Max(1e-300, sum * samples * Gains.Width * Gains.Width));
    }

    /// <summary>E of the preactivations: g_ih E x x' + g_hh E h h' one step before + the biases.</summary>
    protected double Preactivation(double[,] x, double[,] h, int t, int s) =>
        (Gains.Input * x[t, s]) + (s > 0 && t > 0 ? Gains.Hidden * h[t - 1, s - 1] : 0) + (2 * Gains.Bias);

    /// <summary>To the gradient at x.</summary>
    protected TwoTime ToInput() => AtGates.Scaled(Gains.InputBackward);
}
