namespace GradLint;

/// <summary>A state that lasts is told once, when it begins; and again only if it was away for long.</summary>
internal sealed class Episode : IGuardState
{
    private const int AwayFor = 1000;

    private bool _told;
    private int _away;

    public bool Begins(bool holds)
    {
        if (!holds)
        {
            _told &= ++_away < AwayFor;
            return false;
        }

        _away = 0;
        bool begins = !_told;
        _told = true;
        return begins;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_told);
        writer.Write(_away);
    }

    public void Load(BinaryReader reader)
    {
        _told = reader.ReadBoolean();
        _away = reader.ReadInt32();
    }
}
