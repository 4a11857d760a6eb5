using System;

namespace GradLint.SignalPropagation;

/// <summary>
/// What the recursions need to know of an activation f at u = m + s z, z ~ N(0, 1). Everything is scale-free or a logarithm, so that neither
/// q = 1e-400 nor q = 1e+600 leaves the range of a double.
/// </summary>
/// <remarks>Names as in Poole et al. 2016 (V, C) and Schoenholz et al. 2017 (D is their chi without the weights); see <see cref="Activation"/>.</remarks>
internal abstract class ActivationMoments
{
    /// <summary>ln V, V = E f(u)^2.</summary>
    public abstract double LnV { get; }

    /// <summary>E f(u) / sqrt V, in [-1, 1].</summary>
    public abstract double MeanRatio { get; }

    /// <summary>ln D, D = E f'(u)^2.</summary>
    public abstract double LnD { get; }

    /// <summary>E f'(u) / sqrt D, in [-1, 1]: how much of a common backward signal stays common.</summary>
    public abstract double SlopeRatio { get; }

    /// <summary>E f'(u) z / sqrt D = s E f''(u) / sqrt D (Stein's lemma): how far the slope depends on the unit's own weights.</summary>
    public abstract double CurvatureRatio { get; }

    /// <summary>C(rho) / V: the covariance of the outputs for two inputs of correlation rho.</summary>
    public abstract double C(double rho);

    /// <summary>Dc(rho) / D: the two-point moment of the slopes.</summary>
    public abstract double Dc(double rho);

    /// <summary>E f^2(u) f^2(u') / V^2: 1 plus the relative covariance, times n, of a layer's second moments. At rho = 1 the kurtosis of f.</summary>
    public abstract double SquareTwoPoint(double rho);

    /// <summary>E f'^2(u) f'^2(u') / D^2: the same for the squared slopes.</summary>
    public abstract double SquaredSlopeTwoPoint(double rho);

    /// <summary>E f^2(u) f'^2(u) / (V D).</summary>
    public abstract double SquareAndSlope { get; }

    /// <summary>E f f'^2 / (sqrt V D).</summary>
    public abstract double ValueAndSlope { get; }

    /// <summary>E f f' / sqrt(V D).</summary>
    public abstract double ValueTimesSlope { get; }

    /// <summary>d ln V / d ln q = E f^2 (z^2 - 1) / 2V: 1 for the ReLU family, less where f saturates.</summary>
    public abstract double LnVSlope { get; }

    /// <summary>d ln D / d ln q = E f'^2 (z^2 - 1) / 2D: 0 for the ReLU family.</summary>
    public abstract double LnDSlope { get; }

    /// <summary>d^2 ln V / d (ln q)^2: 0 for the ReLU family.</summary>
    public abstract double LnVCurvature { get; }

    /// <summary>d^2 ln D / d (ln q)^2: 0 for the ReLU family.</summary>
    public abstract double LnDCurvature { get; }

    /// <summary>dC / dc: the slope of the correlation map (Schoenholz et al. 2017, chi_1 at rho = 1, without the weights).</summary>
    /// <param name="rho">The correlation.</param>
    /// <param name="function">C / V or Dc / D.</param>
    public static double SlopeOf(Func<double, double> function, double rho)
    {
        const double Distance = 1e-3;
        double high = Math.Min(1, rho + Distance);
        double low = Math.Max(-1, rho - Distance);
        return (function(high) - function(low)) / (high - low);
    }

    /// <summary>Keeps a correlation that rounding pushed out of [-1, 1] inside.</summary>
    protected static double Clamp(double rho) => Math.Max(-1, Math.Min(1, rho));
}

/// <summary>The closed forms for x -> x (x &gt; 0), a x (x &lt; 0) at mean 0 (He et al. 2015; Cho and Saul 2009, arc-cosine kernels).</summary>
internal sealed class LeakyReLUMoments : ActivationMoments
{
    private readonly double _left;
    private readonly double _right;
    private readonly double _v; // V / q, which is also D

