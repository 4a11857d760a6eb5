namespace GradLint;

/// <summary>The latest snapshots, newest last. The oldest one's memory serves the next.</summary>
internal sealed class SnapshotRing(int capacity, Func<Snapshot> create) : IDisposable
{
    private readonly List<Snapshot> _kept = [];
    private readonly Stack<Snapshot> _free = [];

    public Snapshot? Newest => _kept.Count > 0 ? _kept[^1] : null;

    public void Take(long step, double largestWeight)
    {
        if (_kept.Count == capacity)
        {
            _free.Push(_kept[0]);
            _kept.RemoveAt(0);
        }

        Snapshot snapshot = _free.TryPop(out Snapshot? free) ? free : create();
        snapshot.Take(step, largestWeight);
        _kept.Add(snapshot);
    }

    /// <summary>Drops the newest if there is an older one.</summary>
    public void FallBack()
    {
        if (_kept.Count > 1)
        {
            _free.Push(_kept[^1]);
            _kept.RemoveAt(_kept.Count - 1);
        }
    }

    public void Dispose()
    {
        foreach (Snapshot snapshot in _kept.Concat(_free))
        {
            snapshot.Dispose();
        }
    }
}
