using System.Globalization;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Writes a run as event files that TensorBoard shows: loss, gradient norm, threshold and learning rate at each step, the layers'
/// norms every tenth, histograms of the gradients' magnitudes at the steps 1, 2, 5, 10, 20, 50, ...
/// </summary>
/// <example><code>
/// using var guard = GradientGuard.For(model, optimizer);
/// using var board = TensorBoardWriter.Start("runs/first", guard);     // tensorboard --logdir runs
/// </code></example>
public sealed class TensorBoardWriter : IStepObserver, IDisposable
{
    private const int LayerInterval = 10;

    private readonly EventFile _events;
    private readonly IDisposable _subscription;
    private readonly optim.Optimizer _optimizer;
    private IReadOnlyList<string>? _names;
    private LayerStatistics _layers = new([]);

    private TensorBoardWriter(string folder, GradientGuard guard)
    {
        Directory.CreateDirectory(folder);
        string name = string.Create(
            CultureInfo.InvariantCulture,
            $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.{Environment.MachineName}.{Environment.ProcessId}.{Guid.NewGuid():N}");
        _events = new EventFile(Path.Combine(folder, name));
        _optimizer = guard.Optimizer;
        _subscription = guard.Observe(this);
    }

    /// <summary>Why the file could not be written to its end, such as a full disk; null if all is well. The training goes on without it.</summary>
    public string? Failure => _events.Failure;

    /// <summary>Starts to write a guard's steps into a new file of a folder, until it is disposed.</summary>
    /// <param name="folder">The run's folder; made if it is not there.</param>
    /// <param name="guard">The guard whose steps are written.</param>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static TensorBoardWriter Start(string folder, GradientGuard guard)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(guard);
        return new TensorBoardWriter(folder, guard);
    }

    /// <summary>Writes the losses of an epoch.</summary>
    public void WriteEpoch(EpochResult epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        _events.Add(epoch.Step, "epoch/loss", epoch.Loss);
        if (epoch.ValidationLoss is { } validation)
        {
            _events.Add(epoch.Step, "epoch/validation loss", validation);
        }

        _events.Flush();
    }

    void IStepObserver.OnMeasured(in StepMeasurement measurement)
    {
        if (!ReferenceEquals(_names, measurement.Names))
        {
            _names = measurement.Names;
            _layers = new LayerStatistics(_names);
        }

        if (measurement.Step == 1 || measurement.Step % LayerInterval == 0)
        {
            _layers.Read(measurement);
            for (int i = 0; i < _layers.Names.Count; i++)
            {
                _events.Add(measurement.Step, $"gradient norm/{_layers.Names[i]}", _layers.Norms[i]);
            }
        }

        if (GradientHistogram.IsDue(measurement.Step))
        {
            GradientHistogram[] histograms = GradientHistogram.OfLayers(_layers, measurement);
            for (int i = 0; i < histograms.Length; i++)
            {
                _events.Add(measurement.Step, $"gradient magnitude/{_layers.Names[i]}", histograms[i]);
            }
        }
    }

    void IStepObserver.OnJudged(in StepVerdict verdict)
    {
        if (verdict.Loss is { } loss)
        {
            _events.Add(verdict.Step, "step/loss", loss);
        }

        _events.Add(verdict.Step, "step/gradient norm", verdict.GradientNorm);
        _events.Add(verdict.Step, "step/learning rate", _optimizer.ParamGroups.First().LearningRate);
        if (verdict.Threshold is { } threshold)
        {
            _events.Add(verdict.Step, "step/threshold", threshold);
        }

        if (!verdict.MayStep)
        {
            _events.Flush();
        }
    }

    /// <summary>Ends the file. The guard goes on.</summary>
    public void Dispose()
    {
        _subscription.Dispose();
        _events.Dispose();
    }
}
