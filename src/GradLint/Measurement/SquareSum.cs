namespace GradLint;

/// <summary>
/// A sum of squares in units of <paramref name="Unit"/> squared. The unit is 1 as long as the squares are within range; it is
/// the largest magnitude where they would overflow or vanish.
/// </summary>
internal readonly record struct SquareSum(double Sum, double Unit)
{
    public static SquareSum Zero { get; } = new(0, 1);

    public double Norm => Unit * Math.Sqrt(Sum);

    public static SquareSum OfNorm(double norm) => norm == 0 ? Zero : new(1, norm);

    /// <summary>The factor that brings the norm to <paramref name="target"/>, known even where the norm itself overflows.</summary>
    public double FactorTo(double target) => target / Math.Sqrt(Sum) / Unit;

    public static SquareSum operator +(SquareSum left, SquareSum right)
    {
        if (right.Sum == 0 || left.Sum == 0)
        {
            return left.Sum == 0 ? right : left;
        }

        (SquareSum coarse, SquareSum fine) = left.Unit >= right.Unit ? (left, right) : (right, left);
        double ratio = fine.Unit / coarse.Unit;
        return coarse with { Sum = coarse.Sum + (fine.Sum * ratio * ratio) };
    }
}
