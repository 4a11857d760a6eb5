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
        _hasCopy = false;
    }

    public override Advice? Observe(in ObservedStep step)
    {
        Advice? advice = _hasCopy && step.Outcome is not (StepOutcome.RolledBack or StepOutcome.Stopped) ? Compare(step.Number - 1) : null;
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

    public void Dispose()
    {
        foreach ((_, _, TensorCopy copy) in _layers)
        {
            copy.Dispose();
        }
    }

    private Advice? Compare(long step)
    {
        (string Name, double Ratio)[] ratios =
            [.. _layers.Where(layer => layer.Weights.requires_grad).Select(layer => (layer.Name, RatioOf(layer.Weights, layer.Copy)))];
        if (ratios.Length == 0)
        {
            return null;
        }

        (string Name, double Ratio) largest = ratios.MaxBy(layer => layer.Ratio);
        (string Name, double Ratio) smallest = ratios.MinBy(layer => layer.Ratio);
        bool isLarge = largest.Ratio > options.MaxRatio;
        return !IsNews(isLarge || smallest.Ratio < options.MinRatio) ? null
            : isLarge ? Tell(step, largest, options.MaxRatio, "lower") : Tell(step, smallest, options.MinRatio, "higher");
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

    private static Advice Tell(long step, (string Name, double Ratio) layer, double limit, string rate) => new(
        AdviceKind.UpdateRatio,
        step,
        layer.Ratio,
        limit,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The step changed {layer.Name} by {layer.Ratio:G3} of its norm, where about 0.001 is usual. Try a {rate} learning rate."),
        [layer.Name]);
}
