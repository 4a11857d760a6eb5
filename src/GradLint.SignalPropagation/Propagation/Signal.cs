using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>Which axis of a shape counts the units that a layer's weights tell apart; the others count positions.</summary>
internal enum UnitAxis
{
    /// <summary>[positions..., features].</summary>
    Last,

    /// <summary>[channels, positions...].</summary>
    First,
}

/// <summary>A shape without the batch dimension; sizes that are unknown are null, and so is the whole where even the rank is unknown.</summary>
internal readonly record struct Shape(IReadOnlyList<int?>? Sizes)
{
    /// <summary>A vector of features.</summary>
    public static Shape Vector(int? size) => new(new[] { size });

    /// <summary>The sizes of the axes after the first, as many as asked for; null where they are unknown.</summary>
    public int?[] Spatial(int axes)
    {
        int?[] spatial = new int?[axes];
        for (int axis = 0; axis < axes && Sizes is { } sizes && sizes.Count == axes + 1; axis++)
        {
            spatial[axis] = sizes[axis + 1];
        }

        return spatial;
    }

    /// <summary>The size of the last axis.</summary>
    public int? Last => Sizes is { Count: > 0 } sizes ? sizes[sizes.Count - 1] : null;

    /// <summary>The size of the first axis.</summary>
    public int? First => Sizes is { Count: > 0 } sizes ? sizes[0] : null;

    /// <summary>The shape with another last axis.</summary>
    public Shape WithLast(int? size) => new(Sizes is { Count: > 0 } sizes ? sizes.Take(sizes.Count - 1).Concat(new[] { size }).ToArray() : new[] { size });

    /// <summary>All axes in one.</summary>
    public Shape Flattened() => new(Sizes is null ? null : new[] { Product(Sizes) });

    /// <summary>The product of the sizes; null where one is unknown.</summary>
    public static int? Product(IEnumerable<int?> sizes) => sizes.Aggregate((int?)1, (product, size) => product * size);
}

/// <summary>
/// A number for each kind of pair of elements of the same unit: two samples at the same position, two positions of the same sample, and both different.
/// </summary>
internal readonly record struct Pairs(double Sample, double Position, double Both)
{
    /// <summary>The function of each.</summary>
    public Pairs Map(Func<double, double> function) => new(function(Sample), function(Position), function(Both));

    /// <summary>The function of each with the other's.</summary>
    public Pairs Zip(Pairs other, Func<double, double, double> function) =>
        new(function(Sample, other.Sample), function(Position, other.Position), function(Both, other.Both));

    /// <summary>The products.</summary>
    public Pairs Times(Pairs other) => Zip(other, (a, b) => a * b);
}

/// <summary>
/// The forward moments on an edge (Poole et al. 2016): everything but q itself is relative to q, and q is kept as a logarithm, so that a thousand layers
/// of gain 1e6 stay in range.
/// </summary>
internal sealed record Signal
{
    /// <summary>The shape of one sample.</summary>
    public required Shape Shape { get; init; }

    /// <summary>Which axis counts units.</summary>
    public required UnitAxis Axis { get; init; }

    /// <summary>ln q, q = E x^2 of a unit: the typical value, exp E ln of a sample's second moment. Negative infinity: nothing passes.</summary>
    public required double LnQ { get; init; }

    /// <summary>m / sqrt q, m = E x: what all units have in common.</summary>
    public double MeanRatio { get; init; }

    /// <summary>E x_i x_j / q over two units of one sample: m^2 / q at least, and more where weights that are not centred give all units the same random part.</summary>
    public double UnitCorrelation { get; init; }

    /// <summary>How far the random part that units share has the same size for all samples, and only its sign is random: from 0 (Gaussian) to 1 (see <see cref="CommonMode"/>).</summary>
    public double CommonSize { get; init; }

    /// <summary>c / q over two samples, two positions, and both.</summary>
    public Pairs Correlation { get; init; }

    /// <summary>The variance, over initializations, of ln of one sample's second moment: what finite width adds (Hanin and Nica 2018).</summary>
    public double Fluctuation { get; init; }

    /// <summary>The variance, over initializations, of ln of the whole batch's second moment.</summary>
    public double BatchFluctuation { get; init; }

