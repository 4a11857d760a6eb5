namespace GradLint;

/// <summary>The mean loss of the steps of an epoch that were taken.</summary>
internal sealed class EpochLoss
{
    private double _sum;
    private long _steps;

    /// <summary>NaN if there were none.</summary>
    public double Mean => _sum / _steps;

    /// <summary>A verdict that comes late may have no loss yet, or be that of a step without effect.</summary>
    public void Add(in StepVerdict verdict)
    {
        if (verdict is { Outcome: StepOutcome.Applied or StepOutcome.Clipped, Loss: { } loss })
        {
            _sum += loss;
            _steps++;
        }
    }

    public void Reset() => (_sum, _steps) = (0, 0);
}
