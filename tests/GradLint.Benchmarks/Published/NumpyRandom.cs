namespace GradLint.Benchmarks;

/// <summary>
/// The random numbers of numpy's <c>RandomState(seed)</c>, so that data sets which are published as a seed can be made here.
/// </summary>
/// <remarks>
/// The generator is the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), seeded as its authors' <c>init_genrand</c> does;
/// normal numbers come in pairs from Marsaglia's polar method, and intervals by masking and rejection.
/// </remarks>
internal sealed class NumpyRandom
{
    private const int Size = 624;
    private const int Middle = 397;

    private readonly uint[] _state = new uint[Size];
    private int _next = Size;
    private double? _spare;

    public NumpyRandom(uint seed)
    {
        for (uint i = 0; i < Size; i++)
        {
            _state[i] = seed;
            seed = (1812433253u * (seed ^ (seed >> 30))) + i + 1;
        }
    }

    /// <summary>Between 0 and 1, with 53 random bits.</summary>
    public double NextDouble()
    {
        uint high = NextBits() >> 5;
        uint low = NextBits() >> 6;
        return ((high * 67108864.0) + low) / 9007199254740992.0;
    }

    public double Uniform(double low, double high) => low + ((high - low) * NextDouble());

    public double Normal(double mean, double deviation) => mean + (deviation * NextStandard());

    /// <summary>The numbers from 0 to count - 1 in random order.</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int last = count - 1; last > 0; last--)
        {
            int other = NextUpTo(last);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    private double NextStandard()
    {
        if (_spare is { } spare)
        {
            _spare = null;
            return spare;
        }

        double x, y, square;
        do
        {
            x = (2 * NextDouble()) - 1;
            y = (2 * NextDouble()) - 1;
            square = (x * x) + (y * y);
        }
        while (square is >= 1 or 0);
        double factor = Math.Sqrt(-2 * Math.Log(square) / square);
        _spare = factor * x;
        return factor * y;
    }

    private int NextUpTo(int largest)
    {
        uint mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount((uint)largest);
        uint value;
        do
        {
            value = NextBits() & mask;
        }
        while (value > largest);
        return (int)value;
    }

    private uint NextBits()
    {
        if (_next == Size)
        {
            Advance();
        }

        uint bits = _state[_next++];
        bits ^= bits >> 11;
        bits ^= (bits << 7) & 0x9d2c5680;
        bits ^= (bits << 15) & 0xefc60000;
        return bits ^ (bits >> 18);
    }

    private void Advance()
    {
        for (int i = 0; i < Size; i++)
        {
            uint joined = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7fffffff);
            _state[i] = _state[(i + Middle) % Size] ^ (joined >> 1) ^ ((joined & 1) * 0x9908b0df);
        }

        _next = 0;
    }
}
