using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>An activation function.</summary>
/// <remarks>
/// q' = V(q), c' = C(q, c) (Poole et al. 2016); p = p' D(q), r = r' Dc(q, c) (Schoenholz et al. 2017). In a layer of n units the sums fluctuate:
/// the relative variance of the backward one is (3 E f'^4 / D^2 - 1) / n, 5/n for ReLU together with the weights' 2/n (Hanin and Nica 2018, theorem 1), and
/// over a batch only what the samples share counts.
/// </remarks>
/// <param name="Function">The function.</param>
public sealed record ActivationLayer(Activation Function) : Layer
{
    /// <summary>Samples that part further than this do not stay where an activation's slopes are those at the typical second moment.</summary>
    private const double LargestSpread = 1;

    /// <summary>The relative variance of a sum of squares is the number of units over those that pass, so that beyond this times the samples, a tenth of a unit passes in all.</summary>
    private const double FewestThatPass = 10;

    /// <summary>Where squares are zero in a double.</summary>
    private const double LnNothing = -700;

    /// <summary>A doubt with which nothing is said: some samples pass a threshold and others do not.</summary>
    private const double Unknown = 1e6;

    /// <summary>The standard deviation of half the square of a Gaussian of variance 1.</summary>
    private static readonly double s_ofSquare = Math.Sqrt(0.5);

    /// <summary>Where E exp(4 u), the fourth moment of what a softmax sums, leaves double precision behind.</summary>
    private static readonly double s_lnLargestLogits = Math.Log(80);

    /// <inheritdoc/>
    public override string Kind => "Activation";

    internal override bool IsUnitwise => true;

    internal override bool KeepsUnits => Function is not (Softmax or LogSoftmax);

