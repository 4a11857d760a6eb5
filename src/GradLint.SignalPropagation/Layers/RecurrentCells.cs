using System;

namespace GradLint.SignalPropagation;

/// <summary>What the weights of a recurrent layer multiply second moments by.</summary>
/// <param name="Input">g_ih = D Var W_ih, forward.</param>
/// <param name="Hidden">g_hh = H Var W_hh, forward and backward.</param>
/// <param name="Bias">The variance of one bias; there are two of them.</param>
/// <param name="InputBackward">H Var W_ih, to each input.</param>
/// <param name="Width">H.</param>
internal readonly record struct RecurrentGains(double Input, double Hidden, double Bias, double InputBackward, double Width);

/// <summary>A covariance over two times, for one sample and for two different ones.</summary>
internal sealed class TwoTime
{
    private const double Largest = 1e280;

    /// <summary>All zero.</summary>
    public TwoTime(int steps)
    {
        Same = new double[steps, steps];
        Cross = new double[steps, steps];
    }

    /// <summary>E a_t a_s of one sample.</summary>
    public double[,] Same { get; }

    /// <summary>E a_t a'_s of two samples.</summary>
    public double[,] Cross { get; }

    /// <summary>T.</summary>
    public int Steps => Same.GetLength(0);

    /// <summary>A covariance with mean 1 on the diagonal.</summary>
    public static TwoTime Of(int steps, Pairs correlation, Profile? profile)
    {
        double[] root = new double[steps];
        double[]? given = profile?.Axis(0);
        for (int t = 0; t < steps; t++)
        {
            // A profile of another length is that of a longer sequence, whose end is what counts.
            int place = given is null ? 0 : given.Length - steps + t;
            root[t] = given is null || place < 0 ? 1 : Math.Sqrt(given[place] * steps / given.Length);
        }

        TwoTime result = new(steps);
        result.Fill((t, s) => root[t] * root[s] * (t == s ? 1 : correlation.Position), (t, s) => root[t] * root[s] * (t == s ? correlation.Sample : correlation.Both));
        return result;
    }

    /// <summary>Sets every element; symmetric.</summary>
    public void Fill(Func<int, int, double> same, Func<int, int, double> cross)
    {
        for (int t = 0; t < Steps; t++)
        {
            for (int s = 0; s <= t; s++)
            {
                Set(Same, t, s, same(t, s));
                Set(Cross, t, s, cross(t, s));
            }
        }
    }

    /// <summary>Sets an element and its mirror image, within range.</summary>
    public static void Set(double[,] matrix, int t, int s, double value) => matrix[t, s] = matrix[s, t] = Math.Max(-Largest, Math.Min(Largest, value));

    /// <summary>All elements times a factor.</summary>
    public TwoTime Scaled(double factor)
    {
        TwoTime result = new(Steps);
        result.Fill((t, s) => factor * Same[t, s], (t, s) => factor * Cross[t, s]);
        return result;
    }

    /// <summary>The mean over time of E a_t^2.</summary>
    public double MeanDiagonal()
    {
        double sum = 0;
        for (int t = 0; t < Steps; t++)
        {
            sum += Same[t, t] / Steps;
        }

        return sum;
    }

    /// <summary>The correlations, averaged over times.</summary>
    public Pairs Correlations()
    {
        double q = Math.Max(1e-300, MeanDiagonal());
        double sample = 0;
        double position = 0;
        double both = 0;
        for (int t = 0; t < Steps; t++)
        {
            for (int s = 0; s < Steps; s++)
            {
                sample += t == s ? Cross[t, s] : 0;
                position += t == s ? 0 : Same[t, s];
                both += t == s ? 0 : Cross[t, s];
            }
        }

        double pairs = Math.Max(1, Steps * (Steps - 1));
        return new Pairs(sample / Steps / q, position / pairs / q, both / pairs / q);
    }

    /// <summary>How E a_t^2 varies over time.</summary>
    public Profile Profile()
    {
        double[] diagonal = new double[Steps];
        for (int t = 0; t < Steps; t++)
        {
            diagonal[t] = Same[t, t];
        }

        return GradLint.SignalPropagation.Profile.Of(diagonal);
    }
}

