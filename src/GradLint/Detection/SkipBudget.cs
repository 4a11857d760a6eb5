namespace GradLint;

/// <summary>
/// Bounds what skipping spikes can cost a run whose norms or losses are simply like that: rare classes, several tasks, hard
/// examples. A spike that the budget does not cover is clipped and applied. A leaky bucket: 32 at once, then one step in 64.
/// </summary>
internal sealed class SkipBudget : IGuardState
{
    private const double Refill = 1.0 / 64;

    private double _left = Baseline.LevelShiftAfter;

    public void Advance() => _left = Math.Min(_left + Refill, Baseline.LevelShiftAfter);

    /// <summary>Whether it covers a spike in the next step.</summary>
    public bool CoversNext => _left + Refill >= 1;

    public bool TryTake()
    {
        bool covered = _left >= 1;
        _left -= covered ? 1 : 0;
        return covered;
    }

    public void Save(BinaryWriter writer) => writer.Write(_left);

    public void Load(BinaryReader reader) => _left = reader.ReadDouble() is >= 0 and <= Baseline.LevelShiftAfter and var left
        ? left
        : throw new InvalidDataException("The saved state has a budget that is out of range.");
}