    /// <summary>The variance, within a batch, of ln of a sample's second moment; of no more than three, where a few samples are the whole batch.</summary>
    public double Spread => Math.Max(0, Math.Min(3, Fluctuation - BatchFluctuation));

    /// <summary>ln of the batch's second moment, in which large samples count most.</summary>
    public double LnBatchQ => LnQ + (0.5 * Spread);

    /// <summary>
    /// How far ln q may be off, as a standard deviation: what the expansion to second order in the fluctuation leaves out. It grows where a second moment is unstable, so that samples part from each other.
    /// </summary>
    public double Doubt { get; init; }

    /// <summary>
    /// How far ln q of the largest samples of a batch is above that of a typical one, where an activation makes them part (see <see cref="Activation.DiesOut"/>): they live on where the typical one dies.
    /// </summary>
    public double Ahead { get; init; }

    /// <summary>How q varies over positions; null where it does not.</summary>
    public Profile? Profile { get; init; }

    /// <summary>The variance, over pairs of samples, of c / q: finite width gives two samples a covariance even where they share nothing on average.</summary>
    public double CorrelationVariance { get; init; }

    /// <summary>How much of the norm is exactly that of the layer before, as orthogonal weights pass it on: from 0 (independent weights) to 1.</summary>
    public double Isometry { get; init; }

    /// <summary>The distribution of the units where it is not Gaussian and matters: between an activation outside of a residual sum and the next sum. Null elsewhere.</summary>
    public UnitPopulation? Units { get; init; }

    /// <summary>The correlation of u - m: what is left once the common mean is taken out.</summary>
    public Pairs DeviationCorrelation => MeanRatio == 0 ? Correlation : Correlation.Map(DeviationOf);

    /// <summary>A correlation with the common mean taken out.</summary>
    public double DeviationOf(double correlation)
    {
        double mu2 = MeanRatio * MeanRatio;
        return Math.Max(-1, Math.Min(1, (correlation - mu2) / Math.Max(1e-12, 1 - mu2)));
    }

    /// <summary>Independent N(0, 1): samples of n values each, whose second moment is a chi-square.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="units">The units, over which the product of two samples is averaged.</param>
    /// <param name="positions">The positions of each unit.</param>
    public static Signal StandardNormal(Shape shape, double units, double positions = 1) => new()
    {
        Shape = shape,
        Axis = UnitAxis.Last,
        LnQ = -1 / (units * positions),
        Fluctuation = 2 / (units * positions),
        CorrelationVariance = 1 / units,
    };

    /// <summary>Zero everywhere.</summary>
    public static Signal Zero(Shape shape, UnitAxis axis) => new() { Shape = shape, Axis = axis, LnQ = double.NegativeInfinity };
}

/// <summary>What finite width adds to the logarithm of a squared gradient norm.</summary>
/// <param name="Variance">Its variance over initializations (Hanin and Nica 2018).</param>
/// <param name="Sensitivity">Its derivative by ln q here: how what lies ahead reacts to a second moment that is larger than expected.</param>
internal readonly record struct Fluctuation(double Variance, double Sensitivity)
{
    /// <summary>After an activation: new noise, and second moments that fluctuate ahead of layers that react to them.</summary>
    public Fluctuation Through(ActivationMoments f, double noise, double squares, double units)
    {
        double k = Sensitivity;
        double ahead = Math.Max(-noise, ((k * k * squares) + (2 * k * (f.SquareAndSlope - 1))) / units);
        return new Fluctuation(Variance + noise + ahead, f.LnDSlope + (k * f.LnVSlope));
    }

    /// <summary>With more independent noise.</summary>
    public Fluctuation Plus(double noise) => this with { Variance = Variance + noise };

    /// <summary>Where ln q reacts to its source by less than one to one.</summary>
    public Fluctuation Damped(double share) => this with { Sensitivity = Sensitivity * share };

    /// <summary>The fluctuation of a sum in which two branches have shares w and v.</summary>
    public static Fluctuation OfSum(double w, Fluctuation a, double v, Fluctuation b, double noise)
    {
        double shared = Math.Min(a.Variance, b.Variance);
        double variance = shared + (w * w * (a.Variance - shared)) + (v * v * (b.Variance - shared)) + noise;
        return new Fluctuation(variance, (w * a.Sensitivity) + (v * b.Sensitivity));
    }
}

