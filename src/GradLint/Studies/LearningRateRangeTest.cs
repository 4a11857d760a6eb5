using TorchSharp;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Finds the range of learning rates that train a model (Smith, "Cyclical learning rates for training neural networks", 2017, section
/// 3.3): the rate grows by the same factor in each step, until the loss explodes. Model and optimizer are left as they were.
/// </summary>
/// <example><code>
/// LearningRateRange range = LearningRateRangeTest.Run(model, optimizer, batches, batch => loss(batch));
/// </code></example>
public static class LearningRateRangeTest
{
    private const double Smoothing = 0.9;

    /// <summary>Runs the test.</summary>
    /// <param name="model">The model, as initialized.</param>
    /// <param name="optimizer">One of TorchSharp's own; its learning rates are set in each step.</param>
    /// <param name="batches">The training batches; they are gone through again if there are too few.</param>
    /// <param name="loss">From a batch to the loss, a tensor with one element.</param>
    /// <param name="options">From where to where; null stands for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, there is no batch, or model and optimizer do not fit together.</exception>
    public static LearningRateRange Run<TBatch>(
        nn.Module model, optim.Optimizer optimizer, IEnumerable<TBatch> batches, Func<TBatch, Tensor> loss, LearningRateRangeTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(loss);
        options ??= new LearningRateRangeTestOptions();
        options.Validate(nameof(options));
        // Nothing may soften the explosion that is looked for.
        using var guard = GradientGuard.For(
            model, optimizer, new() { Clipping = null, NormSpikes = null, LossSpikes = null, Recovery = null });
        using var before = new Snapshot(guard.Parameters, model, optimizer, guard);
        before.Take(step: 0, largestWeight: 0);
        (optim.ILearningRateController Group, double Rate)[] rates = [.. optimizer.ParamGroups.Select(group => (group, group.LearningRate))];
        bool trained = model.training;
        try
        {
            model.train();
            return Climb(guard, optimizer, Endless(batches), loss, options);
        }
        finally
        {
            before.Restore(1);
            foreach ((optim.ILearningRateController group, double rate) in rates)
            {
                group.LearningRate = rate;
            }

            optimizer.zero_grad();
            model.train(trained);
        }
    }

    private static LearningRateRange Climb<TBatch>(
        GradientGuard guard, optim.Optimizer optimizer, IEnumerable<TBatch> batches, Func<TBatch, Tensor> loss, LearningRateRangeTestOptions options)
    {
        var points = new List<LearningRatePoint>();
        double factor = Math.Pow(options.Highest / options.Lowest, 1.0 / (options.Steps - 1));
        (double average, double best) = (0, double.PositiveInfinity);
        string ending = "the highest learning rate was reached";
        foreach (TBatch batch in batches.Take(options.Steps))
        {
            using DisposeScope scope = NewDisposeScope();
            double rate = options.Lowest * Math.Pow(factor, points.Count);
            foreach (optim.ILearningRateController group in optimizer.ParamGroups)
            {
                group.LearningRate = rate;
            }

            optimizer.zero_grad();
            Tensor value = loss(batch);
            value.backward();
            StepVerdict verdict = guard.Step(value);
            if (!verdict.MayStep)
            {
                ending = $"at a rate of {rate:G3} {(verdict.Reason == StepReason.NonFiniteLoss ? "the loss" : "a gradient")} was not finite";
                break;
            }

            // The mean of an exponential window, corrected for its start at zero (Kingma and Ba, 2015).
            average = (Smoothing * average) + ((1 - Smoothing) * verdict.Loss!.Value);
            double smooth = average / (1 - Math.Pow(Smoothing, points.Count + 1));
            points.Add(new LearningRatePoint(rate, verdict.Loss.Value, smooth));
            best = Math.Min(best, smooth);
            // The same as the ratio for a loss that is positive; another one may rise by as much.
            if (smooth > best + ((options.StopAtRatio - 1) * Math.Abs(best)) && points.Count > 10)
            {
                ending = $"at a rate of {rate:G3} the loss {(best > 0 ? $"was {smooth / best:G2} times the best" : $"had risen from {best:G3} to {smooth:G3}")}";
                break;
            }
        }

        return new LearningRateRange(points, ending);
    }

    private static IEnumerable<TBatch> Endless<TBatch>(IEnumerable<TBatch> batches)
    {
        while (true)
        {
            bool any = false;
            foreach (TBatch batch in batches)
            {
                any = true;
                yield return batch;
            }

            if (!any)
            {
                throw new ArgumentException("There are no batches.", nameof(batches));
            }
        }
    }
}

/// <summary>From where to where a <see cref="LearningRateRangeTest"/> goes.</summary>
public sealed record LearningRateRangeTestOptions
{
    /// <summary>The first rate. Greater than 0; default 1e-6.</summary>
    public double Lowest { get; init; } = 1e-6;

    /// <summary>The last rate. Greater than <see cref="Lowest"/>; default 10.</summary>
    public double Highest { get; init; } = 10;

    /// <summary>How many steps there are at most. At least 2; default 100.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>
    /// The test ends where the smoothed loss is this many times its least; where that is negative, as far above it. Greater than 1; default 4.
    /// </summary>
    public double StopAtRatio { get; init; } = 4;

    internal void Validate(string parameterName)
    {
        // Written so that NaN fails.
        bool inOrder = Lowest > 0 && Highest > Lowest && double.IsFinite(Highest) && Steps >= 2 && StopAtRatio > 1;
        if (!inOrder)
        {
            throw new ArgumentException(
                $"Rates from {Lowest} to {Highest} in {Steps} steps up to {StopAtRatio} times the loss: "
                + "the rates must be greater than 0 and grow, the steps at least 2, the ratio greater than 1.",
                parameterName);
        }
    }
}

/// <summary>What a <see cref="LearningRateRangeTest"/> found.</summary>
public sealed class LearningRateRange
{
    internal LearningRateRange(IReadOnlyList<LearningRatePoint> points, string ending) => (Points, Ending) = (points, ending);

    /// <summary>Each step before the end. Those that were not finite are not among them.</summary>
    public IReadOnlyList<LearningRatePoint> Points { get; }

    /// <summary>Why the test ended.</summary>
    public string Ending { get; }

    /// <summary>
    /// A rate to train with: a tenth of that at which the smoothed loss was lowest, because from there on it only grows. Null if the loss never fell.
    /// </summary>
    public double? Suggestion
    {
        get
        {
            LearningRatePoint? lowest = Points.MinBy(point => point.SmoothLoss);
            return lowest is null || lowest == Points[0] ? null : lowest.Rate / 10;
        }
    }

    /// <summary>The result in one line.</summary>
    public override string ToString() =>
        $"{Points.Count} steps, {Ending}; {(Suggestion is { } rate ? $"suggested learning rate {rate:G2}" : "the loss never fell")}";
}

/// <summary>One step of the test.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Loss">The loss before the step.</param>
/// <param name="SmoothLoss">The loss, averaged exponentially.</param>
public sealed record LearningRatePoint(double Rate, double Loss, double SmoothLoss);
