using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Writes down a run while it goes on, one JSON object per line: every step, the layers' gradient norms, update ratios and histograms
/// now and then, validation, and how it ended. <see cref="RunHistory.Read"/> reads it back.
/// </summary>
/// <remarks>
/// Whatever kills the process, the lines up to the last second are there, those of events at once. If the file can no longer be
/// written, the training goes on without it: see <see cref="Failure"/>.
/// </remarks>
/// <example><code>
/// using var guard = GradientGuard.For(model, optimizer);
/// using var log = RunLogWriter.Start("run.jsonl", guard);
/// </code></example>
public sealed class RunLogWriter : IStepObserver, IDisposable
{
    private const int FirstSteps = 10;

    private readonly GradientGuard _guard;
    private readonly RunLogOptions _options;
    private readonly LineWriter _lines;
    private readonly IDisposable _subscription;
    private readonly long _started = Stopwatch.GetTimestamp();
    private optim.ILearningRateController[] _groups = [];
    private IReadOnlyList<string>? _names;
    private LayerStatistics _layers = new([]);
    private WeightCopy? _before;
    private bool _normsWritten;
    private string _ending = "ended";

    private RunLogWriter(string path, GradientGuard guard, RunLogOptions options)
    {
        (_guard, _options) = (guard, options);
        _lines = new LineWriter(path, append: options.ResumeAfter is not null);
        WriteHead();
        _subscription = guard.Observe(this);
    }

    /// <summary>Why the log could not be written to its end, such as a full disk; null if all is well.</summary>
    public string? Failure => _lines.Failure;

