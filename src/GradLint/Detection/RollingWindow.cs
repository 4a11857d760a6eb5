namespace GradLint;

/// <summary>The latest values of a series, sorted. Adding one moves memory but allocates none.</summary>
internal sealed class RollingWindow(int capacity) : IGuardState
{
    private readonly double[] _inOrder = new double[capacity];
    private readonly double[] _sorted = new double[capacity];
    private int _oldest;

    public int Count { get; private set; }

    /// <summary>The value at a rank: 0 is the smallest.</summary>
    public double this[int rank] => _sorted[rank];

    /// <param name="value">Finite: NaN has no rank.</param>
    public void Add(double value)
    {
        if (Count < capacity)
        {
            int place = RankOf(value);
            Array.Copy(_sorted, place, _sorted, place + 1, Count - place);
            _sorted[place] = value;
            _inOrder[(_oldest + Count++) % capacity] = value;
            return;
        }

        Replace(_inOrder[_oldest], value);
        _inOrder[_oldest] = value;
        _oldest = (_oldest + 1) % capacity;
    }

    public void Clear() => (_oldest, Count) = (0, 0);

    /// <summary>The value below which a share of the values lies, interpolated linearly as numpy.percentile does.</summary>
    public double Quantile(double share)
    {
        double rank = share * (Count - 1);
        int below = (int)rank;
        int above = Math.Min(below + 1, Count - 1);
        return _sorted[below] + ((rank - below) * (_sorted[above] - _sorted[below]));
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Count);
        for (int i = 0; i < Count; i++)
        {
            writer.Write(_inOrder[(_oldest + i) % capacity]);
        }
    }

    public void Load(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > capacity)
        {
            throw new InvalidDataException($"The saved state has a window of {count} values where this guard has one of {capacity}.");
        }

        Clear();
        for (int i = 0; i < count; i++)
        {
            double value = reader.ReadDouble();
            Add(double.IsFinite(value) ? value : throw new InvalidDataException("The saved state holds a value that is not finite."));
        }
    }

    private void Replace(double leaving, double arriving)
    {
        int from = RankOf(leaving);
        int to = RankOf(arriving);
        if (to > from)
        {
            Array.Copy(_sorted, from + 1, _sorted, from, to - from - 1);
            _sorted[to - 1] = arriving;
        }
        else
        {
            Array.Copy(_sorted, to, _sorted, to + 1, from - to);
            _sorted[to] = arriving;
        }
    }

    private int RankOf(double value)
    {
        int rank = Array.BinarySearch(_sorted, 0, Count, value);
        return rank >= 0 ? rank : ~rank;
    }
}
