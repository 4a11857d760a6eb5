using System.Diagnostics;
using GradLint;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Quickstart;

/// <summary>
/// Writes down each step of a training loop without taking part in it: it reads gradients and changes none. Its own work and
/// the display's do not count as training time.
/// </summary>
internal sealed class StepRecorder(Action<StepRecord, StepCounts> display, CancellationToken cancellation)
{
    /// <summary>So many steps in a row that are not finite end a run.</summary>
    public const int Patience = 50;

    private readonly List<StepRecord> _steps = [];
    private readonly Stopwatch _training = new();
    private (Module Model, double Loss, double Norm)? _underway;

    public IReadOnlyList<StepRecord> Steps => _steps;

    public StepCounts Counts { get; private set; }

    public TimeSpan TrainingTime => _training.Elapsed;

    /// <summary>Sees a step of a loop without a guard, between its backward and whatever follows.</summary>
    public void Observe(Module model, Tensor loss)
    {
        // Reading the loss waits for the device: that is training time still.
        double value = loss.ToDouble();
        _training.Stop();
        _underway = (model, value, GradientNorm(model));
        _training.Start();
    }

    /// <summary>Sees a step that the guard has decided on.</summary>
    public void Observe(StepVerdict verdict)
    {
        _training.Stop();
        Add(verdict.Loss ?? double.NaN, verdict.GradientNorm, verdict.Outcome);
        _training.Start();
    }

    /// <summary>Hands the batches through to the loop. A run that has been NaN for a while is called off: it never comes back.</summary>
    public IEnumerable<(Tensor Images, Tensor Labels)> Follow(IEnumerable<(Tensor Images, Tensor Labels)> batches)
    {
        foreach ((Tensor Images, Tensor Labels) batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            _training.Start();
            yield return batch;
            _training.Stop();
            CompleteStep();
            if (_steps.Count >= Patience && _steps.TakeLast(Patience).All(step => !step.IsFinite))
            {
                yield break;
            }
        }
    }

    /// <summary>The loop is back for its next batch: if its gradients are smaller than when they were seen, it has clipped them.</summary>
    private void CompleteStep()
    {
        if (_underway is var (model, loss, norm))
        {
            const double RoundingMargin = 0.999;
            bool clipped = GradientNorm(model) < norm * RoundingMargin;
            Add(loss, norm, clipped ? StepOutcome.Clipped : StepOutcome.Applied);
            _underway = null;
        }
    }

    private void Add(double loss, double norm, StepOutcome outcome)
    {
        var step = new StepRecord(_steps.Count + 1, loss, norm, outcome);
        _steps.Add(step);
        Counts = Counts.With(outcome);
        display(step, Counts);
    }

    private static double GradientNorm(Module model)
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        Tensor[] norms = [.. model.parameters().Select(parameter => parameter.grad).OfType<Tensor>().Select(gradient => gradient.norm())];
        return stack(norms).to(float64).norm().ToDouble();
    }
}