    /// <summary>The moments of a function with slope <paramref name="left"/> below 0 and <paramref name="right"/> above it.</summary>
    public LeakyReLUMoments(double left, double right, double lnQ)
    {
        _left = left;
        _right = right;
        _v = 0.5 * ((left * left) + (right * right));
        LnV = lnQ + Math.Log(_v);
        LnD = Math.Log(_v);
    }

    public override double LnV { get; }

    public override double LnD { get; }

    public override double MeanRatio => (_right - _left) / Math.Sqrt(2 * Math.PI * _v);

    public override double SlopeRatio => 0.5 * (_left + _right) / Math.Sqrt(_v);

    public override double CurvatureRatio => (_right - _left) / Math.Sqrt(2 * Math.PI * _v);

    public override double SquareAndSlope => 0.5 * (Power4(_left) + Power4(_right)) / (_v * _v);

    public override double ValueAndSlope => ((_right * _right * _right) - (_left * _left * _left)) / (Math.Sqrt(2 * Math.PI * _v) * _v);

    public override double ValueTimesSlope => ((_right * _right) - (_left * _left)) / (Math.Sqrt(2 * Math.PI) * _v);

    public override double LnVSlope => 1;

    public override double LnDSlope => 0;

    public override double LnVCurvature => 0;

    public override double LnDCurvature => 0;

    // C = q [ (a^2 + b^2)/2 rho + (b - a)^2 / 2pi (sqrt(1 - rho^2) - rho acos rho) ]
    public override double C(double rho)
    {
        rho = Clamp(rho);
        double bend = (_right - _left) * (_right - _left) / (2 * Math.PI);
        return rho + (bend * (Sine(rho) - (rho * Math.Acos(rho))) / _v);
    }

    // Dc = a b + (b - a)^2 (pi - acos rho) / 2pi
    public override double Dc(double rho) =>
        ((_left * _right) + ((_right - _left) * (_right - _left) * StepTwoPoint(Clamp(rho)))) / _v;

    public override double SquareTwoPoint(double rho)
    {
        rho = Clamp(rho);
        double angle = Math.Acos(rho);
        // The arc-cosine kernel of degree 2: E relu^2(z) relu^2(z').
        double kernel = ((3 * Sine(rho) * rho) + ((Math.PI - angle) * (1 + (2 * rho * rho)))) / (2 * Math.PI);
        double jump = (_right * _right) - (_left * _left);
        double even = 1 + (2 * rho * rho);
        return ((Power4(_left) * even) + (_left * _left * jump * even) + (jump * jump * kernel)) / (_v * _v);
    }

    public override double SquaredSlopeTwoPoint(double rho)
    {
        double jump = (_right * _right) - (_left * _left);
        return (Power4(_left) + (_left * _left * jump) + (jump * jump * StepTwoPoint(Clamp(rho)))) / (_v * _v);
    }

    private static double StepTwoPoint(double rho) => (Math.PI - Math.Acos(rho)) / (2 * Math.PI);

    private static double Sine(double rho) => Math.Sqrt(Math.Max(0, (1 - rho) * (1 + rho)));

    private static double Power4(double x) => x * x * x * x;
}

/// <summary>The moments of any activation, by quadrature and Hermite expansion.</summary>
internal sealed class QuadratureMoments : ActivationMoments
{
    private readonly GaussianQuadrature _rule;
    private readonly double[] _values;
    private readonly double[] _slopes;
    private HermiteExpansion[]? _expansions;

