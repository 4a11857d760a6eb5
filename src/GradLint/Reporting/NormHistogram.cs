namespace GradLint;

/// <summary>
/// How norms are distributed over the whole run, in memory of fixed size: 16 bins for each factor of 2, from 2^-64 to 2^64.
/// A bin is at most a sixteenth wide, so its middle is off by 3 percent at most.
/// </summary>
internal sealed class NormHistogram : IGuardState
{
    private const int BitsOfBin = 4;
    private const int FirstExponent = 1023 - 64;
    private const int Bins = 128 << BitsOfBin;

    private readonly long[] _counts = new long[Bins];

    public long Count { get; private set; }

    /// <summary>NaN if there is none.</summary>
    public double Largest { get; private set; } = double.NaN;

    /// <param name="norm">Greater than 0.</param>
    public void Add(double norm)
    {
        // Exponent and leading digits of a positive double are its logarithm, up to a straight line within each factor of 2.
        long bin = (BitConverter.DoubleToInt64Bits(norm) >> (52 - BitsOfBin)) - ((long)FirstExponent << BitsOfBin);
        _counts[Math.Clamp(bin, 0, Bins - 1)]++;
        Count++;
        Largest = Largest >= norm ? Largest : norm;
    }

    /// <summary>The norm below which a share of all norms lies; NaN if there are none.</summary>
    public double Quantile(double share)
    {
        long rank = (long)(share * (Count - 1));
        for (int bin = 0; bin < Bins; bin++)
        {
            rank -= _counts[bin];
            if (rank < 0)
            {
                return Math.Min((Edge(bin) + Edge(bin + 1)) / 2, Largest);
            }
        }

        return double.NaN;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Count);
        writer.Write(Largest);
        writer.Write(_counts.Count(count => count > 0));
        for (int bin = 0; bin < Bins; bin++)
        {
            if (_counts[bin] > 0)
            {
                writer.Write(bin);
                writer.Write(_counts[bin]);
            }
        }
    }

    public void Load(BinaryReader reader)
    {
        Count = reader.ReadInt64();
        Largest = reader.ReadDouble();
        Array.Clear(_counts);
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            int bin = reader.ReadInt32();
            if (bin is < 0 or >= Bins)
            {
                throw new InvalidDataException("The saved state has a histogram of another size.");
            }

            _counts[bin] = reader.ReadInt64();
        }
    }

    private static double Edge(int bin) => BitConverter.Int64BitsToDouble(((long)FirstExponent << 52) + ((long)bin << (52 - BitsOfBin)));
}
