using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>A recurrent layer over [T, D]: its output is the hidden state at every step, [T, H].</summary>
/// <remarks>
/// The same matrix acts at every step, so that what it adds at two steps is correlated: the recursions are over two times, K(t, s) = E h_t h_s forward and Omega(t, s) = E d_t d_s
/// backward (the dynamical mean-field theory of Sompolinsky et al. 1988; for gated cells, Can et al. 2020). Each is carried for one sample and for two.
/// A bidirectional layer has a second cell for each layer, with time reversed. Growth through time, |dL/dx_1| / |dL/dx_T| with x_t the input at step t, is reported with the layer.
/// </remarks>
/// <param name="InputSize">D; null where it is unknown.</param>
/// <param name="HiddenSize">H; null where it is unknown.</param>
public abstract record RecurrentLayer(int? InputSize, int? HiddenSize) : WeightLayer
{
    /// <summary>Steps that are propagated one by one; longer sequences are extrapolated.</summary>
    internal const int MostSteps = 96;

    /// <summary>The default of all weights and biases: U(-1/sqrt H, 1/sqrt H).</summary>
    public static Initializer DefaultWeight { get; } = new FanInUniform();

    /// <summary>How the input weights W_ih are drawn; null for the same distribution as the recurrent weights W_hh, which <see cref="WeightLayer.Weight"/> gives.</summary>
    public Initializer? InputWeight { get; init; }

    /// <summary>The number of layers stacked on each other.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Whether a second cell runs from the last step to the first; the outputs of both stand side by side, 2 H features.</summary>
    public bool IsBidirectional { get; init; }

    /// <summary>How many blocks of H rows the weights have: 1, 4 for an LSTM, 3 for a GRU.</summary>
    internal abstract int Gates { get; }

    internal override IEnumerable<(string Name, double? Size)> Sizes =>
        new (string, double?)[] { ("input size", InputSize), ("hidden size", HiddenSize), ("layers", Layers) };

    internal override Fans Fans(Step step) => new(Hidden(step), Gates * Hidden(step));

    internal override double WeightCount(Step step) => Gates * Hidden(step) * Hidden(step);

    /// <summary>The cell's recursions over so many steps, with the moments of an activation at ln q.</summary>
    internal abstract RecurrentCell Cell(RecurrentGains gains, int steps, Func<Activation, double, ActivationMoments> moments);

    internal override Signal Forward(Step step)
    {
        (RecurrentCell[] cells, TwoTime output) = Run(step);
        step.Recurrent = cells;
        Signal x = step.Input;
        return new Signal
        {
            Shape = x.Shape.WithLast(HiddenSize * Directions),
            Axis = UnitAxis.Last,
            LnQ = Math.Log(Math.Max(1e-300, output.MeanDiagonal())),
            Correlation = output.Correlations(),
            CorrelationVariance = 1 / (Directions * Hidden(step)),
        };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        RecurrentCell[] cells = step.Recurrent!;
        int steps = cells[0].Steps;
        TwoTime arriving = TwoTime.Of(steps, gradient.Correlation, gradient.Profile);
        double[] alignment = cells[cells.Length - 1].AlignmentByStep(IsBidirectional ? 0 : gradient.Alignment, arriving);
        for (int layer = Layers - 1; layer >= 0; layer--)
        {
            // To each direction what arrives is the same; the input gets the sum.
            RecurrentCell forward = cells[layer * Directions];
            arriving = IsBidirectional
                ? forward.Backward(arriving, alignment).Plus(cells[(layer * Directions) + 1].Backward(arriving.Reversed(), alignment).Reversed())
                : forward.Backward(arriving, alignment);
            if (layer > 0 && !IsBidirectional)
            {
                alignment = forward.InputAlignment;
                arriving = cells[layer - 1].Aligned(arriving, alignment);
            }
        }

        double growth = 0.5 * Math.Log10(Math.Max(1e-300, arriving.Same[0, 0]) / Math.Max(1e-300, arriving.Same[steps - 1, steps - 1]));
        step.GrowthThroughTime = growth * Math.Max(1, step.Context.Positions(step.Input) - 1) / Math.Max(1, steps - 1);
        step.LnWeightGradient = gradient.LnP + cells[0].LnWeightGradient(step.Context.Options.BatchSize);
        return new[]
        {
            gradient with
            {
                Shape = step.Input.Shape,
                LnP = gradient.LnP + Math.Log(Math.Max(1e-300, arriving.MeanDiagonal())),
                MeanRatio = 0,
                UnitCorrelation = 0,
                Alignment = 0,
                CorrelationSlope = default,
                Correlation = arriving.Correlations(),
                Profile = arriving.Profile(),
            },
        };
    }