    /// <summary>Starts the log of a guard's steps, until it is disposed.</summary>
    /// <param name="path">The file; an existing one is replaced, unless <see cref="RunLogOptions.ResumeAfter"/> is given.</param>
    /// <param name="guard">The guard whose steps are written down.</param>
    /// <param name="options">How much is written; null stands for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static RunLogWriter Start(string path, GradientGuard guard, RunLogOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(guard);
        options ??= new RunLogOptions();
        options.Validate(nameof(options));
        return new RunLogWriter(path, guard, options);
    }

    /// <summary>Writes down the end of an epoch.</summary>
    public void WriteEpoch(EpochResult epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        _lines.Begin(RunLogFormat.Epoch);
        _lines.Add("epoch", epoch.Epoch);
        _lines.Add("step", epoch.Step);
        _lines.Add("loss", epoch.Loss);
        if (epoch.ValidationLoss is { } validation)
        {
            _lines.Add("validation", validation);
        }

        _lines.End(flush: true);
    }

    /// <summary>Writes down how the prediction of the gradient's flow and its measurement compare, as at the start of a run.</summary>
    public void WriteFlow(FlowComparison flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        _lines.Begin(RunLogFormat.Flow);
        AddIfThere("predictedGrowth", flow.Predicted.Growth);
        AddIfThere("measuredGrowth", flow.Measured.Growth);
        if (flow.Predicted.Stop is { } stop)
        {
            _lines.Add("stop", $"the prediction stops at '{stop.Node}': {stop.Reason}");
        }

        _lines.Add("layers", flow.Layers, layer =>
        {
            _lines.Add("name", layer.Name);
            AddIfThere("low", layer.Predicted?.Log10GradientNormLow);
            AddIfThere("predicted", layer.Predicted?.Log10GradientNorm);
            AddIfThere("high", layer.Predicted?.Log10GradientNormHigh);
            AddIfThere("measured", layer.Measured?.Log10GradientNorm);
        });
        _lines.Add("assumptions", flow.Assumptions);
        _lines.End();
    }

    /// <summary>Says how the run ended, in a word or a sentence; the line is written when the log is disposed.</summary>
    public void EndsWith(string ending) => _ending = ending;

    void IStepObserver.OnMeasured(in StepMeasurement measurement)
    {
        if (!ReferenceEquals(measurement.Names, _names))
        {
            WriteLayers(measurement);
        }

        WriteUpdates();
        _layers.Read(measurement);
        long step = measurement.Step;
        _normsWritten = IsDue(_options.LayerInterval, step) || (_options.LayerInterval > 0 && step <= FirstSteps);
        if (_normsWritten)
        {
            WriteNorms(step);
        }

        if (_options.Histograms && GradientHistogram.IsDue(step))
        {
            WriteHistogram(measurement);
        }

        if (IsDue(_options.UpdateInterval, step))
        {
            _before = new WeightCopy(step, measurement.Parameters);
        }
    }

    void IStepObserver.OnJudged(in StepVerdict verdict)
    {
        bool isEvent = verdict.Outcome is not (StepOutcome.Applied or StepOutcome.Clipped) || verdict.Reason != StepReason.Finite;
        if (isEvent && !_normsWritten && _options.LayerInterval > 0 && verdict.Outcome != StepOutcome.Stopped)
        {
            WriteNorms(verdict.Step);
        }

        _lines.Begin(RunLogFormat.Step);
        _lines.Add("step", verdict.Step);
        _lines.Add("seconds", Stopwatch.GetElapsedTime(_started).TotalSeconds);
        AddIfThere("loss", verdict.Loss);
        _lines.Add("norm", verdict.GradientNorm);
        AddIfThere("threshold", verdict.Threshold);
        if (_groups.Length > 0)
        {
            _lines.Add("rate", _groups[0].LearningRate);
        }

        _lines.Add("outcome", verdict.Outcome.ToString());
        if (isEvent)
        {
            AddEvent(verdict);
        }

        _lines.End(flush: isEvent);
    }

    void IStepObserver.OnAdvised(Advice advice)
    {
        _lines.Begin(RunLogFormat.Advice);
        _lines.Add("step", advice.Step);
        _lines.Add("kind", advice.Kind.ToString());
        _lines.Add("value", advice.Value);
        _lines.Add("limit", advice.Limit);
        _lines.Add("message", advice.Message);
        _lines.Add("parameters", advice.Parameters);
        _lines.End(flush: true);
    }

    /// <summary>Ends the log. The guard goes on.</summary>
    public void Dispose()
    {
        _subscription.Dispose();
        WriteUpdates();
        GuardSummary summary = _guard.Summary;
        _lines.Begin(RunLogFormat.End);
        _lines.Add("ending", _ending);
        _lines.Add("steps", summary.Steps);
        _lines.Add("clipped", summary.Clipped);
        _lines.Add("skipped", summary.Skipped);
        _lines.Add("medianNorm", summary.MedianNorm);
        _lines.Add("norm95", summary.Norm95);
        _lines.Add("suggestedMaxNorm", summary.SuggestedMaxNorm);
        _lines.End();
        _lines.Dispose();
    }

    private void WriteHead()
    {
        _lines.Begin(RunLogFormat.Run);
        _lines.Add("schema", RunLogFormat.Schema);
        _lines.Add("gradlint", typeof(RunLogWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "");
        _lines.Add("started", DateTimeOffset.Now.ToString("O", CultureInfo.InvariantCulture));
        _lines.Add("model", NameOf(_guard.Model));
        _lines.Add("optimizer", _guard.Optimizer.GetType().Name);
        _lines.Add("clipping", _guard.Clipping?.ToString() ?? "none");
        if (_options.ResumeAfter is { } step)
        {
            _lines.Add("resumesAfter", step);
        }

        _lines.End(flush: true);
    }

    /// <summary>The name that a class of one's own gives to its base; the type's where that is libtorch's own.</summary>
    private static string NameOf(nn.Module model) =>
        model.GetName() is { Length: > 0 } name && !name.Contains("::", StringComparison.Ordinal) ? name : model.GetType().Name;

    private void WriteLayers(in StepMeasurement measurement)
    {
        _names = measurement.Names;
        _layers = new LayerStatistics(measurement.Names);
        _groups = [.. _guard.Optimizer.ParamGroups ?? []];
        _before?.Dispose();
        _before = null;
        var elements = new long[_layers.Names.Count];
        for (int i = 0; i < measurement.Parameters.Count; i++)
        {
            elements[_layers.LayerOf(i)] += measurement.Parameters[i].numel();
        }

        _lines.Begin(RunLogFormat.Layers);
        _lines.Add("names", _layers.Names);
        _lines.Add("elements", elements);
        _lines.End();
    }

    private void WriteNorms(long step)
    {
        _lines.Begin(RunLogFormat.Norms);
        _lines.Add("step", step);
        _lines.Add("values", _layers.Norms);
        _lines.End();
    }

    /// <summary>The weights are compared before the next step: only then the loop has surely taken this one.</summary>
    private void WriteUpdates()
    {
        if (_before is null)
        {
            return;
        }

        _lines.Begin(RunLogFormat.Updates);
        _lines.Add("step", _before.Step);
        _lines.Add("values", _before.UpdateRatios(_layers));
        _lines.End();
        _before.Dispose();
        _before = null;
    }

    private void WriteHistogram(in StepMeasurement measurement)
    {
        _lines.Begin(RunLogFormat.Histogram);
        _lines.Add("step", measurement.Step);
        _lines.Add("layers", GradientHistogram.OfLayers(_layers, measurement), histogram =>
        {
            (int lowest, ReadOnlyMemory<long> counts) = histogram.Trimmed();
            _lines.Add("lowest", lowest);
            _lines.Add("counts", counts.Span);
            _lines.Add("zeros", histogram.Zeros);
            _lines.Add("nonFinite", histogram.NonFinite);
        });
        _lines.End();
    }

    private void AddEvent(in StepVerdict verdict)
    {
        _lines.Add("reason", verdict.Reason.ToString());
        AddIfThere("baseline", verdict.Baseline);
        AddIfThere("lossBaseline", verdict.LossBaseline);
        _lines.Add("parameters", verdict.LeadingParameters);
        if (verdict.RestoredStep is { } restored)
        {
            _lines.Add("restoredStep", restored);
        }

        if (verdict.Report is { } report)
        {
            _lines.Add("report", report);
        }
    }

    private void AddIfThere(string name, double? value)
    {
        if (value is { } number)
        {
            _lines.Add(name, number);
        }
    }

    private static bool IsDue(int interval, long step) => interval > 0 && step % interval == 0;
}
