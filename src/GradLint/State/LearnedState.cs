namespace GradLint;

/// <summary>What decisions rest on, which a roll-back takes back too: unlike the count of steps and of roll-backs.</summary>
internal sealed class LearnedState(StepJudge judge, Clipper? clipper) : IGuardState
{
    /// <summary>
    /// For snapshots. What is held apart as unusual is not taken back: a lasting change of the data goes on after a roll-back, and was seen
    /// before it. If the weights were the cause, the usual steps that follow drop it.
    /// </summary>
    public IGuardState ForSnapshots => new OfSnapshots(this, judge);

    public void Save(BinaryWriter writer)
    {
        judge.Save(writer);
        StatePart.Save(writer, clipper);
    }

    public void Load(BinaryReader reader)
    {
        judge.Load(reader);
        StatePart.Load(reader, clipper, nameof(GradientGuardOptions.Clipping));
    }

    private sealed class OfSnapshots(LearnedState learned, StepJudge judge) : IGuardState
    {
        public void Save(BinaryWriter writer) => learned.Save(writer);

        public void Load(BinaryReader reader)
        {
            (double[]? Norms, double[]? Losses) held = judge.Held;
            learned.Load(reader);
            judge.Held = held;
        }
    }
}
