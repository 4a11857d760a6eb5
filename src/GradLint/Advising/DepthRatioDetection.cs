using System.Globalization;
using TorchSharp.Modules;

namespace GradLint;

/// <summary>Finds gradients that explode on their way back: the first weight layer's norm is many times the last's.</summary>
/// <remarks>
/// AutoTrainer (Zhang, Zhai, Ma and Shen, "AUTOTRAINER: An automatic DNN training problem detection and repair system", 2021) looks at
/// single batches; here the logarithms of 32 steps are averaged. The same number that the analyzer predicts from source code.
/// </remarks>
public sealed record DepthRatioDetection
{
    /// <summary>The largest ratio that is in order. Greater than 1. Default 70, as in AutoTrainer.</summary>
    public double MaxRatio { get; init; } = 70;

    internal void Validate(List<string> problems) =>
        AdviceOptions.Require(problems, MaxRatio > 1, $"{nameof(DepthRatioDetection)}.{nameof(MaxRatio)}", MaxRatio, "greater than 1");
}

internal sealed class DepthRatioDetector(DepthRatioDetection options) : AdvisoryDetector
{
    private readonly LayerEnds _ends = new();

    public override void Attach(IReadOnlyList<string> names, IReadOnlyList<Parameter> parameters) => _ends.Attach(names, parameters);

    public override Advice? Observe(in ObservedStep step) =>
        _ends.Add(step) && IsNews(_ends.IsReady && _ends.Ratio > options.MaxRatio)
            ? new Advice(
                AdviceKind.DepthRatio,
                step.Number,
                _ends.Ratio,
                options.MaxRatio,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The gradient of {_ends.FirstName} is {_ends.Ratio:G3} times as large as that of {_ends.LastName}: it explodes on its way back. ")
                + "Try smaller initial weights (Xavier, He), normalization layers or skip connections.",
                [_ends.FirstName, _ends.LastName])
            : null;

    public override void Save(BinaryWriter writer)
    {
        base.Save(writer);
        _ends.Save(writer);
    }

    public override void Load(BinaryReader reader)
    {
        base.Load(reader);
        _ends.Load(reader);
    }
}