/// <summary>An activation at every step of a recurrence, with its two-time functions.</summary>
internal sealed class GateMoments
{
    private readonly ActivationMoments[] _at;
    private readonly TwoTime _k;

    /// <summary>The activation at preactivations of covariance K.</summary>
    public GateMoments(Activation function, TwoTime k)
    {
        _k = k;
        _at = new ActivationMoments[k.Steps];
        for (int t = 0; t < k.Steps; t++)
        {
            double lnQ = Math.Log(Math.Max(1e-300, k.Same[t, t]));
            bool settled = t > 0 && Math.Abs(k.Same[t, t] - k.Same[t - 1, t - 1]) < 1e-6 * k.Same[t, t];
            _at[t] = settled ? _at[t - 1] : function.Moments(lnQ, 0);
        }
    }

    /// <summary>E f(u_t).</summary>
    public double Mean(int t) => _at[t].MeanRatio * Math.Exp(0.5 * _at[t].LnV);

    /// <summary>E f(u_t) f(u_s).</summary>
    public double Values(double[,] k, int t, int s) => _at[Math.Max(t, s)].C(Rho(k, t, s)) * Math.Exp(0.5 * (_at[t].LnV + _at[s].LnV));

    /// <summary>E f'(u_t) f'(u_s).</summary>
    public double Slopes(double[,] k, int t, int s) => _at[Math.Max(t, s)].Dc(Rho(k, t, s)) * Math.Exp(0.5 * (_at[t].LnD + _at[s].LnD));

    /// <summary>E f'(u_t).</summary>
    public double MeanSlope(int t) => _at[t].SlopeRatio * Math.Exp(0.5 * _at[t].LnD);

    private double Rho(double[,] k, int t, int s) => k[t, s] / Math.Sqrt(Math.Max(1e-300, _k.Same[t, t] * _k.Same[s, s]));
}

/// <summary>The two-time recursions of a cell. Forward must run before backward.</summary>
internal abstract class RecurrentCell
{
    /// <summary>A cell.</summary>
    protected RecurrentCell(RecurrentGains gains) => Gains = gains;

    /// <summary>T.</summary>
    public int Steps => Hidden.Steps;

    /// <summary>The weights.</summary>
    protected RecurrentGains Gains { get; }

    /// <summary>E h_t h_s.</summary>
    protected TwoTime Hidden { get; set; } = new(0);

    /// <summary>E a_t a_s, the sum over the gates of the gradients at their preactivations.</summary>
    protected TwoTime AtGates { get; set; } = new(0);

    /// <summary>E h_t h_s from E x_t x_s.</summary>
    public abstract TwoTime Forward(TwoTime x);

    /// <summary>E dL/dx_t dL/dx_s from the gradients that arrive at h from outside.</summary>
    public abstract TwoTime Backward(TwoTime arriving);

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

    /// <summary>One more step of a symmetric covariance after another: all s up to t.</summary>
    protected static void ForEachForward(int steps, Action<int, int> visit)
    {
        for (int t = 0; t < steps; t++)
        {
            for (int s = 0; s <= t; s++)
            {
                visit(t, s);
            }
        }
    }

    /// <summary>To the gradient at x.</summary>
    protected TwoTime ToInput() => AtGates.Scaled(Gains.InputBackward);
}

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
                at[t] = _function.Moments(Math.Log(Math.Max(1e-300, _k.Same[t, t])), 0);
                for (int earlier = 0; earlier <= t; earlier++)
                {
                    double root = Math.Sqrt(Math.Max(1e-300, _k.Same[t, t] * _k.Same[earlier, earlier]));
                    double v = Math.Exp(0.5 * (at[t].LnV + at[earlier].LnV));
                    TwoTime.Set(Hidden.Same, t, earlier, v * at[t].C(_k.Same[t, earlier] / root));
                    TwoTime.Set(Hidden.Cross, t, earlier, v * at[t].C(_k.Cross[t, earlier] / root));
                }
            }
        });
        _f = new GateMoments(_function, _k);
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