/// <summary>The moments of the backward signal on an edge (Schoenholz et al. 2017), relative to p, which is kept as a logarithm.</summary>
internal sealed record Gradient
{
    /// <summary>The shape of one sample.</summary>
    public required Shape Shape { get; init; }

    /// <summary>ln p, p = E (dL/dx)^2 of one element: the typical value over initializations.</summary>
    public required double LnP { get; init; }

    /// <summary>a / sqrt p, a = E dL/dx: what all units have in common.</summary>
    public double MeanRatio { get; init; }

    /// <summary>E g_i g_j / p over two units of one sample, beyond the square of the common mean: what weights that are not centred make the same.</summary>
    public double UnitCorrelation { get; init; }

    /// <summary>r / p over two samples, two positions, and both.</summary>
    public Pairs Correlation { get; init; }

    /// <summary>
    /// kappa sqrt(q / p): the part of the gradient that follows the signal itself, dL/dx = kappa x + (Gaussian). A loss that reacts to the output starts it, and weights W pass it
    /// on, because dL/dz depends on z = W x and so on W: E W^T dL/dz = n_out Var W E[d(dL/dz)/dz] x (Stein's lemma).
    /// </summary>
    public double Alignment { get; init; }

    /// <summary>
    /// The share of p that follows the signal over the positions of one sample with a coefficient of the unit's own, beyond <see cref="Alignment"/>: where all positions receive the
    /// same gradient, an activation's slope makes it follow the signal. A norm over positions takes it away.
    /// </summary>
    public double OwnAlignment { get; init; }

    /// <summary>How p varies over positions; null where it does not.</summary>
    public Profile? Profile { get; init; }

    /// <summary>The gradients of the same units as the signal's; null where they are Gaussian.</summary>
    public UnitPopulation? Units { get; init; }

    /// <summary>d(r/p) / d(c/q) for each kind of pair: how the gradients' correlation follows that of the signals.</summary>
    public Pairs CorrelationSlope { get; init; }

    /// <summary>How far ln p may be off for the same reason as <see cref="Signal.Doubt"/>.</summary>
    public double Doubt { get; init; }

    /// <summary>What finite width adds to ln of the squared norm over the batch.</summary>
    public Fluctuation OfNorm { get; init; }

    /// <summary>What finite width adds to ln of the squared norm relative to that at the last weight layer.</summary>
    public Fluctuation OfGrowth { get; init; }

    /// <summary>Nothing arrives.</summary>
    public static Gradient None(Shape shape) => new() { Shape = shape, LnP = double.NegativeInfinity };

    /// <summary>The sum of what two branches return to the edge where they part.</summary>
    /// <remarks>
    /// Their products average out but for what both owe to the signal itself (and the common means); those products fluctuate, by 4 w (1 - w) / n of the squared sum.
    /// </remarks>
    /// <param name="other">What the other branch returns.</param>
    /// <param name="signal">The forward moments at the edge.</param>
    /// <param name="units">n.</param>
    /// <param name="seed">Which draw to take where one branch returns a distribution and the other does not.</param>
    public Gradient Plus(Gradient other, Signal signal, double units, int seed)
    {
        double lnBoth = SpecialFunctions.LogAdd(LnP, other.LnP);
        if (double.IsNegativeInfinity(lnBoth))
        {
            return this;
        }

        double w = double.IsNegativeInfinity(LnP) ? 0 : Math.Exp(LnP - lnBoth);
        double v = double.IsNegativeInfinity(other.LnP) ? 0 : Math.Exp(other.LnP - lnBoth);
        double cross = Math.Sqrt(w * v);
        if (signal.Units is not null && (Units is not null || other.Units is not null))
        {
            return PlusByUnit(other, signal, lnBoth, w, units, seed);
        }

        double common = Overlap(this, other, signal.MeanRatio);
        double total = Math.Max(1e-30, 1 + (2 * cross * common));
        double noise = 4 * w * v * (1 - (common * common)) / units;
        return this with
        {
            LnP = lnBoth + Math.Log(total) - (0.5 * noise),
            MeanRatio = Math.Max(-1, Math.Min(1, ((MeanRatio * Math.Sqrt(w)) + (other.MeanRatio * Math.Sqrt(v))) / Math.Sqrt(total))),
            Correlation = Correlation.Zip(other.Correlation, (r, s) => ((w * r) + (v * s)) / total).Zip(signal.Correlation, (rs, c) => rs + (2 * cross * common * c / total)),
            UnitCorrelation = Math.Min(1, ((w * UnitCorrelation) + (v * other.UnitCorrelation)) / total),
            Doubt = (w * Doubt) + (v * other.Doubt),
            Alignment = ((Alignment * Math.Sqrt(w)) + (other.Alignment * Math.Sqrt(v))) / Math.Sqrt(total),
            CorrelationSlope = CorrelationSlope.Zip(other.CorrelationSlope, (r, s) => ((w * r) + (v * s)) / total),
            Profile = Profile.OfSum(w, Profile, other.Profile),
            OfNorm = Fluctuation.OfSum(w, OfNorm, v, other.OfNorm, noise),
            OfGrowth = Fluctuation.OfSum(w, OfGrowth, v, other.OfGrowth, noise),
        };
    }