    internal override Signal Forward(Step step) => step.Input.Units is { } units && KeepsUnits ? ForwardByUnit(step, units) : ForwardGaussian(step);

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) =>
        step.Input.Units is not null && step.Output.Units is not null ? new[] { BackwardByUnit(step, gradient) } : BackwardGaussian(step, gradient);

    // The moments of f(u) over the units themselves. Units that persist are no new draw: finite width adds nothing here beyond what the sum has added.
    private Signal ForwardByUnit(Step step, UnitPopulation units)
    {
        Signal u = step.Input;
        Signal gaussian = ForwardGaussian(step);
        ActivationMoments f = step.Context.Moments(Function, u);
        double root = Math.Exp(0.5 * u.LnQ);
        UnitPopulation after = units.Map(x => Function.Value(root * x), out double square);
        return !IsFinite(root) || square <= 0 ? gaussian : gaussian with
        {
            LnQ = Math.Log(square),
            Fluctuation = f.LnVSlope * f.LnVSlope * u.Fluctuation,
            BatchFluctuation = f.LnVSlope * f.LnVSlope * u.BatchFluctuation,
            MeanRatio = after.Mean,
            UnitCorrelation = after.Mean * after.Mean,
            Correlation = after.Correlation,
            Units = after,
        };
    }

    private Gradient BackwardByUnit(Step step, Gradient gradient)
    {
        Signal u = step.Input;
        Gradient gaussian = BackwardGaussian(step, gradient)[0];
        if (double.IsNegativeInfinity(gaussian.LnP))
        {
            return gaussian;
        }

        ActivationMoments f = step.Context.Moments(Function, u);
        double root = Math.Exp(0.5 * u.LnQ);
        UnitPopulation units = u.Units!;
        UnitPopulation before = gradient.UnitsAlong(step.Output, step.Seed).Times(units, x => Function.Slope(root * x), out double square);
        return square <= 0 ? gaussian : (gaussian with
        {
            LnP = gradient.LnP + Math.Log(square),
            OfNorm = gradient.OfNorm.Through(f, 0, 0, double.PositiveInfinity),
            OfGrowth = gradient.OfGrowth.Through(f, 0, 0, double.PositiveInfinity),
        }).OfUnits(before, u);
    }

    private static bool IsFinite(double x) => !double.IsNaN(x) && !double.IsInfinity(x) && x > 0;

    private Signal ForwardGaussian(Step step)
    {
        Signal u = step.Input;
        if (Function is Softmax && u.LnQ > s_lnLargestLogits)
        {
            throw new PredictionStopException($"a softmax of values with a deviation of {Math.Exp(0.5 * u.LnQ):g2} picks one of them");
        }

        ActivationMoments f = step.Context.Moments(Function, u);
        double lnVAhead = Function.DiesOut ? LnVAhead(step) : f.LnV;
        bool nothingIsLeft = Function.DiesOut && lnVAhead < LnNothing;
        if (double.IsNegativeInfinity(f.LnV) || nothingIsLeft)
        {
            bool diesHere = Function.DiesOut && !double.IsNegativeInfinity(u.LnQ);
            return Signal.Zero(u.Shape, u.Axis) with { Doubt = !diesHere ? u.Doubt : nothingIsLeft ? 0 : Unknown };
        }

        double units = step.Context.Units(u);
        Pairs shared = u.DeviationCorrelation.Map(rho => SquareCovariance(f, u, rho));
        double kurtosis = SquareCovariance(f, u, 1);
        double noise = step.Context.MixPositions(u, kurtosis, shared) / units;
        double batchNoise = step.Context.Mix(u, kurtosis, shared) / units;
        double slope = f.LnVSlope * f.LnVSlope;
        double rho = u.DeviationCorrelation.Sample;
        double lnQ = f.LnV + SoftmaxScale(step, u) - (0.5 * noise) + (0.5 * f.LnVCurvature * Math.Min(1, u.Fluctuation));
        return u with
        {
            LnQ = lnQ,
            MeanRatio = f.MeanRatio,
            UnitCorrelation = f is CommonMode common ? common.UnitCorrelation : f.C(u.DeviationOf(u.UnitCorrelation)),
            CommonSize = f is CommonMode { Size: double size } ? size : u.CommonSize,
            Correlation = u.DeviationCorrelation.Map(f.C),
            Profile = u.Profile?.Power(f.LnVSlope),
            Fluctuation = (slope * u.Fluctuation) + noise,
            BatchFluctuation = (slope * u.BatchFluctuation) + batchNoise,
            Doubt = Function.DiesOut
                ? Math.Max(0, lnVAhead - lnQ) / step.Context.LargestDeviation
                : (Math.Abs(f.LnVSlope) * u.Doubt) + (Math.Abs(f.LnVCurvature) * u.Fluctuation * s_ofSquare),
            Ahead = Function.DiesOut ? Math.Max(0, lnVAhead - lnQ) : u.Ahead,
            CorrelationVariance = (Square(ActivationMoments.SlopeOf(f.C, rho)) * u.CorrelationVariance) + (ProductVariance(f, u, rho) / units),
            Isometry = 0,
        };
    }

    // ln V of the largest samples: what they were ahead before, and, independent of it, by how much the sum over few units that pass exceeds its mean. Where not even one unit of the batch
    // is expected to pass, nothing does.
    private double LnVAhead(Step step)
    {
        ActivationMoments typical = step.Context.Moments(Function, step.Input);
        ActivationMoments ahead = MomentsAhead(step);
        double noise = SquareCovariance(ahead, step.Input, 1) / step.Context.Units(step.Input);
        if (double.IsNegativeInfinity(ahead.LnV) || noise > FewestThatPass * step.Context.Options.BatchSize)
        {
            return double.NegativeInfinity;
        }

        double fresh = Math.Log(1 + (step.Context.LargestDeviation * Math.Sqrt(noise)));
        double kept = double.IsNegativeInfinity(typical.LnV) ? 0 : ahead.LnV - typical.LnV;
        return ahead.LnV - kept + Math.Sqrt((kept * kept) + (fresh * fresh));
    }

    private static double LnQAhead(Step step) => step.Input.LnQ + Math.Max(step.Input.Ahead, step.Context.LargestDeviation * Math.Sqrt(step.Input.Spread));

    private ActivationMoments MomentsAhead(Step step) => step.Context.Moments(Function, step.Input with { LnQ = LnQAhead(step) });

    // How far ln D may be off.
    private double DoubtOfSlope(Step step, ActivationMoments f) => Function.DiesOut
        ? Math.Max(0, MomentsAhead(step).LnD - f.LnD) / step.Context.LargestDeviation
        : (Math.Abs(f.LnDSlope) * step.Input.Doubt) + (Math.Abs(f.LnDCurvature) * step.Input.Fluctuation * s_ofSquare);

    private IReadOnlyList<Gradient> BackwardGaussian(Step step, Gradient gradient)
    {
        Signal u = step.Input;
        ActivationMoments f = step.Context.Moments(Function, u);
        if (double.IsNegativeInfinity(f.LnD) || double.IsNegativeInfinity(gradient.LnP) || (Function.DiesOut && double.IsNegativeInfinity(step.Output.LnQ)))
        {
            return new[] { Gradient.None(u.Shape) };
        }

        (double power, double mean, double response) = Coherent(f, u, gradient);
        double coherent = Math.Min(1, gradient.Alignment * gradient.Alignment);
        double units = step.Context.Units(u);
        Pairs rho = u.DeviationCorrelation;
        Pairs r = gradient.Correlation.Zip(step.Output.Correlation, (d, c) => d - (coherent * c));

        // Slopes that fluctuate on top of the Gaussian signal.
        double slopes = step.Context.Mix(
            u, 3 * (f.SquaredSlopeTwoPoint(1) - 1), rho.Zip(gradient.Correlation, (c, d) => (f.SquaredSlopeTwoPoint(c) - 1) * (1 + (2 * d * d))));
        double squares = step.Context.Mix(u, SquareCovariance(f, u, 1), rho.Map(c => SquareCovariance(f, u, c)));
        double noise = Math.Max(0, slopes / units);
        double doubt = f is CommonMode common ? common.Doubt : 0;
        double alignedPower = coherent * f.SquareAndSlope;
        bool hasPositions = step.Context.Positions(u) > 1;
        double Slope(double r, double given, double c) => ((r * ActivationMoments.SlopeOf(f.Dc, c))
            + (((given * f.Dc(c)) + alignedPower - (coherent * f.Dc(c))) * ActivationMoments.SlopeOf(f.C, c))) / power;
        return new[]
        {
            gradient with
            {
                Shape = u.Shape,
                LnP = gradient.LnP + f.LnD + Math.Log(power) + SoftmaxScale(step, u) - (0.5 * noise) + (0.5 * f.LnDCurvature * Math.Min(1, u.Fluctuation)) + OfSpread(step, f, gradient),
                MeanRatio = Math.Max(-1, Math.Min(1, mean / Math.Sqrt(power))),
                UnitCorrelation = gradient.UnitCorrelation * f.Dc(u.DeviationOf(u.UnitCorrelation)),
                Alignment = response / Math.Sqrt(power),
                OwnAlignment = hasPositions ? Math.Max(0, r.Position) * f.CurvatureRatio * f.CurvatureRatio / power : 0,
                Correlation = r.Zip(rho, (d, c) => ((d * f.Dc(c)) + (alignedPower * f.C(c))) / power),
                CorrelationSlope = new Pairs(
                    Slope(r.Sample, gradient.CorrelationSlope.Sample, rho.Sample),
                    hasPositions ? Slope(r.Position, gradient.CorrelationSlope.Position, rho.Position) : 0,
                    hasPositions ? Slope(r.Both, gradient.CorrelationSlope.Both, rho.Both) : 0),
                Doubt = gradient.Doubt + DoubtOfSlope(step, f),
                OfNorm = gradient.OfNorm.Through(f, noise, squares, units).Plus(doubt),
                OfGrowth = gradient.OfGrowth.Through(f, noise, squares, units).Plus(doubt),
            },
        };
    }

    // Over the batch the gradients of samples of which the second moment is larger weigh more, or less: E exp(k d), with k the sensitivity of ln p here, less what it is at the output.
    private static double OfSpread(Step step, ActivationMoments f, Gradient gradient)
    {
        double ahead = gradient.OfNorm.Sensitivity * f.LnVSlope;
        double spread = Math.Min(LargestSpread, step.Input.Spread);
        return step.Context.LnBatchMean(f.LnDSlope + ahead, spread) - step.Context.LnBatchMean(ahead, spread);
    }

    // n times the relative covariance of the second moments of two samples: Cov(f^2, f'^2) / V^2, less what a norm that is passed on exactly takes away.
    private static double SquareCovariance(ActivationMoments f, Signal u, double rho) =>
        Math.Max(0, f.SquareTwoPoint(rho) - 1 - (2 * rho * rho * u.Isometry * Square(f.LnVSlope)));

    // n times the variance of the product of two samples over V^2, likewise.
    private static double ProductVariance(ActivationMoments f, Signal u, double rho) =>
        Math.Max(0, f.SquareTwoPoint(rho) - Square(f.C(rho)) - (u.Isometry * (1 + (rho * rho)) * Square(ActivationMoments.SlopeOf(f.C, rho))));

    // g = kappa f + a + xi at the output, with a the common mean beyond that of kappa f and xi Gaussian, gives at the input f' g: its second moment E f'^2 (kappa f + a + xi)^2
    // relative to p D; its mean E f' (kappa f + a) relative to sqrt(p D); and its response to u, E d(f' g)/du = kappa dV/dq + a E f'', times sqrt(q_u) over sqrt(p D).
    private static (double Power, double Mean, double Response) Coherent(ActivationMoments f, Signal u, Gradient gradient)
    {
        double k = gradient.Alignment;
        double a = gradient.MeanRatio - (k * f.MeanRatio);
        double xi = Math.Max(0, 1 - (k * k) - (2 * k * a * f.MeanRatio) - (a * a));
        double power = (k * k * f.SquareAndSlope) + (2 * k * a * f.ValueAndSlope) + (a * a) + xi;
        double mean = (k * f.ValueTimesSlope) + (a * f.SlopeRatio);
        double deviation = Math.Sqrt(Math.Max(1e-12, 1 - (u.MeanRatio * u.MeanRatio)));
        double response = (k * f.LnVSlope * Math.Exp(0.5 * (f.LnV - u.LnQ - f.LnD))) + (a * f.CurvatureRatio / deviation);
        return (Math.Max(1e-30, power), mean, response);
    }

    private static double Square(double x) => x * x;

    // Softmax is exp(u) / (n E exp(u)), a row of which has at most the squared norm of a one-hot vector.
    private double SoftmaxScale(Step step, Signal u)
    {
        if (Function is not Softmax)
        {
            return 0;
        }

        double lnN = Math.Log(step.Context.Units(u));
        double lnSum = lnN + (0.5 * Math.Exp(Math.Min(700, u.LnQ)));
        ActivationMoments f = step.Context.Moments(Function, u);
        return Math.Min(-2 * lnSum, -lnN - f.LnV);
    }
}

