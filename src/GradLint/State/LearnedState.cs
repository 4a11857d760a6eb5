namespace GradLint;

/// <summary>What decisions rest on, which a roll-back takes back too: unlike the count of steps and of roll-backs.</summary>
internal sealed class LearnedState(StepJudge judge, Clipper? clipper) : IGuardState
{
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
}