    /// <summary>That of the recurrent weights of the first layer.</summary>
    internal override double LnWeightGradient(Step step, Gradient gradient) => step.LnWeightGradient ?? double.NegativeInfinity;

    private (RecurrentCell[] Cells, TwoTime Output) Run(Step step)
    {
        double positions = step.Context.Positions(step.Input);
        int steps = (int)Math.Min(MostSteps, positions);
        if (positions > MostSteps)
        {
            step.Context.Assume($"beyond {MostSteps} steps a recurrence goes on as before");
        }

        TwoTime signal = TwoTime.Of(steps, step.Input.Correlation, null).Scaled(Math.Exp(Math.Min(200, step.Input.LnQ)));
        RecurrentCell[] cells = new RecurrentCell[Layers * Directions];
        for (int layer = 0; layer < Layers; layer++)
        {
            double inputs = layer == 0 ? step.Context.Width(InputSize ?? step.Input.Shape.Last) : Directions * Hidden(step);
            RecurrentCell forward = cells[layer * Directions] = Cell(Gains(step, inputs), steps, step.Context.Moments);
            if (IsBidirectional)
            {
                RecurrentCell backward = cells[(layer * Directions) + 1] = Cell(Gains(step, inputs), steps, step.Context.Moments);
                signal = forward.Forward(signal).Plus(backward.Forward(signal.Reversed()).Reversed()).Scaled(0.5);
            }
            else
            {
                signal = forward.Forward(signal);
            }
        }

        return (cells, signal);
    }

    private RecurrentGains Gains(Step step, double inputs)
    {
        double hidden = Hidden(step);
        Fans fans = Fans(step);
        double recurrent = Known(Weight).Variance(fans);
        double input = InputWeight is null ? recurrent : Known(InputWeight).Variance(new Fans(inputs, Gates * hidden));
        double bias = Bias is null ? 0 : Known(Bias).Variance(fans);
        return new RecurrentGains(inputs * input, hidden * recurrent, bias, hidden * input, hidden);
    }

    private int Directions => IsBidirectional ? 2 : 1;

    private double Hidden(Step step) => step.Context.Width(HiddenSize);

    private static Initializer Known(Initializer initializer) =>
        initializer.IsKnown ? initializer : throw new PredictionStopException("its initialization is unknown");
}

/// <summary>h_t = f(W_ih x_t + W_hh h_(t-1) + b).</summary>
/// <param name="InputSize">D; null where it is unknown.</param>
/// <param name="HiddenSize">H; null where it is unknown.</param>
public sealed record RNNLayer(int? InputSize, int? HiddenSize) : RecurrentLayer(InputSize, HiddenSize)
{
    /// <inheritdoc/>
    public override string Kind => "RNN";

    /// <summary>f: tanh by default, or ReLU.</summary>
    public Activation Nonlinearity { get; init; } = Activation.Tanh;

    internal override int Gates => 1;

    internal override RecurrentCell Cell(RecurrentGains gains, int steps, Func<Activation, double, ActivationMoments> moments) => new SimpleCell(gains, steps, Nonlinearity, moments);
}

/// <summary>The long short-term memory (Hochreiter and Schmidhuber 1997).</summary>
/// <param name="InputSize">D; null where it is unknown.</param>
/// <param name="HiddenSize">H; null where it is unknown.</param>
public sealed record LSTMLayer(int? InputSize, int? HiddenSize) : RecurrentLayer(InputSize, HiddenSize)
{
    /// <inheritdoc/>
    public override string Kind => "LSTM";

    internal override int Gates => 4;

    internal override RecurrentCell Cell(RecurrentGains gains, int steps, Func<Activation, double, ActivationMoments> moments) => new LongShortTermCell(gains, steps, moments);
}

/// <summary>The gated recurrent unit (Cho et al. 2014).</summary>
/// <param name="InputSize">D; null where it is unknown.</param>
/// <param name="HiddenSize">H; null where it is unknown.</param>
public sealed record GRULayer(int? InputSize, int? HiddenSize) : RecurrentLayer(InputSize, HiddenSize)
{
    /// <inheritdoc/>
    public override string Kind => "GRU";

    internal override int Gates => 3;

    internal override RecurrentCell Cell(RecurrentGains gains, int steps, Func<Activation, double, ActivationMoments> moments) => new GatedCell(gains, steps, moments);
}
