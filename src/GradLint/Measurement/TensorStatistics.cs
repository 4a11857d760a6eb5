namespace GradLint;

/// <summary>What one pass over a tensor tells.</summary>
/// <param name="Squares">The sum of squares of the finite elements.</param>
/// <param name="Largest">The largest magnitude among the finite elements.</param>
/// <param name="NonFinite">How many elements are NaN or infinite.</param>
internal readonly record struct TensorStatistics(SquareSum Squares, double Largest, long NonFinite)
{
    public static TensorStatistics Empty { get; } = new(SquareSum.Zero, 0, 0);

    public static TensorStatistics operator +(TensorStatistics left, TensorStatistics right) =>
        new(left.Squares + right.Squares, Math.Max(left.Largest, right.Largest), left.NonFinite + right.NonFinite);
}
