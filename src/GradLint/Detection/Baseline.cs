namespace GradLint;

/// <summary>
/// What is usual in a series of norms or losses: median and spread over the latest steps. Robust to the values that it is there
/// to judge, and yet it follows the series to a new level.
/// </summary>
/// <remarks>
/// <para>
/// The spread is the median absolute deviation times 1.4826, which estimates the standard deviation of a normal distribution
/// (Hampel, "The influence curve and its role in robust estimation", 1974). Positive values are compared by their logarithms,
/// because norms and losses vary by factors; a series that is not positive throughout is compared as it is.
/// </para>
/// <para>
/// Unusual values are held apart. Were they taken in, a run of them would soon look usual (four within a window of 128 suffice to
/// hide the fifth from a rule of six standard deviations); were they never taken in, a lasting change would be unusual for ever. So
/// <see cref="LevelShiftAfter"/> of them become the new baseline. A usual value in between drops no more than the oldest: where a
/// noisy series has moved by a few spreads, some values of the new level still look usual.
/// </para>
/// </remarks>
internal sealed class Baseline : IGuardState
{
    /// <summary>As OLMo-core's SkipStepOptimizer has it.</summary>
    public const int Window = 128;

    /// <summary>No judgement before: half a window, as in OLMo-core. The spread of fewer values is too uncertain.</summary>
    public const int WarmUp = 64;

    /// <summary>Longer than any run of bad batches, short enough that a lasting change costs little.</summary>
    public const int LevelShiftAfter = 32;

    /// <summary>With one, only a series of which more than half is unusual ever gets to <see cref="LevelShiftAfter"/>.</summary>
    private const int DroppedByUsual = 1;

    private const double DeviationsPerMedianDeviation = 1.4826;

    /// <summary>A series may stand still: 5 percent is never an exception.</summary>
    private const double SmallestSpread = 0.05;

    private readonly RollingWindow _values = new(Window);
    private readonly double[] _held = new double[LevelShiftAfter];
    private int _heldCount;
    private bool _logarithmic;
    private double _center;
    private double _spread;

    public bool IsReady => _values.Count >= WarmUp;

    /// <summary>The usual value, or null as long as too little is known.</summary>
    public double? Median => IsReady ? (_logarithmic ? Math.Exp(_center) : _center) : null;

    /// <summary>How many spreads a value lies above the usual one.</summary>
    public double DeviationsOf(double value) => (Scaled(value) - _center) / _spread;

    /// <summary>How many times the usual value this is. Infinite where the series is not positive and has no factors.</summary>
    public double RatioOf(double value) =>
        !_logarithmic ? double.PositiveInfinity : value > 0 ? Math.Exp(Math.Log(value) - _center) : 0;

    /// <summary>The value that lies some spreads above the usual one.</summary>
    public double ValueAt(double deviations)
    {
        double scaled = _center + (deviations * _spread);
        return _logarithmic ? Math.Exp(scaled) : scaled;
    }

    /// <summary>This many times the usual value; no limit where the series is not positive and has no factors.</summary>
    public double ValueTimes(double ratio) => _logarithmic ? ratio * Math.Exp(_center) : double.NegativeInfinity;

    /// <summary>Takes in a usual value, and drops the oldest of those that are held.</summary>
    public void Accept(double value)
    {
        int left = Math.Max(0, _heldCount - DroppedByUsual);
        Array.Copy(_held, _heldCount - left, _held, 0, left);
        _heldCount = left;
        _values.Add(value);
        Update();
    }

    /// <summary>Holds an unusual value apart. True if there are so many that they are the new baseline.</summary>
    public bool Hold(double value)
    {
        _held[_heldCount++] = value;
        if (_heldCount < LevelShiftAfter)
        {
            return false;
        }

        _heldCount = 0;
        _values.Clear();
        foreach (double held in _held)
        {
            _values.Add(held);
        }

        Update();
        return true;
    }

    /// <summary>The unusual values that are held apart, oldest first.</summary>
    public double[] Held
    {
        get => _held[.._heldCount];
        set
        {
            value.CopyTo(_held, 0);
            _heldCount = value.Length;
        }
    }

    public void Save(BinaryWriter writer)
    {
        _values.Save(writer);
        writer.Write(_heldCount);
        for (int i = 0; i < _heldCount; i++)
        {
            writer.Write(_held[i]);
        }
    }

    public void Load(BinaryReader reader)
    {
        _values.Load(reader);
        int count = reader.ReadInt32();
        if (count is < 0 or >= LevelShiftAfter)
        {
            throw new InvalidDataException($"The saved state holds {count} spikes, more than can be held.");
        }

        for (_heldCount = 0; _heldCount < count; _heldCount++)
        {
            _held[_heldCount] = reader.ReadDouble();
        }

        if (_values.Count > 0)
        {
            Update();
        }
    }

    private void Update()
    {
        _logarithmic = _values[0] > 0;
        int upper = _values.Count / 2;
        int lower = (_values.Count - 1) / 2;
        // Halved first: the sum of two large values may overflow.
        _center = (0.5 * Scaled(_values[lower])) + (0.5 * Scaled(_values[upper]));
        double smallest = _logarithmic ? SmallestSpread : Math.Max(SmallestSpread * Math.Abs(_center), double.Epsilon);
        _spread = Math.Max(DeviationsPerMedianDeviation * MedianDeviation(), smallest);
    }

    /// <summary>
    /// The values that lie nearest to the center are neighbours in order: where they begin is found by halving, and the one of them
    /// that lies farthest is the median.
    /// </summary>
    private double MedianDeviation()
    {
        int count = (_values.Count / 2) + 1;
        int first = 0;
        int last = _values.Count - count;
        while (first < last)
        {
            int middle = (first + last) / 2;
            if (_center - Scaled(_values[middle]) > Scaled(_values[middle + count]) - _center)
            {
                first = middle + 1;
            }
            else
            {
                last = middle;
            }
        }

        return Math.Max(_center - Scaled(_values[first]), Scaled(_values[first + count - 1]) - _center);
    }

    private double Scaled(double value) => !_logarithmic ? value : value > 0 ? Math.Log(value) : double.NegativeInfinity;
}
