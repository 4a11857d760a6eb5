using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>
/// How a second moment varies over positions near the border, where zero padding takes taps away: one factor for each place along each spatial axis, with
/// mean 1, multiplied over the axes.
/// </summary>
internal sealed class Profile
{
    private readonly double[][] _axes;

    private Profile(double[][] axes) => _axes = axes;

    /// <summary>No variation.</summary>
    public static Profile Flat(IEnumerable<int> extents) => new(extents.Select(extent => Enumerable.Repeat(1.0, extent).ToArray()).ToArray());

    /// <summary>One axis with the given values, brought to mean 1.</summary>
    public static Profile Of(double[] values) => new Profile(new[] { values }).Through((_, axis) => (double[])axis.Clone()).Profile;

    /// <summary>Everything at the last place of one axis.</summary>
    public static Profile AtEnd(int extent)
    {
        double[] axis = new double[extent];
        axis[extent - 1] = extent;
        return new Profile(new[] { axis });
    }

    /// <summary>The factors along an axis.</summary>
    public double[] Axis(int axis) => _axes[axis];

    /// <summary>Whether it has these extents.</summary>
    public bool Fits(IReadOnlyList<int> extents) => _axes.Length == extents.Count && _axes.Zip(extents, (axis, extent) => axis.Length == extent).All(fits => fits);

    /// <summary>Applies a map to each axis; returns the new profile, with mean 1, and the factor that was taken out.</summary>
    public (Profile Profile, double Factor) Through(Func<int, double[], double[]> map)
    {
        double factor = 1;
        double[][] axes = new double[_axes.Length][];
        for (int axis = 0; axis < axes.Length; axis++)
        {
            axes[axis] = map(axis, _axes[axis]);
            factor *= Normalize(axes[axis]);
        }

        return (new Profile(axes), factor);
    }

    /// <summary>The mean of the product with another profile: above 1 where both are large in the same places.</summary>
    public double Overlap(Profile other) => _axes.Zip(other._axes, (a, b) => a.Zip(b, (x, y) => x * y).Average()).Aggregate(1.0, (product, mean) => product * mean);

    /// <summary>Where only a share of the second moment has the profile.</summary>
    public Profile Damped(double share) => share == 1 ? this : Through((_, axis) => axis.Select(x => 1 + ((x - 1) * share)).ToArray()).Profile;

    /// <summary>The profile of a sum in which two branches have the shares w and 1 - w, axis by axis; null is flat.</summary>
    public static Profile? OfSum(double w, Profile? a, Profile? b)
    {
        if (a is null || b is null)
        {
            return a?.Damped(w) ?? b?.Damped(1 - w);
        }

        return a.Fits(b._axes.Select(axis => axis.Length).ToArray())
            ? a.Through((axis, values) => values.Zip(b._axes[axis], (x, y) => (w * x) + ((1 - w) * y)).ToArray()).Profile
            : a;
    }

    /// <summary>
    /// Where the mean over the positions is subtracted and held a share of the second moment: the mean has the same profile, so that at the border, where it is smaller, what is subtracted is
    /// too much.
    /// </summary>
    public Profile Centred(double meanShare) => Through((_, axis) => axis.Select(x => ((1 - meanShare) * x) + (meanShare * (x - 1) * (x - 1))).ToArray()).Profile;

    /// <summary>After a function whose second moment goes as a power of its argument's.</summary>
    public Profile Power(double exponent) => exponent == 1 ? this : Through((_, axis) => axis.Select(x => Math.Pow(Math.Max(1e-12, x), exponent)).ToArray()).Profile;

    private static double Normalize(double[] axis)
    {
        double mean = axis.Average();
        for (int i = 0; i < axis.Length && mean > 0; i++)
        {
            axis[i] /= mean;
        }

        return mean;
    }
}
