using System;
using System.Globalization;

namespace GradLint.Infrastructure;

/// <summary>Puts predicted numbers into words, at the precision that they have: one significant digit.</summary>
internal static class Magnitude
{
    /// <summary>A factor given in decades, without its direction: 5.5 and -5.5 are both "3e5".</summary>
    public static string OfDecades(double decades) => OfFactor(Math.Pow(10, Math.Abs(decades)));

    public static string OfFactor(double factor)
    {
        double exponent = Math.Floor(Math.Log10(factor));
        double rounded = Math.Round(factor / Math.Pow(10, exponent)) * Math.Pow(10, exponent);
        return rounded is >= 0.01 and < 10_000
            ? rounded.ToString("0.###", CultureInfo.InvariantCulture)
            : rounded.ToString("0e0", CultureInfo.InvariantCulture);
    }
}
