using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Finds steps that are large or small beside the weights that they change: |dW| / |W|, whatever the optimizer.</summary>
/// <remarks>
/// What a step has done is seen in the next one, so this works for loops with an <c>optimizer.step()</c> of their own, too. Needs a copy
/// of the weights, and looks at weight layers only: biases start at zero and have no scale of their own.
/// </remarks>
public sealed record UpdateRatioDetection
{
    /// <summary>The largest ratio that is in order. Greater than <see cref="MinRatio"/>. Default 0.1: a hundred times the usual 1e-3, as in DeepDiagnosis (2021).</summary>
    public double MaxRatio { get; init; } = 0.1;

    /// <summary>The smallest ratio that is in order. Not negative; 0 accepts all. Default 1e-5: a hundredth of the usual 1e-3, as in DeepDiagnosis.</summary>
    public double MinRatio { get; init; } = 1e-5;

    /// <summary>How many steps lie between two that are looked at. At least 1. Default 100.</summary>
    public int Interval { get; init; } = 100;

    internal void Validate(List<string> problems)
    {
        AdviceOptions.Require(problems, MinRatio >= 0, $"{nameof(UpdateRatioDetection)}.{nameof(MinRatio)}", MinRatio, "0 or more");
        AdviceOptions.Require(
            problems, MaxRatio > MinRatio, $"{nameof(UpdateRatioDetection)}.{nameof(MaxRatio)}", MaxRatio, $"greater than {nameof(MinRatio)}");
        AdviceOptions.Require(problems, Interval >= 1, $"{nameof(UpdateRatioDetection)}.{nameof(Interval)}", Interval, "at least 1");
    }
}

internal sealed class UpdateRatioDetector(UpdateRatioDetection options) : AdvisoryDetector, IDisposable
{
    private (string Name, Parameter Weights, TensorCopy Copy)[] _layers = [];
    private bool _hasCopy;
    private Extremes? _loaded;
    private int _steps;

    public override void Attach(IReadOnlyList<string> names, IReadOnlyList<Parameter> parameters)
    {
        Dispose();
        _layers =
        [
            .. from named in names.Zip(parameters)
               where named.Second.dim() >= 2
               select (named.First, named.Second, new TensorCopy()),
        ];
        (_hasCopy, _loaded) = (false, null);
    }

    public override Advice? Observe(in ObservedStep step)
    {
        Advice? advice = step.Outcome is not (StepOutcome.RolledBack or StepOutcome.Stopped) && Compare() is { } extremes ? Judge(step.Number - 1, extremes) : null;
        _loaded = null;
        _hasCopy = step.IsTaken && step.Measured.Any && _steps++ % options.Interval == 0;
        if (_hasCopy)
        {
            using IDisposable noGradient = torch.no_grad();
            foreach ((_, Parameter weights, TensorCopy copy) in _layers)
            {
                copy.Take(weights);
            }
        }

        return advice;
    }

    /// <summary>Instead of the copied weights, which may be large, what the comparison with them says is saved: the weights do not change before it is due.</summary>
    public override void Save(BinaryWriter writer)
    {
        base.Save(writer);
        writer.Write(_steps);
        Extremes? extremes = Compare();
        writer.Write(extremes is not null);
        if (extremes is { } some)
        {
            writer.Write(some.Largest);
            writer.Write(some.LargestRatio);
            writer.Write(some.Smallest);
            writer.Write(some.SmallestRatio);
        }
    }

    public override void Load(BinaryReader reader)
    {
        base.Load(reader);
        _steps = reader.ReadInt32();
        _hasCopy = false;
        _loaded = reader.ReadBoolean() ? new(reader.ReadString(), reader.ReadDouble(), reader.ReadString(), reader.ReadDouble()) : null;
    }

    public void Dispose()
    {
        foreach ((_, _, TensorCopy copy) in _layers)
        {
            copy.Dispose();
        }
    }

    private Extremes? Compare()
    {
        if (!_hasCopy)
        {
            return _loaded;
        }

        (string Name, double Ratio)[] ratios =
            [.. _layers.Where(layer => layer.Weights.requires_grad).Select(layer => (layer.Name, RatioOf(layer.Weights, layer.Copy)))];
        if (ratios.Length == 0)
        {
            return null;
        }

        (string Name, double Ratio) largest = ratios.MaxBy(layer => layer.Ratio);
        (string Name, double Ratio) smallest = ratios.MinBy(layer => layer.Ratio);
        return new(largest.Name, largest.Ratio, smallest.Name, smallest.Ratio);
    }

    private Advice? Judge(long step, Extremes extremes)
    {
        bool isLarge = extremes.LargestRatio > options.MaxRatio;
        return !IsNews(isLarge || extremes.SmallestRatio < options.MinRatio) ? null
            : isLarge ? Tell(step, extremes.Largest, extremes.LargestRatio, options.MaxRatio, "lower")
            : Tell(step, extremes.Smallest, extremes.SmallestRatio, options.MinRatio, "higher");
    }

    private static double RatioOf(Tensor weights, TensorCopy former)
    {
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        using Tensor before = former.ToTensor();
        double norm = torch.linalg.vector_norm(before.to(ScalarType.Float64)).item<double>();
        double update = torch.linalg.vector_norm((weights - before).to(ScalarType.Float64)).item<double>();
        return norm > 0 ? update / norm : update > 0 ? double.PositiveInfinity : 0;
    }

    private static Advice Tell(long step, string layer, double ratio, double limit, string rate) => new(
        AdviceKind.UpdateRatio,
        step,
        ratio,
        limit,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The step changed {layer} by {ratio:G3} of its norm, where about 0.001 is usual. Try a {rate} learning rate."),
        [layer]);

    /// <summary>The layers that a step changed most and least, and by how much of their norms.</summary>
    private readonly record struct Extremes(string Largest, double LargestRatio, string Smallest, double SmallestRatio);
}