/// <summary>What the gated cells share: a state that leaks, d_t = l d_(t+1) + zeta_t, where zeta is correlated over time because its weights are the same at every step.</summary>
internal static class LeakyState
{
    /// <summary>Forward: y_t = l_t y_(t-1) + n_t, for the element (t, s), s at most t. M(t, s) = E y_t n_s.</summary>
    public static double Forward(double[,] y, double[,] m, int t, int s, double leakSquare, double leakT, double leakS, double fresh)
    {
        double mts = (t > 0 ? leakT * m[t - 1, s] : 0) + fresh;
        double mst = (s > 0 ? leakS * m[s - 1, t] : 0) + fresh;
        m[t, s] = mts;
        m[s, t] = mst;
        double carried = t > 0 && s > 0 ? leakSquare * y[t - 1, s - 1] : 0;
        return carried + (t > 0 ? leakT * m[t - 1, s] : 0) + (s > 0 ? leakS * m[s - 1, t] : 0) + fresh;
    }

    /// <summary>Backward: d_t = l_(t+1) d_(t+1) + zeta_t, for the element (t, s), s at least t. M(t, s) = E d_t zeta_s.</summary>
    public static double Backward(double[,] d, double[,] m, int t, int s, double leakSquare, double leakT, double leakS, double fresh)
    {
        int steps = d.GetLength(0);
        double fromT = t + 1 < steps ? leakT * m[t + 1, s] : 0;
        double fromS = s + 1 < steps ? leakS * m[s + 1, t] : 0;
        double carried = s + 1 < steps && t + 1 < steps ? leakSquare * d[t + 1, s + 1] : 0;
        m[t, s] = fromT + fresh;
        m[s, t] = fromS + fresh;
        return carried + fromT + fromS + fresh;
    }
}

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
            double lnK = Math.Log(Math.Max(1e-300, _k.Same[t, t]));
            (sigmoid[t], tanh[t]) = (Activation.Sigmoid.Moments(lnK, 0), Activation.Tanh.Moments(lnK, 0));
            for (int s = 0; s <= t; s++)
            {
                TwoTime.Set(_k.Same, t, s, Preactivation(x.Same, Hidden.Same, t, s));
                TwoTime.Set(_k.Cross, t, s, Preactivation(x.Cross, Hidden.Cross, t, s));
                Step(_k.Same, _cell.Same, same, t, s, sigmoid, tanh);
                Step(_k.Cross, _cell.Cross, cross, t, s, sigmoid, tanh);
            }

            squash[t] = Activation.Tanh.Moments(Math.Log(Math.Max(1e-300, _cell.Same[t, t])), 0);
            for (int s = 0; s <= t; s++)
            {
                TwoTime.Set(Hidden.Same, t, s, Two(_k.Same, _k.Same, sigmoid, t, s) * Two(_cell.Same, _cell.Same, squash, t, s));
                TwoTime.Set(Hidden.Cross, t, s, Two(_k.Cross, _k.Same, sigmoid, t, s) * Two(_cell.Cross, _cell.Same, squash, t, s));
            }
        }

        _sigmoid = new GateMoments(Activation.Sigmoid, _k);
        _tanh = new GateMoments(Activation.Tanh, _k);
        _out = new GateMoments(Activation.Tanh, _cell);
        return Hidden;
    }

    // dc_t = f dc_(t+1) + o tanh'(c_t) dh_t; dh_t = arriving + W^T of the four gates' gradients one step later.
    public override TwoTime Backward(TwoTime arriving)
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
            sigmoid[t] = Activation.Sigmoid.Moments(Math.Log(Math.Max(1e-300, _k.Same[t, t])), 0);
            TwoTime.Set(_kn.Same, t, t, Candidate(x.Same, Hidden.Same, _k.Same, sigmoid, t, t));
            tanh[t] = Activation.Tanh.Moments(Math.Log(Math.Max(1e-300, _kn.Same[t, t])), 0);
            for (int s = 0; s <= t; s++)
            {
                Step(x.Same, Hidden.Same, _k.Same, _kn.Same, same, t, s, sigmoid, tanh);
                Step(x.Cross, Hidden.Cross, _k.Cross, _kn.Cross, cross, t, s, sigmoid, tanh);
            }
        }

        _sigmoid = new GateMoments(Activation.Sigmoid, _k);
        _tanh = new GateMoments(Activation.Tanh, _kn);
        return Hidden;
    }

    public override TwoTime Backward(TwoTime arriving)
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