/// <summary>Drops units with a probability and scales the others up: q' = q / (1 - p_d), p = p' / (1 - p_d); c and r stay (Schoenholz et al. 2017, section 4).</summary>
/// <param name="Probability">p_d, the probability to drop, in [0, 1).</param>
public sealed record DropoutLayer(double Probability = 0.5) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Dropout";

    internal override bool IsUnitwise => true;

    internal override string? Problem => Probability is >= 0 and < 1 ? null : $"drops with probability {Probability}, which must be in [0, 1)";

    private double Kept => 1 - Probability;

    internal override Signal Forward(Step step) => step.Input with
    {
        LnQ = step.Input.LnQ - Math.Log(Kept),
        MeanRatio = step.Input.MeanRatio * Math.Sqrt(Kept),
        UnitCorrelation = step.Input.UnitCorrelation * Kept,
        Correlation = step.Input.Correlation.Map(c => c * Kept),
        CorrelationVariance = step.Input.CorrelationVariance * Kept * Kept,
    };

    // What follows the signal, kappa m x / (1 - p_d), meets its own mask: of its second moment, covariance and mean more is left than of what is independent of the mask.
    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        double coherent = Math.Min(1, gradient.Alignment * gradient.Alignment);
        double total = 1 + (coherent * Probability / Kept);
        double following = gradient.Alignment * step.Output.MeanRatio;
        double mean = ((following / Math.Sqrt(Kept)) + ((gradient.MeanRatio - following) * Math.Sqrt(Kept))) / Math.Sqrt(total);
        return new[]
        {
            gradient with
            {
                LnP = gradient.LnP - Math.Log(Kept) + Math.Log(total),
                MeanRatio = Math.Max(-1, Math.Min(1, mean)),
                UnitCorrelation = gradient.UnitCorrelation * Kept,
                Alignment = gradient.Alignment / Math.Sqrt(total),
                Correlation = gradient.Correlation.Zip(step.Output.Correlation, (r, c) => ((coherent * c / Kept) + ((r - (coherent * c)) * Kept)) / total),
                CorrelationSlope = gradient.CorrelationSlope.Map(slope => ((coherent / Kept) + ((slope - coherent) * Kept)) * Kept / total),
            },
        };
    }
}

