using System.Globalization;
using TorchSharp.Modules;

namespace GradLint;

/// <summary>Finds gradients that vanish on their way back: the first weight layer's norm is tiny, in itself and beside the last's.</summary>
/// <remarks>
/// The two thresholds are those of AutoTrainer (2021); the logarithms of 32 steps are averaged. As there, a model that has learned is not
/// blamed: nothing is said once the loss, averaged over 32 steps, is below half of what it was in the first 32.
/// </remarks>
public sealed record VanishingGradientDetection
{
    /// <summary>The smallest ratio of the first layer's norm to the last's that is in order. Between 0 and 1. Default 1e-3, as in AutoTrainer.</summary>
    public double MinRatio { get; init; } = 1e-3;

    /// <summary>The smallest norm of the first layer that is in order whatever the ratio. Greater than 0. Default 1e-4, as in AutoTrainer.</summary>
    public double MinNorm { get; init; } = 1e-4;

    internal void Validate(List<string> problems)
    {
        AdviceOptions.Require(
            problems, MinRatio is > 0 and < 1, $"{nameof(VanishingGradientDetection)}.{nameof(MinRatio)}", MinRatio, "between 0 and 1");
        AdviceOptions.Require(
            problems, MinNorm > 0, $"{nameof(VanishingGradientDetection)}.{nameof(MinNorm)}", MinNorm, "greater than 0");
    }
}

internal sealed class VanishingGradientDetector(VanishingGradientDetection options) : AdvisoryDetector
{
    private const int Window = 32;

    private readonly LayerEnds _ends = new();
    private double _firstLoss;
    private double _loss;
    private int _losses;

    /// <summary>Losses that may be negative tell nothing here, and neither do missing ones.</summary>
    private bool HasLearned => _losses > 0 && _firstLoss > 0 && _loss < 0.5 * _firstLoss;

    public override void Attach(IReadOnlyList<string> names, IReadOnlyList<Parameter> parameters) => _ends.Attach(names, parameters);

    public override Advice? Observe(in ObservedStep step)
    {
        if (step.Loss is { } loss)
        {
            Average(loss);
        }

        return _ends.Add(step)
            && IsNews(_ends.IsReady && _ends.Ratio < options.MinRatio && _ends.FirstNorm < options.MinNorm && !HasLearned)
            ? new Advice(
                AdviceKind.VanishingGradient,
                step.Number,
                _ends.Ratio,
                options.MinRatio,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The gradient of {_ends.FirstName} has a norm of {_ends.FirstNorm:G3}, {_ends.Ratio:G3} times that of {_ends.LastName}: ")
                + "it vanishes on its way back. Try He initialization with ReLU, normalization layers or skip connections.",
                [_ends.FirstName, _ends.LastName])
            : null;
    }

    public override void Save(BinaryWriter writer)
    {
        base.Save(writer);
        _ends.Save(writer);
        writer.Write(_firstLoss);
        writer.Write(_loss);
        writer.Write(_losses);
    }

    public override void Load(BinaryReader reader)
    {
        base.Load(reader);
        _ends.Load(reader);
        _firstLoss = reader.ReadDouble();
        _loss = reader.ReadDouble();
        _losses = reader.ReadInt32();
    }

    private void Average(double loss)
    {
        _losses = Math.Min(_losses + 1, Window + 1);
        if (_losses <= Window)
        {
            _firstLoss += (loss - _firstLoss) / _losses;
        }

        _loss += (loss - _loss) / Math.Min(_losses, Window);
    }
}
