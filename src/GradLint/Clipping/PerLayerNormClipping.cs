using static TorchSharp.torch;

namespace GradLint;

/// <summary>Scales the gradients of each layer on their own if their L2 norm exceeds a threshold. Each layer keeps its direction.</summary>
/// <remarks>
/// A layer is what the parameters of one module are: weight and bias of a <c>Linear</c> together. One exploding layer does not
/// take the step from the others, as it does under <see cref="GlobalNormClipping"/>; the direction of the whole changes.
/// </remarks>
/// <param name="MaxNorm">
/// The largest norm of a layer that is let pass. Greater than 0. Default 1.0, the value for which Keras's documentation shows
/// <c>clipnorm</c>, which limits each variable on its own.
/// </param>
public sealed record PerLayerNormClipping(double MaxNorm = 1.0) : GradientClipping
{
    internal override void Validate(List<string> problems) => RequirePositive(problems, nameof(MaxNorm), MaxNorm);

    internal override Clipper CreateClipper(bool throughMemory) => new PerLayerClipper(this, throughMemory);

    private sealed class PerLayerClipper(PerLayerNormClipping options, bool throughMemory) : Clipper
    {
        private int[] _layerOf = [];
        private SquareSum[] _squares = [];

        public override void Attach(GuardedParameters guarded)
        {
            string[] distinct = [.. guarded.Names.Select(Layer.Of).Distinct()];
            _layerOf = [.. guarded.Names.Select(name => Array.IndexOf(distinct, Layer.Of(name)))];
            _squares = new SquareSum[distinct.Length];
        }

        public override bool Clip(ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured)
        {
            Array.Fill(_squares, SquareSum.Zero);
            for (int i = 0; i < gradients.Length; i++)
            {
                _squares[_layerOf[i]] += measured.Each[i].Squares;
            }

            bool clipped = false;
            for (int i = 0; i < gradients.Length; i++)
            {
                SquareSum layer = _squares[_layerOf[i]];
                if (gradients[i] is not null && layer.Norm > options.MaxNorm)
                {
                    GradientScaling.Scale(gradients.Slice(i, 1), layer.FactorTo(options.MaxNorm), throughMemory);
                    clipped = true;
                }
            }

            return clipped;
        }
    }
}
