using static TorchSharp.torch;

namespace GradLint;

/// <summary>The gradients of one step, each and together. One instance serves all steps.</summary>
/// <param name="parameterCount">How many parameters there are.</param>
/// <param name="throughMemory">False measures with tensor operations only, as on another device.</param>
/// <param name="flat">Where gradients on a device lie; null if there are none.</param>
internal sealed class GradientMeasurement(int parameterCount, bool throughMemory, FlatGradients? flat = null)
{
    private readonly StatisticsReader _reader = new(throughMemory);
    private readonly TensorStatistics[] _each = new TensorStatistics[parameterCount];

    /// <summary>Those that do not lie in the flat buffers.</summary>
    private readonly Tensor?[] _others = new Tensor?[parameterCount];

    public ReadOnlySpan<TensorStatistics> Each => _each;

    /// <summary>Gradients that can be scaled all at once; null if there are none.</summary>
    public FlatGradients? Flat => flat;

    public TensorStatistics Total { get; private set; }

    /// <summary>Whether any parameter has a gradient.</summary>
    public bool Any { get; private set; }

    public bool IsFinite => Total.NonFinite == 0;

    /// <summary>Whether the norm of finite gradients is beyond the range of their own type.</summary>
    public bool NormOverflows { get; private set; }

    /// <param name="gradients">One for each parameter, or null.</param>
    /// <param name="farLoss">A loss on a device, which comes along with the gradients' norms; null if there is none.</param>
    /// <returns>That loss.</returns>
    public double? Read(ReadOnlySpan<Tensor?> gradients, Tensor? farLoss = null)
    {
        double? loss = null;
        if (flat is null)
        {
            _reader.Read(gradients, _each);
        }
        else
        {
            for (int i = 0; i < gradients.Length; i++)
            {
                _others[i] = flat.IsHeld(i) ? null : gradients[i];
            }

            _reader.Read(_others, _each);
            loss = flat.Read(_each, farLoss);
        }

        Summarize(gradients);
        return loss;
    }

    /// <summary>Takes over what was measured of some of the parameters.</summary>
    /// <param name="whole">The measurement of all.</param>
    /// <param name="indices">Which parameters.</param>
    /// <param name="gradients">Their gradients.</param>
    public void ReadPart(GradientMeasurement whole, ReadOnlySpan<int> indices, ReadOnlySpan<Tensor?> gradients)
    {
        for (int i = 0; i < indices.Length; i++)
        {
            _each[i] = whole.Each[indices[i]];
        }

        Summarize(gradients);
    }

    /// <summary>Takes over what a device has told of an earlier step.</summary>
    /// <param name="each">One entry for each parameter.</param>
    /// <param name="gradients">Which parameters have a gradient.</param>
    public void ReadLate(ReadOnlySpan<TensorStatistics> each, ReadOnlySpan<Tensor?> gradients)
    {
        each.CopyTo(_each);
        Summarize(gradients);
    }

    private void Summarize(ReadOnlySpan<Tensor?> gradients)
    {
        TensorStatistics total = TensorStatistics.Empty;
        double widestRange = 0;
        bool overflows = false;
        Any = false;
        for (int i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is { } gradient)
            {
                double range = NormRange.LargestNorm(gradient.dtype);
                overflows |= _each[i].Squares.Norm > range;
                widestRange = Math.Max(widestRange, range);
                total += _each[i];
                Any = true;
            }
        }

        Total = total;
        NormOverflows = IsFinite && (overflows || total.Squares.Norm > widestRange);
    }
}
