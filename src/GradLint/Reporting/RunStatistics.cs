namespace GradLint;

/// <summary>Counts what a guard does, and the norms that it sees. A step costs a few additions, whatever the length of the run.</summary>
internal sealed class RunStatistics : IGuardState
{
    private const int StepsForASuggestion = 100;
    private const double LeastShareOfMedian = 0.5;
    private const double LargestMultipleOfMedian = 10;

    private readonly NormHistogram _norms = new();
    private long _clipped;
    private long _skipped;

    public long Steps { get; private set; }

    public GuardSummary Summary
    {
        get
        {
            double median = _norms.Quantile(0.5);
            double norm95 = _norms.Quantile(0.95);
            return new GuardSummary
            {
                Steps = Steps,
                Clipped = _clipped,
                Skipped = _skipped,
                MedianNorm = median,
                Norm95 = norm95,
                Norm99 = _norms.Quantile(0.99),
                LargestNorm = _norms.Largest,
                SuggestedMaxNorm = _norms.Count < StepsForASuggestion ? double.NaN
                    : Math.Clamp(norm95, LeastShareOfMedian * median, LargestMultipleOfMedian * median),
            };
        }
    }

    public long NextStep() => ++Steps;

    /// <param name="outcome">That of the step.</param>
    /// <param name="norm">NaN if the gradients are not finite.</param>
    public void Record(StepOutcome outcome, double norm)
    {
        _clipped += outcome == StepOutcome.Clipped ? 1 : 0;
        if (outcome is not (StepOutcome.Applied or StepOutcome.Clipped))
        {
            _skipped++;
        }
        else if (norm > 0)
        {
            _norms.Add(norm);
        }
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Steps);
        writer.Write(_clipped);
        writer.Write(_skipped);
        _norms.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        Steps = reader.ReadInt64();
        _clipped = reader.ReadInt64();
        _skipped = reader.ReadInt64();
        _norms.Load(reader);
    }
}
