using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>One piece of memory on a device in which gradients of one type lie side by side, each in whole blocks.</summary>
internal sealed class FlatBuffer : IDisposable
{
    /// <summary>So many elements share a norm and a largest magnitude: half of what a bias wastes on average.</summary>
    private const int BlockSize = 1024;

    /// <summary>Squares of larger norms do not fit into a double.</summary>
    private const double LargestSquared = 1e150;

    private readonly int[] _parameters;
    private readonly int[] _firstBlocks;
    private readonly Tensor _flat;
    private readonly Tensor[] _views;
    private readonly bool[] _isHeld;

    /// <param name="parameters">The indices of those whose gradients it holds.</param>
    /// <param name="all">All parameters. Those here have the same type and device.</param>
    public FlatBuffer(int[] parameters, IReadOnlyList<Parameter> all)
    {
        using IDisposable noGradient = torch.no_grad();
        _parameters = parameters;
        _firstBlocks = new int[parameters.Length + 1];
        for (int i = 0; i < parameters.Length; i++)
        {
            _firstBlocks[i + 1] = _firstBlocks[i] + (int)((all[parameters[i]].numel() + BlockSize - 1) / BlockSize);
        }

        Parameter first = all[parameters[0]];
        _flat = torch.zeros((long)_firstBlocks[^1] * BlockSize, first.dtype, first.device).DetachFromDisposeScope();
        _views =
        [
            .. parameters.Select((parameter, i) =>
            {
                using Tensor piece = _flat.narrow(0, (long)_firstBlocks[i] * BlockSize, all[parameter].numel());
                return piece.view(all[parameter].shape).DetachFromDisposeScope();
            }),
        ];
        _isHeld = new bool[parameters.Length];
    }

    public ReadOnlySpan<int> Parameters => _parameters;

    public Device Device => _flat.device;

    private int Blocks => _firstBlocks[^1];

    /// <summary>Moves a gradient into the buffer. False if it does not fit.</summary>
    public bool TryHold(int place, Parameter parameter, Tensor gradient)
    {
        Tensor view = _views[place];
        if (gradient.is_sparse || gradient.dtype != view.dtype || gradient.device_type != view.device_type
            || !gradient.shape.AsSpan().SequenceEqual(view.shape))
        {
            return false;
        }

        using IDisposable noGradient = torch.no_grad();
        _ = view.copy_(gradient);
        parameter.grad = view;
        return _isHeld[place] = true;
    }

    /// <summary>The parameter has no gradient any more, or one that lies elsewhere.</summary>
    public void LetGo(int place)
    {
        if (_isHeld[place])
        {
            using IDisposable noGradient = torch.no_grad();
            _ = _views[place].zero_();
            _isHeld[place] = false;
        }
    }

    public bool IsHeld(int place) => _isHeld[place];

    /// <summary>Each block's norm, then each block's largest magnitude, in double precision, on the device: a handful of kernels.</summary>
    public Tensor Summary()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor blocks = _flat.view(Blocks, BlockSize);
        Tensor values = blocks.dtype is ScalarType.Float32 or ScalarType.Float64 ? blocks : blocks.to(ScalarType.Float32);
        Tensor summary = torch.cat(
            [torch.linalg.vector_norm(values, 2, [1]), torch.linalg.vector_norm(values, double.PositiveInfinity, [1])]);
        return summary.to(ScalarType.Float64).MoveToOuterDisposeScope();
    }

    /// <summary>Adds up what <see cref="Summary"/> tells; reads a gradient that is not finite, or tiny, once more.</summary>
    /// <returns>How many numbers of the summary were used.</returns>
    public int Read(ReadOnlySpan<double> summary, Span<TensorStatistics> statistics)
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            if (_isHeld[i])
            {
                int blocks = _firstBlocks[i + 1] - _firstBlocks[i];
                statistics[_parameters[i]] =
                    Sum(summary.Slice(_firstBlocks[i], blocks), summary.Slice(Blocks + _firstBlocks[i], blocks))
                    ?? TensorScan.ScanWithCare(_views[i]);
            }
        }

        return 2 * Blocks;
    }

    /// <summary>The norms in a summary.</summary>
    public Tensor NormsIn(Tensor summary) => summary.narrow(0, 0, Blocks);

    /// <summary>
    /// Like <see cref="Read"/>, when the gradients themselves are no longer there: blocks that are not finite are counted instead of elements.
    /// </summary>
    public int ReadLate(ReadOnlySpan<double> summary, Span<TensorStatistics> statistics)
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            TensorStatistics total = TensorStatistics.Empty;
            for (int block = _firstBlocks[i]; block < _firstBlocks[i + 1]; block++)
            {
                total += double.IsFinite(summary[block])
                    ? new(SquareSum.OfNorm(summary[block]), summary[Blocks + block], 0)
                    : new(SquareSum.Zero, 0, 1);
            }

            statistics[_parameters[i]] = total;
        }

        return 2 * Blocks;
    }

    /// <summary>Multiplies with a factor on the device. What is not finite becomes zero: zero times NaN would be NaN.</summary>
    public void ScaleFinite(Tensor factor)
    {
        _ = _flat.nan_to_num_(0, 0, 0);
        _ = _flat.mul_(factor.to(_flat.dtype).to(_flat.device));
    }

    public void Scale(double factor) => GradientScaling.Scale([_flat], factor, throughMemory: false);

    public void Dispose()
    {
        foreach (Tensor view in _views)
        {
            view.Dispose();
        }

        _flat.Dispose();
    }

    private static TensorStatistics? Sum(ReadOnlySpan<double> norms, ReadOnlySpan<double> largest)
    {
        var total = new TensorStatistics(SquareSum.Zero, 0, 0);
        for (int block = 0; block < norms.Length; block++)
        {
            if (!TensorScan.IsTrusted(norms[block], largest[block]))
            {
                return null;
            }

            SquareSum squares = norms[block] < LargestSquared
                ? new(norms[block] * norms[block], 1)
                : SquareSum.OfNorm(norms[block]);
            total += new TensorStatistics(squares, largest[block], 0);
        }

        return total;
    }
}
