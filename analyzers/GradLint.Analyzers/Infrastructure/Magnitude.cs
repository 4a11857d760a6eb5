using System;
using System.Globalization;

namespace GradLint.Infrastructure;

/// <summary>Puts predicted factors into words, at the precision that they have: one significant digit.</summary>
internal static class Magnitude
{
    /// <summary>How many times larger or smaller: 5.5 decades and -5.5 decades are both "3e5".</summary>
    public static string OfDecades(double decades) => Write(Math.Abs(decades));

    /// <summary>The factor itself: 0.3 decades are "2", -0.3 decades are "0.5".</summary>
    public static string OfFactor(double decades) => Write(decades);

    /// <summary>The factor of one layer of many: "1 times per layer" would say nothing, so that one has a second digit.</summary>
    public static string PerLayer(double decades) => OfFactor(decades) is var factor && factor == "1" ? Math.Pow(10, decades).ToString("0.0", CultureInfo.InvariantCulture) : factor;

    private static string Write(double decades)
    {
        if (double.IsInfinity(decades))
        {
            return "infinitely many";
        }

        double exponent = Math.Floor(decades);
        double digit = Math.Round(Math.Pow(10, decades - exponent));
        return exponent is >= -2 and < 4
            ? (digit * Math.Pow(10, exponent)).ToString("0.###", CultureInfo.InvariantCulture)
            : (digit == 10 ? $"1e{exponent + 1:0}" : $"{digit:0}e{exponent:0}");
    }
}