    /// <summary>The moments at u = mean + deviation z.</summary>
    public QuadratureMoments(Activation function, double mean, double deviation)
    {
        _rule = GaussianQuadrature.For(mean, deviation, function.Kinks);
        int n = _rule.Nodes.Length;
        _values = new double[n];
        _slopes = new double[n];
        for (int i = 0; i < n; i++)
        {
            double u = mean + (deviation * _rule.Nodes[i]);
            _values[i] = function.Value(u);
            _slopes[i] = function.Slope(u);
        }

        LnV = 2 * Math.Log(Normalize(_values, _rule.Weights));
        LnD = 2 * Math.Log(Normalize(_slopes, _rule.Weights));
        double[] sums = Averages();
        (MeanRatio, SlopeRatio, CurvatureRatio, SquareAndSlope, ValueAndSlope, ValueTimesSlope) = (sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]);
        (LnVSlope, LnDSlope) = (sums[6], sums[7]);
        (LnVCurvature, LnDCurvature) = (sums[8] - (LnVSlope * LnVSlope), sums[9] - (LnDSlope * LnDSlope));
    }

    public override double LnV { get; }

    public override double LnD { get; }

    public override double MeanRatio { get; }

    public override double SlopeRatio { get; }

    public override double CurvatureRatio { get; }

    public override double SquareAndSlope { get; }

    public override double ValueAndSlope { get; }

    public override double ValueTimesSlope { get; }

    public override double LnVCurvature { get; }

    public override double LnDCurvature { get; }

    public override double LnVSlope { get; }

    public override double LnDSlope { get; }

    public override double C(double rho) => Expansions[0].TwoPoint(Clamp(rho));

    public override double Dc(double rho) => Expansions[1].TwoPoint(Clamp(rho));

    public override double SquareTwoPoint(double rho) => Expansions[2].TwoPoint(Clamp(rho));

    public override double SquaredSlopeTwoPoint(double rho) => Expansions[3].TwoPoint(Clamp(rho));

    // f, f', f^2 and f'^2
    private HermiteExpansion[] Expansions =>
        _expansions ??= HermiteExpansion.Of(_rule, _values, _slopes, Squares(_values), Squares(_slopes));

    // d/d ln q of E g(s z) is E g(s z) times this (integration by parts), and so is the second derivative.
    private static double FirstByLnQ(double z) => 0.5 * ((z * z) - 1);

    private static double SecondByLnQ(double z) => 0.5 * ((0.5 * ((z * z) - 1) * ((z * z) - 1)) - (z * z));

    private double[] Averages()
    {
        double[] sums = new double[10];
        for (int i = 0; i < _rule.Weights.Length; i++)
        {
            (double w, double z, double f, double d) = (_rule.Weights[i], _rule.Nodes[i], _values[i], _slopes[i]);
            sums[0] += w * f;
            sums[1] += w * d;
            sums[2] += w * d * z;
            sums[3] += w * f * f * d * d;
            sums[4] += w * f * d * d;
            sums[5] += w * f * d;
            sums[6] += w * f * f * FirstByLnQ(z);
            sums[7] += w * d * d * FirstByLnQ(z);
            sums[8] += w * f * f * SecondByLnQ(z);
            sums[9] += w * d * d * SecondByLnQ(z);
        }

        return sums;
    }

    private static double[] Squares(double[] values)
    {
        double[] squares = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            squares[i] = values[i] * values[i];
        }

        return squares;
    }

    // Divides the values by their root mean square, without squaring a number that is far from 1; returns that root mean square.
    private static double Normalize(double[] values, double[] weights)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        if (largest == 0)
        {
            return 0;
        }

        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] /= largest;
            sum += weights[i] * values[i] * values[i];
        }

        double root = Math.Sqrt(sum);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = root > 0 ? values[i] / root : 0;
        }

        return largest * root;
    }
}

/// <summary>Moments of an activation seen from so far away, or so near, that only its asymptotes matter: another activation's moments, shifted.</summary>
internal sealed class ShiftedMoments : ActivationMoments
{
    private readonly ActivationMoments _of;

    /// <summary>The moments <paramref name="of"/> with ln V and ln D moved.</summary>
    public ShiftedMoments(ActivationMoments of, double lnV, double lnD)
    {
        _of = of;
        LnV = of.LnV + lnV;
        LnD = of.LnD + lnD;
    }

    public override double LnV { get; }

    public override double LnD { get; }

    public override double MeanRatio => _of.MeanRatio;

    public override double SlopeRatio => _of.SlopeRatio;

    public override double CurvatureRatio => _of.CurvatureRatio;

    public override double SquareAndSlope => _of.SquareAndSlope;

    public override double ValueAndSlope => _of.ValueAndSlope;

    public override double ValueTimesSlope => _of.ValueTimesSlope;

    public override double LnVCurvature => _of.LnVCurvature;

