using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Limits each unit's gradient to a share of the unit's own weights: a step is large or small only beside what it changes.
/// </summary>
/// <remarks>
/// <para>
/// Brock, De, Smith and Simonyan, "High-performance large-scale image recognition without normalization" (2021): the gradient
/// G of a unit with weights W is scaled down to <c>MaxRatio * max(|W|, MinWeightNorm)</c>. A unit is one row of a weight matrix,
/// one filter of a convolution (the slice along the first dimension), or a whole bias or gain; a sparse gradient is one unit.
/// </para>
/// <para>
/// Meant for optimizers that follow the gradient's size, such as SGD with momentum; one that takes only signs undoes it.
/// The first dimension of a transposed convolution is its input, so there a unit is a channel of the input.
/// </para>
/// </remarks>
public sealed record AdaptiveGradientClipping : GradientClipping
{
    /// <summary>
    /// The largest ratio of gradient norm to weight norm. Greater than 0. Default 0.01, as in timm and for the paper's large batches.
    /// </summary>
    public double MaxRatio { get; init; } = 0.01;

    /// <summary>
    /// The weight norm that is taken where the true one is smaller. Greater than 0: with 0, parameters that start at zero would
    /// never be trained. Default 1e-3, as in the paper and in timm.
    /// </summary>
    public double MinWeightNorm { get; init; } = 1e-3;

    /// <summary>
    /// Whether the last layer's gradients are left alone. Default true, as the paper recommends. The last layer is the module of
    /// the last parameter in the model that has two dimensions or more.
    /// </summary>
    public bool ExceptLastLayer { get; init; } = true;

    internal override void Validate(List<string> problems)
    {
        RequirePositive(problems, nameof(MaxRatio), MaxRatio);
        RequirePositive(problems, nameof(MinWeightNorm), MinWeightNorm);
    }

    internal override Clipper CreateClipper(bool throughMemory) => new AdaptiveGradientClipper(this, throughMemory);

    private sealed class AdaptiveGradientClipper(AdaptiveGradientClipping options, bool throughMemory) : Clipper
    {
        private IReadOnlyList<Parameter> _parameters = [];
        private bool[] _excepted = [];

        public override void Attach(GuardedParameters guarded)
        {
            (IReadOnlyList<string> names, IReadOnlyList<Parameter> parameters) = (guarded.Names, guarded.Parameters);
            int last = parameters.Count - 1;
            while (last >= 0 && parameters[last].dim() < 2)
            {
                last--;
            }

            string? lastLayer = options.ExceptLastLayer && last >= 0 ? Layer.Of(names[last]) : null;
            _parameters = parameters;
            _excepted = [.. names.Select(name => Layer.Of(name) == lastLayer)];
        }

        public override bool Clip(ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured)
        {
            bool clipped = false;
            for (int i = 0; i < gradients.Length; i++)
            {
                if (gradients[i] is { } gradient && !_excepted[i] && measured.Each[i].Squares.Norm > 0)
                {
                    clipped |= ClipUnits(gradient, _parameters[i]);
                }
            }

            return clipped;
        }

        private bool ClipUnits(Tensor gradient, Parameter weights)
        {
            if (throughMemory && gradient.dtype == weights.dtype && !gradient.is_sparse
                && TensorMemory.TryGetBytes(gradient, out Span<byte> ofGradient)
                && TensorMemory.TryGetBytes(weights, out Span<byte> ofWeights))
            {
                int units = weights.dim() < 2 ? 1 : (int)weights.size(0);
                if (gradient.dtype == ScalarType.Float32)
                {
                    return ClipUnits<float, int>(
                        MemoryMarshal.Cast<byte, float>(ofGradient), MemoryMarshal.Cast<byte, float>(ofWeights), units);
                }

                if (gradient.dtype == ScalarType.Float64)
                {
                    return ClipUnits<double, long>(
                        MemoryMarshal.Cast<byte, double>(ofGradient), MemoryMarshal.Cast<byte, double>(ofWeights), units);
                }
            }

            return ClipTensorUnits(gradient, weights);
        }

        private bool ClipUnits<T, TBits>(Span<T> gradient, ReadOnlySpan<T> weights, int units)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>, IMinMaxValue<T>
            where TBits : unmanaged, IBinaryInteger<TBits>, IMinMaxValue<TBits>
        {
            bool clipped = false;
            int size = gradient.Length / units;
            for (int unit = 0; unit < units; unit++)
            {
                Span<T> slice = gradient.Slice(unit * size, size);
                SquareSum ofWeights = VectorScan.Scan<T, TBits>(weights.Slice(unit * size, size)).Squares;
                if (FactorFor(VectorScan.Scan<T, TBits>(slice).Squares, ofWeights) is { } factor)
                {
                    GradientScaling.Scale(slice, factor);
                    clipped = true;
                }
            }

            return clipped;
        }

        private double? FactorFor(SquareSum gradient, SquareSum weights)
        {
            double largest = options.MaxRatio * Math.Max(weights.Norm, options.MinWeightNorm);
            return gradient.Norm > largest ? gradient.FactorTo(largest) : null;
        }

        private bool ClipTensorUnits(Tensor gradient, Parameter weights)
        {
            using IDisposable noGradient = torch.no_grad();
            using DisposeScope scope = torch.NewDisposeScope();
            bool isOneUnit = weights.dim() < 2 || gradient.is_sparse;
            Tensor largest = options.MaxRatio * NormsOf(weights, isOneUnit).clamp_min(options.MinWeightNorm);
            // In double precision the norm of single-precision gradients does not overflow.
            Tensor norms = NormsOf(gradient.is_sparse ? gradient.to_dense() : gradient, isOneUnit);
            Tensor factors = (largest / norms.clamp_min(double.Epsilon)).clamp_max(1);
            if (!(factors < 1).any().ToBoolean())
            {
                return false;
            }

            if (gradient.is_sparse)
            {
                GradientScaling.Scale([gradient], factors.ToDouble(), throughMemory: false);
                return true;
            }

            long[] shape = [.. Enumerable.Repeat(1L, (int)gradient.dim())];
            if (!isOneUnit)
            {
                shape[0] = gradient.size(0);
            }

            _ = gradient.copy_(gradient.to(ScalarType.Float64) * factors.reshape(shape));
            return true;
        }

        private static Tensor NormsOf(Tensor values, bool isOneUnit)
        {
            Tensor wide = values.detach().to(ScalarType.Float64);
            return torch.linalg.vector_norm(isOneUnit ? wide.reshape(1, -1) : wide.reshape(wide.size(0), -1), 2, [1]);
        }
    }
}
