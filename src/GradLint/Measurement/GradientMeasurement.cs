using static TorchSharp.torch;

namespace GradLint;

/// <summary>The gradients of one step, each and together. One instance serves all steps.</summary>
internal sealed class GradientMeasurement(int parameterCount, bool throughMemory)
{
    private readonly StatisticsReader _reader = new(throughMemory);
    private readonly TensorStatistics[] _each = new TensorStatistics[parameterCount];

    public ReadOnlySpan<TensorStatistics> Each => _each;

    public TensorStatistics Total { get; private set; }

    /// <summary>Whether any parameter has a gradient.</summary>
    public bool Any { get; private set; }

    public bool IsFinite => Total.NonFinite == 0;

    /// <summary>Whether the norm of finite gradients is beyond the range of their own type.</summary>
    public bool NormOverflows { get; private set; }

    public void Read(ReadOnlySpan<Tensor?> gradients)
    {
        _reader.Read(gradients, _each);
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