/// <summary>x times a constant, as in scaled residual branches.</summary>
/// <param name="Factor">The constant.</param>
public sealed record ScaleLayer(double Factor) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Scale";

    internal override bool IsUnitwise => true;

    internal override bool KeepsUnits => Factor > 0;

    private double LnFactor2 => 2 * Math.Log(Math.Abs(Factor));

    internal override Signal Forward(Step step) => Factor == 0
        ? Signal.Zero(step.Input.Shape, step.Input.Axis)
        : step.Input with { LnQ = step.Input.LnQ + LnFactor2, MeanRatio = step.Input.MeanRatio * Math.Sign(Factor) };

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) =>
        new[] { gradient with { LnP = gradient.LnP + LnFactor2, MeanRatio = gradient.MeanRatio * Math.Sign(Factor) } };
}

/// <summary>Hands the values on, and no gradient back: what lies before it alone does not train.</summary>
public sealed record DetachLayer : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Detach";

    internal override bool IsUnitwise => true;

    internal override bool KeepsUnits => true;

    internal override Signal Forward(Step step) => step.Input;

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) => Array.Empty<Gradient>();
}

/// <summary>All axes but the batch become one: positions become features, and what follows has weights of its own for each of them.</summary>
public sealed record FlattenLayer : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Flatten";

    internal override bool IsUnitwise => true;

    internal override Signal Forward(Step step) => step.Input with
    {
        Shape = step.Input.Shape.Flattened(),
        Axis = UnitAxis.Last,
        Profile = null,
        CorrelationVariance = step.Input.CorrelationVariance * Shared(step),
    };

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) => new[]
    {
        gradient with
        {
            Shape = step.Input.Shape,
            Correlation = new Pairs(gradient.Correlation.Sample, 0, 0),
            CorrelationSlope = new Pairs(gradient.CorrelationSlope.Sample * Shared(step), 0, 0),
            Profile = null,
        },
    };

    // The covariance of two samples over all positions follows that at one of them only as far as positions are alike.
    private static double Shared(Step step) => Averaging.Shared(step.Context.Positions(step.Input), step.Input.Correlation.Position);
}
