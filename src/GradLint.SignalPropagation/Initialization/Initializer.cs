using System;

namespace GradLint.SignalPropagation;

/// <summary>Which fan an initializer of the Kaiming family divides by.</summary>
public enum FanMode
{
    /// <summary>Keeps the forward second moment.</summary>
    FanIn,

    /// <summary>Keeps the backward second moment.</summary>
    FanOut,
}

/// <summary>The fans of a weight tensor, as libtorch computes them: dimension 1, respectively 0, times the kernel's elements.</summary>
/// <param name="In">Inputs per output unit.</param>
/// <param name="Out">Outputs per input unit, before strides.</param>
public readonly record struct Fans(double In, double Out)
{
    /// <summary>The larger side of the weights as a matrix, [dimension 0, all others]: what an orthogonal initializer divides by.</summary>
    public double LargerSide { get; init; } = Math.Max(In, Out);
}

/// <summary>How a weight or bias tensor is drawn: a description from which mean and variance of one element follow.</summary>
public abstract record Initializer
{
    private protected Initializer()
    {
    }

    /// <summary>The mean of one element. A mean other than 0 adds a matrix of rank one, with gain fan_in * Mean, to the weights.</summary>
    public virtual double Mean(Fans fans) => 0;

    /// <summary>The variance of one element; NaN where it is unknown.</summary>
    public abstract double Variance(Fans fans);

    /// <summary>Rows (or columns) are orthonormal, so that the norm of what passes does not fluctuate with the width.</summary>
    internal virtual bool IsOrthogonal => false;

    /// <summary>Whether the values are known at all.</summary>
    internal virtual bool IsKnown => true;
}

/// <summary>init.kaiming_uniform_ (He et al. 2015, equation 14): Var W = gain^2 / fan, gain^2 = 2 / (1 + Slope^2).</summary>
/// <param name="Slope">The negative slope a of the LeakyReLU that follows; sqrt 5 in the defaults of Linear and Conv.</param>
/// <param name="Mode">The fan to divide by.</param>
public sealed record KaimingUniform(double Slope = 0, FanMode Mode = FanMode.FanIn) : Initializer
{
    /// <inheritdoc/>
    public override double Variance(Fans fans) => Kaiming.Variance(Slope, Mode, fans);
}

/// <summary>init.kaiming_normal_ (He et al. 2015, equation 14): Var W = gain^2 / fan, gain^2 = 2 / (1 + Slope^2).</summary>
/// <param name="Slope">The negative slope a of the LeakyReLU that follows; 1 for a linear layer, 0 for ReLU.</param>
/// <param name="Mode">The fan to divide by.</param>
public sealed record KaimingNormal(double Slope = 0, FanMode Mode = FanMode.FanIn) : Initializer
{
    /// <inheritdoc/>
    public override double Variance(Fans fans) => Kaiming.Variance(Slope, Mode, fans);
}

/// <summary>kaiming_normal_ or kaiming_uniform_ with a nonlinearity other than LeakyReLU: Var W = Gain^2 / fan.</summary>
/// <param name="Gain">What <c>init.calculate_gain</c> returns: 5/3 for tanh, 1 for linear and sigmoid, 3/4 for SELU.</param>
/// <param name="Mode">The fan to divide by.</param>
public sealed record KaimingGain(double Gain, FanMode Mode = FanMode.FanIn) : Initializer
{
    /// <inheritdoc/>
    public override double Variance(Fans fans) => Gain * Gain / (Mode == FanMode.FanIn ? fans.In : fans.Out);
}

/// <summary>init.xavier_uniform_ (Glorot and Bengio 2010, equation 16): Var W = Gain^2 * 2 / (fan_in + fan_out).</summary>
/// <param name="Gain">The gain, 1 by default.</param>
public sealed record XavierUniform(double Gain = 1) : Initializer
{
    /// <inheritdoc/>
    public override double Variance(Fans fans) => Gain * Gain * 2 / (fans.In + fans.Out);
}

/// <summary>init.xavier_normal_ (Glorot and Bengio 2010, equation 12): Var W = Gain^2 * 2 / (fan_in + fan_out).</summary>
/// <param name="Gain">The gain, 1 by default.</param>
public sealed record XavierNormal(double Gain = 1) : Initializer
{
    /// <inheritdoc/>
    public override double Variance(Fans fans) => Gain * Gain * 2 / (fans.In + fans.Out);
}

/// <summary>init.normal_: N(MeanValue, StandardDeviation^2), N(0, 1) by default: gain fan_in.</summary>
/// <param name="MeanValue">The mean.</param>
/// <param name="StandardDeviation">The standard deviation.</param>
public sealed record Normal(double MeanValue = 0, double StandardDeviation = 1) : Initializer
{
    /// <inheritdoc/>
    public override double Mean(Fans fans) => MeanValue;