    public override double LnDCurvature => _of.LnDCurvature;

    public override double LnVSlope => _of.LnVSlope;

    public override double LnDSlope => _of.LnDSlope;

    public override double C(double rho) => _of.C(rho);

    public override double Dc(double rho) => _of.Dc(rho);

    public override double SquareTwoPoint(double rho) => _of.SquareTwoPoint(rho);

    public override double SquaredSlopeTwoPoint(double rho) => _of.SquaredSlopeTwoPoint(rho);
}

/// <summary>Nothing passes: every unit lies where f and f' are zero.</summary>
internal sealed class DeadMoments : ActivationMoments
{
    public override double LnV => double.NegativeInfinity;

    public override double LnD => double.NegativeInfinity;

    public override double MeanRatio => 0;

    public override double SlopeRatio => 0;

    public override double CurvatureRatio => 0;

    public override double SquareAndSlope => 1;

    public override double ValueAndSlope => 0;

    public override double ValueTimesSlope => 0;

    public override double LnVCurvature => 0;

    public override double LnDCurvature => 0;

    public override double LnVSlope => 0;

    public override double LnDSlope => 0;

    public override double C(double rho) => 0;

    public override double Dc(double rho) => 0;

    public override double SquareTwoPoint(double rho) => 1;

    public override double SquaredSlopeTwoPoint(double rho) => 1;
}

/// <summary>Moments between two second moments at which they are known: ln V and ln D by cubics through values and slopes, the rest linearly.</summary>
internal sealed class InterpolatedMoments : ActivationMoments
{
    private readonly ActivationMoments _low;
    private readonly ActivationMoments _high;
    private readonly double _share;

    /// <summary>The moments at a share of the way from ln q of the one to that of the other, which are a distance apart.</summary>
    public InterpolatedMoments(ActivationMoments low, ActivationMoments high, double share, double distance)
    {
        (_low, _high, _share) = (low, high, share);
        LnV = Cubic(low.LnV, low.LnVSlope * distance, high.LnV, high.LnVSlope * distance, share);
        LnD = Cubic(low.LnD, low.LnDSlope * distance, high.LnD, high.LnDSlope * distance, share);
    }

    public override double LnV { get; }

    public override double LnD { get; }

    public override double MeanRatio => Blend(_low.MeanRatio, _high.MeanRatio);

    public override double SlopeRatio => Blend(_low.SlopeRatio, _high.SlopeRatio);

    public override double CurvatureRatio => Blend(_low.CurvatureRatio, _high.CurvatureRatio);

    public override double SquareAndSlope => Blend(_low.SquareAndSlope, _high.SquareAndSlope);

    public override double ValueAndSlope => Blend(_low.ValueAndSlope, _high.ValueAndSlope);

    public override double ValueTimesSlope => Blend(_low.ValueTimesSlope, _high.ValueTimesSlope);

    public override double LnVSlope => Blend(_low.LnVSlope, _high.LnVSlope);

    public override double LnDSlope => Blend(_low.LnDSlope, _high.LnDSlope);

    public override double LnVCurvature => Blend(_low.LnVCurvature, _high.LnVCurvature);

    public override double LnDCurvature => Blend(_low.LnDCurvature, _high.LnDCurvature);

    public override double C(double rho) => Blend(_low.C(rho), _high.C(rho));

    public override double Dc(double rho) => Blend(_low.Dc(rho), _high.Dc(rho));

    public override double SquareTwoPoint(double rho) => Blend(_low.SquareTwoPoint(rho), _high.SquareTwoPoint(rho));

    public override double SquaredSlopeTwoPoint(double rho) => Blend(_low.SquaredSlopeTwoPoint(rho), _high.SquaredSlopeTwoPoint(rho));

    private double Blend(double low, double high) => low + (_share * (high - low));

    private static double Cubic(double low, double lowSlope, double high, double highSlope, double t)
    {
        double change = high - low;
        return low + (t * (lowSlope + (t * ((3 * change) - (2 * lowSlope) - highSlope + (t * (lowSlope + highSlope - (2 * change)))))));
    }
}
