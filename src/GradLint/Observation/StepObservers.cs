using static TorchSharp.torch;

namespace GradLint;

/// <summary>Those who are told of each step.</summary>
internal sealed class StepObservers
{
    private IStepObserver[] _observers = [];

    public IDisposable Add(IStepObserver observer)
    {
        _observers = [.. _observers, observer];
        return new Subscription(this, observer);
    }

    public void Tell(long step, Attachment attached, ReadOnlySpan<Tensor?> gradients)
    {
        foreach (IStepObserver observer in _observers)
        {
            observer.OnMeasured(new StepMeasurement(step, attached, gradients));
        }
    }

    public StepVerdict Tell(in StepVerdict verdict)
    {
        // The first step of a guard that judges late has nothing to tell yet.
        if (verdict.Reason == StepReason.Pending)
        {
            return verdict;
        }

        GuardMetrics.Record(verdict);
        foreach (IStepObserver observer in _observers)
        {
            observer.OnJudged(verdict);
        }

        // Not by foreach: nearly all steps have none, and nothing is to be allocated for them.
        for (int i = 0; i < verdict.Advice.Count; i++)
        {
            Tell(verdict.Advice[i]);
        }

        return verdict;
    }

    public void Tell(Advice advice)
    {
        foreach (IStepObserver observer in _observers)
        {
            observer.OnAdvised(advice);
        }
    }

    private sealed class Subscription(StepObservers all, IStepObserver observer) : IDisposable
    {
        public void Dispose()
        {
            int place = Array.IndexOf(all._observers, observer);
            all._observers = [.. all._observers.Where((_, i) => i != place)];
        }
    }
}