    /// <inheritdoc/>
    public override double Variance(Fans fans) => StandardDeviation * StandardDeviation;
}

/// <summary>init.uniform_: U(Low, High), U(0, 1) by default: not centred, so that a mode of gain fan_in / 2 comes on top.</summary>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound.</param>
public sealed record Uniform(double Low = 0, double High = 1) : Initializer
{
    /// <inheritdoc/>
    public override double Mean(Fans fans) => 0.5 * (Low + High);

    /// <inheritdoc/>
    public override double Variance(Fans fans) => (High - Low) * (High - Low) / 12;
}

/// <summary>init.trunc_normal_: N(MeanValue, StandardDeviation^2) restricted to [Low, High].</summary>
/// <param name="MeanValue">The mean before truncation.</param>
/// <param name="StandardDeviation">The standard deviation before truncation.</param>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound.</param>
public sealed record TruncatedNormal(double MeanValue = 0, double StandardDeviation = 1, double Low = -2, double High = 2) : Initializer
{
    /// <inheritdoc/>
    public override double Mean(Fans fans) => MeanValue + (StandardDeviation * FirstMoment);

    /// <inheritdoc/>
    public override double Variance(Fans fans) =>
        StandardDeviation * StandardDeviation * Math.Max(0, 1 + (((Alpha * DensityAtAlpha) - (Beta * DensityAtBeta)) / Mass) - (FirstMoment * FirstMoment));

    private double Alpha => (Low - MeanValue) / StandardDeviation;

    private double Beta => (High - MeanValue) / StandardDeviation;

    private double DensityAtAlpha => SpecialFunctions.NormalDensity(Alpha);

    private double DensityAtBeta => SpecialFunctions.NormalDensity(Beta);

    private double Mass => SpecialFunctions.NormalCumulative(Beta) - SpecialFunctions.NormalCumulative(Alpha);

    private double FirstMoment => (DensityAtAlpha - DensityAtBeta) / Mass;
}

/// <summary>init.orthogonal_ (Saxe et al. 2014): orthonormal rows or columns times Gain; Var W = Gain^2 / the matrix's larger side.</summary>
/// <param name="Gain">The gain, 1 by default.</param>
public sealed record Orthogonal(double Gain = 1) : Initializer
{
    internal override bool IsOrthogonal => true;

    /// <inheritdoc/>
    public override double Variance(Fans fans) => Gain * Gain / fans.LargerSide;
}

/// <summary>init.zeros_: nothing passes, forward or backward.</summary>
public sealed record Zeros : Initializer
{
    /// <inheritdoc/>
    public override double Variance(Fans fans) => 0;
}

/// <summary>init.ones_: the rank-one matrix of ones.</summary>
public sealed record Ones : Initializer
{
    /// <inheritdoc/>
    public override double Mean(Fans fans) => 1;

    /// <inheritdoc/>
    public override double Variance(Fans fans) => 0;
}

/// <summary>init.constant_.</summary>
/// <param name="Value">The value of every element.</param>
public sealed record Constant(double Value) : Initializer
{
    /// <inheritdoc/>
    public override double Mean(Fans fans) => Value;

    /// <inheritdoc/>
    public override double Variance(Fans fans) => 0;
}

/// <summary>init.dirac_ (and init.eye_): each output copies one input.</summary>
public sealed record Dirac : Initializer
{
    internal override bool IsOrthogonal => true;

    /// <inheritdoc/>
    public override double Variance(Fans fans) => 1 / Math.Max(1, fans.In);
}

/// <summary>The default bias of Linear and Conv: U(-1/sqrt fan_in, 1/sqrt fan_in), variance 1 / (3 fan_in).</summary>
public sealed record FanInUniform : Initializer
{
    /// <inheritdoc/>
    public override double Variance(Fans fans) => 1 / (3 * fans.In);
}

/// <summary>What was measured on live weights.</summary>
/// <param name="MeanValue">The mean over the elements.</param>
/// <param name="VarianceValue">The variance over the elements.</param>
public sealed record Measured(double MeanValue, double VarianceValue) : Initializer
{
    /// <inheritdoc/>
    public override double Mean(Fans fans) => MeanValue;

    /// <inheritdoc/>
    public override double Variance(Fans fans) => VarianceValue;
}

/// <summary>An initialization that could not be understood: the prediction stops at its layer and says so.</summary>
/// <param name="Reason">Why, in words for the user.</param>
public sealed record UnknownInitializer(string Reason) : Initializer
{
    internal override bool IsKnown => false;

    /// <inheritdoc/>
    public override double Variance(Fans fans) => double.NaN;
}

/// <summary>The gain of the Kaiming family.</summary>
internal static class Kaiming
{
    public static double Variance(double slope, FanMode mode, Fans fans) =>
        2 / ((1 + (slope * slope)) * (mode == FanMode.FanIn ? fans.In : fans.Out));
}