    /// <summary>The gradients of the signal's units: its own, or Gaussian ones with its mean and alignment.</summary>
    public UnitPopulation UnitsAlong(Signal signal, int seed, UnitPopulation? apartFrom = null)
    {
        if (Units is not null)
        {
            return Units;
        }

        UnitPopulation x = signal.Units!;
        double rest = MeanRatio - (Alignment * x.Mean);
        double loose = Math.Sqrt(Math.Max(0, 1 - (Alignment * Alignment) - (2 * Alignment * rest * x.Mean) - (rest * rest)));
        double coherent = Math.Min(1, Alignment * Alignment);
        Pairs correlation = loose * loose < 1e-9 ? default : Correlation.Zip(signal.Correlation, (r, c) => (r - (coherent * c) - (rest * rest)) / (loose * loose));
        UnitPopulation[] known = apartFrom is null ? new[] { x } : new[] { x, apartFrom };
        UnitPopulation fresh = UnitPopulation.Gaussian(x.Count, 0, correlation, x.HasPositions, seed, known);
        return fresh.Combine(loose, x, Alignment, rest, out _);
    }

    private Gradient PlusByUnit(Gradient other, Signal signal, double lnBoth, double w, double units, int seed)
    {
        double v = 1 - w;
        UnitPopulation sum = UnitsAlong(signal, (2 * seed) + 1, other.Units)
            .Combine(Math.Sqrt(w), other.UnitsAlong(signal, (2 * seed) + 2, Units), Math.Sqrt(v), 0, out double total);
        double noise = 4 * w * v / units;
        return OfUnits(sum, signal) with
        {
            LnP = lnBoth + Math.Log(Math.Max(1e-30, total)) - (0.5 * noise),
            UnitCorrelation = Math.Min(1, ((w * UnitCorrelation) + (v * other.UnitCorrelation)) / Math.Max(1e-30, total)),
            Correlation = Correlation.Zip(other.Correlation, (r, s) => ((w * r) + (v * s)) / total).Zip(signal.Correlation, (rs, c) => rs + ((1 - (1 / total)) * c)),
            CorrelationSlope = CorrelationSlope.Zip(other.CorrelationSlope, (r, s) => ((w * r) + (v * s)) / Math.Max(1e-30, total)),
            Profile = Profile.OfSum(w, Profile, other.Profile),
            OfNorm = Fluctuation.OfSum(w, OfNorm, v, other.OfNorm, noise),
            OfGrowth = Fluctuation.OfSum(w, OfGrowth, v, other.OfGrowth, noise),
        };
    }

    /// <summary>This gradient with the moments of its units.</summary>
    public Gradient OfUnits(UnitPopulation own, Signal signal) => this with
    {
        Units = own,
        MeanRatio = own.Mean,
        Alignment = Math.Max(-1, Math.Min(1, own.Following(signal.Units!))),
    };

    // E g h / sqrt(E g^2 E h^2) for g = kappa x + a' + ..., h likewise, with E x / sqrt q = mu and a' the mean beyond kappa mu.
    private static double Overlap(Gradient g, Gradient h, double mu)
    {
        double restG = g.MeanRatio - (g.Alignment * mu);
        double restH = h.MeanRatio - (h.Alignment * mu);
        double overlap = (g.Alignment * h.Alignment) + (((g.Alignment * restH) + (h.Alignment * restG)) * mu) + (restG * restH);
        return Math.Max(-1, Math.Min(1, overlap));
    }
}
