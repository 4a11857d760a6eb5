using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

public abstract partial record Activation
{
    /// <summary>max(0, x).</summary>
    public static Activation ReLU { get; } = new ReLU();

    /// <summary>tanh x.</summary>
    public static Activation Tanh { get; } = new Tanh();

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static Activation Sigmoid { get; } = new Sigmoid();

    /// <summary>x Phi(x), with the exact normal distribution function.</summary>
    public static Activation GELU { get; } = new GELU();

    /// <summary>GELU in its approximation by tanh.</summary>
    public static Activation GELUTanh { get; } = new GELUTanh();

    /// <summary>x sigmoid(x), also called swish.</summary>
    public static Activation SiLU { get; } = new SiLU();

    /// <summary>x tanh(softplus(x)).</summary>
    public static Activation Mish { get; } = new Mish();

    /// <summary>The self-normalizing ELU.</summary>
    public static Activation SELU { get; } = new SELU();

    /// <summary>x / (1 + |x|).</summary>
    public static Activation Softsign { get; } = new Softsign();

    /// <summary>ln(1 + exp x).</summary>
    public static Activation Softplus { get; } = new Softplus();

    /// <summary>ln sigmoid(x).</summary>
    public static Activation LogSigmoid { get; } = new LogSigmoid();

    /// <summary>x - tanh x.</summary>
    public static Activation Tanhshrink { get; } = new Tanhshrink();

    /// <summary>x.</summary>
    public static Activation Identity { get; } = new Identity();

    /// <summary>min(max(0, x), 6).</summary>
    public static Activation ReLU6 { get; } = new ReLU6();

    /// <summary>x ReLU6(x + 3) / 6.</summary>
    public static Activation Hardswish { get; } = new Hardswish();

    /// <summary>ReLU6(x + 3) / 6.</summary>
    public static Activation Hardsigmoid { get; } = new Hardsigmoid();

    /// <summary>exp(x_i) / sum_j exp(x_j) over the features: not elementwise, and treated by its own recursion.</summary>
    public static Activation Softmax { get; } = new Softmax();

    /// <summary>x_i - ln sum_j exp(x_j) over the features.</summary>
    public static Activation LogSoftmax { get; } = new LogSoftmax();
}

/// <summary>max(0, x): D = 1/2 at every q (He et al. 2015).</summary>
public sealed record ReLU : Activation
{
    private static readonly double[] s_kinks = { 0 };

    /// <inheritdoc/>
    public override Initializer FittingInitializer => new KaimingNormal(0);

    internal override bool IsHomogeneous => true;

    internal override double RightSlope => 1;

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override double Value(double u) => Math.Max(0, u);

    internal override double Slope(double u) => u > 0 ? 1 : 0;
}

/// <summary>x for x &gt; 0, Slope x below: D = (1 + a^2) / 2. Slopes above 1 explode at any width.</summary>
/// <param name="NegativeSlope">a, the slope below zero.</param>
public sealed record LeakyReLU(double NegativeSlope = 0.01) : Activation
{
    private static readonly double[] s_kinks = { 0 };

    /// <inheritdoc/>
    public override Initializer FittingInitializer => new KaimingNormal(NegativeSlope);

    internal override bool IsHomogeneous => true;

    internal override double LeftSlope => NegativeSlope;

    internal override double RightSlope => 1;

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override double Value(double u) => u > 0 ? u : NegativeSlope * u;

    internal override double Slope(double u) => u > 0 ? 1 : NegativeSlope;
}

/// <summary>A LeakyReLU whose slope is learned: at initialization a LeakyReLU.</summary>
/// <param name="Init">The slope below zero at initialization.</param>
public sealed record PReLU(double Init = 0.25) : Activation
{
    private static readonly double[] s_kinks = { 0 };

    /// <inheritdoc/>
    public override Initializer FittingInitializer => new KaimingNormal(Init);

    internal override bool IsHomogeneous => true;

    internal override double LeftSlope => Init;

    internal override double RightSlope => 1;

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override double Value(double u) => u > 0 ? u : Init * u;

    internal override double Slope(double u) => u > 0 ? 1 : Init;
}

/// <summary>A LeakyReLU whose slope is drawn from U(Lower, Upper) per element: here, the slope with the same mean square.</summary>
/// <param name="Lower">The smallest slope.</param>
/// <param name="Upper">The largest slope.</param>
public sealed record RReLU(double Lower = 1.0 / 8, double Upper = 1.0 / 3) : Activation
{
    private static readonly double[] s_kinks = { 0 };

    /// <inheritdoc/>
    public override Initializer FittingInitializer => new KaimingNormal(MeanSquareSlope);

    internal override bool IsHomogeneous => true;

    internal override double LeftSlope => MeanSquareSlope;

    internal override double RightSlope => 1;

    internal override IReadOnlyList<double> Kinks => s_kinks;

    private double MeanSquareSlope => Math.Sqrt(((Lower * Lower) + (Lower * Upper) + (Upper * Upper)) / 3);

    internal override double Value(double u) => u > 0 ? u : MeanSquareSlope * u;

    internal override double Slope(double u) => u > 0 ? 1 : MeanSquareSlope;
}

/// <summary>x.</summary>
public sealed record Identity : Activation
{
    /// <inheritdoc/>
    public override Initializer FittingInitializer => new KaimingNormal(1);

    internal override bool IsHomogeneous => true;

    internal override double LeftSlope => 1;

    internal override double RightSlope => 1;

    internal override double Value(double u) => u;

    internal override double Slope(double u) => 1;
}

/// <summary>tanh x: keeps both signals only at the edge of chaos, g = 1 (Schoenholz et al. 2017).</summary>
public sealed record Tanh : Activation
{
    internal override bool IsOddAndSaturates => true;

    internal override double Value(double u) => Math.Tanh(u);

    internal override double Slope(double u)
    {
        double e = Math.Exp(-2 * Math.Abs(u));
        return 4 * e / ((1 + e) * (1 + e));
    }
}

/// <summary>1 / (1 + exp(-x)).</summary>
public sealed record Sigmoid : Activation
{
    internal override double Value(double u) => SpecialFunctions.Logistic(u);

    internal override double Slope(double u) => SpecialFunctions.Logistic(u) * SpecialFunctions.Logistic(-u);
}

/// <summary>x Phi(x) (Hendrycks and Gimpel 2016).</summary>
public sealed record GELU : Activation
{
    internal override double RightSlope => 1;

    internal override double Value(double u) => double.IsInfinity(u * u) ? Math.Max(0, u) : u * SpecialFunctions.NormalCumulative(u);

    internal override double Slope(double u) =>
        SpecialFunctions.NormalCumulative(u) + (Math.Abs(u) > 40 ? 0 : u * SpecialFunctions.NormalDensity(u));
}

/// <summary>0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).</summary>
public sealed record GELUTanh : Activation
{
    private const double Scale = 0.7978845608028654;
    private const double Cubic = 0.044715;

    internal override double RightSlope => 1;

    internal override double Value(double u) =>
        Math.Abs(u) > 40 ? Math.Max(0, u) : u * SpecialFunctions.Logistic(2 * Scale * u * (1 + (Cubic * u * u)));

    internal override double Slope(double u)
    {
        if (Math.Abs(u) > 40)
        {
            return u > 0 ? 1 : 0;
        }

        double argument = 2 * Scale * u * (1 + (Cubic * u * u));
        double gate = SpecialFunctions.Logistic(argument);
        return gate + (u * gate * SpecialFunctions.Logistic(-argument) * 2 * Scale * (1 + (3 * Cubic * u * u)));
    }
}

/// <summary>x sigmoid(x).</summary>
public sealed record SiLU : Activation
{
    internal override double RightSlope => 1;

    internal override double Value(double u) => u * SpecialFunctions.Logistic(u);

    internal override double Slope(double u)
    {
        double gate = SpecialFunctions.Logistic(u);
        return gate + (Math.Abs(u) > 800 ? 0 : u * gate * SpecialFunctions.Logistic(-u));
    }
}

/// <summary>x tanh(softplus(x)) (Misra 2019).</summary>
public sealed record Mish : Activation
{
    internal override double RightSlope => 1;

    internal override double Value(double u) => u * Math.Tanh(SpecialFunctions.Softplus(u));

    internal override double Slope(double u)
    {
        if (Math.Abs(u) > 400)
        {
            return u > 0 ? 1 : 0;
        }

        double t = Math.Tanh(SpecialFunctions.Softplus(u));
        return t + (u * (1 - (t * t)) * SpecialFunctions.Logistic(u));
    }
}

/// <summary>x for x &gt; 0, Alpha (exp x - 1) below (Clevert et al. 2016).</summary>
/// <param name="Alpha">The value to which it saturates, negated.</param>
public sealed record ELU(double Alpha = 1) : Activation
{
    private static readonly double[] s_kinks = { 0 };

    internal override double RightSlope => 1;

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override double Value(double u) => u > 0 ? u : Alpha * SpecialFunctions.ExpM1(u);

    internal override double Slope(double u) => u > 0 ? 1 : Alpha * Math.Exp(u);
}

/// <summary>x for x &gt; 0, Alpha (exp(x / Alpha) - 1) below (Barron 2017).</summary>
/// <param name="Alpha">The value to which it saturates, negated.</param>
public sealed record CELU(double Alpha = 1) : Activation
{
    private static readonly double[] s_kinks = { 0 };

    internal override double RightSlope => 1;

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override double Value(double u) => u > 0 ? u : Alpha * SpecialFunctions.ExpM1(u / Alpha);

    internal override double Slope(double u) => u > 0 ? 1 : Math.Exp(u / Alpha);
}

/// <summary>The scaled ELU whose q = 1 is a fixed point at g = 1 (Klambauer et al. 2017).</summary>
public sealed record SELU : Activation
{
    private const double Alpha = 1.6732632423543772;
    private const double Scale = 1.0507009873554805;
    private static readonly double[] s_kinks = { 0 };

    /// <inheritdoc/>
    public override Initializer FittingInitializer => new KaimingNormal(1);

    internal override double RightSlope => Scale;

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override double Value(double u) => u > 0 ? Scale * u : Scale * Alpha * SpecialFunctions.ExpM1(u);

    internal override double Slope(double u) => u > 0 ? Scale : Scale * Alpha * Math.Exp(u);
}

/// <summary>x / (1 + |x|).</summary>
public sealed record Softsign : Activation
{
    private static readonly double[] s_kinks = { 0 };

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override bool IsOddAndSaturates => true;

    internal override double Value(double u) => u / (1 + Math.Abs(u));

    internal override double Slope(double u) => 1 / ((1 + Math.Abs(u)) * (1 + Math.Abs(u)));
}

/// <summary>ln(1 + exp(Beta x)) / Beta.</summary>
/// <param name="Beta">The sharpness of the bend.</param>
public sealed record Softplus(double Beta = 1) : Activation
{
    internal override double RightSlope => 1;

    internal override double Value(double u) => SpecialFunctions.Softplus(Beta * u) / Beta;

    internal override double Slope(double u) => SpecialFunctions.Logistic(Beta * u);
}

/// <summary>ln sigmoid(x).</summary>
public sealed record LogSigmoid : Activation
{
    internal override double LeftSlope => 1;

    internal override double Value(double u) => -SpecialFunctions.Softplus(-u);

    internal override double Slope(double u) => SpecialFunctions.Logistic(-u);
}

/// <summary>x - tanh x.</summary>
public sealed record Tanhshrink : Activation
{
    internal override double LeftSlope => 1;

    internal override double RightSlope => 1;

    internal override double Value(double u) => Math.Abs(u) < 1e-3 ? u * u * u / 3 * (1 - (0.4 * u * u)) : u - Math.Tanh(u);

    internal override double Slope(double u) => Math.Tanh(u) * Math.Tanh(u);
}

/// <summary>x outside [-Lambda, Lambda], 0 inside.</summary>
/// <param name="Lambda">The half-width of the dead zone.</param>
public sealed record Hardshrink(double Lambda = 0.5) : Activation
{
    internal override double LeftSlope => 1;

    internal override double RightSlope => 1;

    internal override IReadOnlyList<double> Kinks => new[] { -Lambda, Lambda };

    internal override double Value(double u) => Math.Abs(u) > Lambda ? u : 0;

    internal override double Slope(double u) => Math.Abs(u) > Lambda ? 1 : 0;
}

/// <summary>x moved towards 0 by Lambda, 0 inside [-Lambda, Lambda].</summary>
/// <param name="Lambda">The half-width of the dead zone.</param>
public sealed record Softshrink(double Lambda = 0.5) : Activation
{
    internal override double LeftSlope => 1;

    internal override double RightSlope => 1;

    internal override IReadOnlyList<double> Kinks => new[] { -Lambda, Lambda };

    internal override double Value(double u) => u > Lambda ? u - Lambda : u < -Lambda ? u + Lambda : 0;

    internal override double Slope(double u) => Math.Abs(u) > Lambda ? 1 : 0;
}

/// <summary>x clamped to [Min, Max].</summary>
/// <param name="Min">The lower bound.</param>
/// <param name="Max">The upper bound.</param>
public sealed record Hardtanh(double Min = -1, double Max = 1) : Activation
{
    internal override IReadOnlyList<double> Kinks => new[] { Min, Max };

    internal override bool IsOddAndSaturates => Min == -Max;

    internal override double Value(double u) => Math.Max(Min, Math.Min(Max, u));

    internal override double Slope(double u) => u > Min && u < Max ? 1 : 0;
}

/// <summary>min(max(0, x), 6).</summary>
public sealed record ReLU6 : Activation
{
    private static readonly double[] s_kinks = { 0, 6 };

    /// <inheritdoc/>
    public override Initializer FittingInitializer => new KaimingNormal(0);

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override double Value(double u) => Math.Max(0, Math.Min(6, u));

    internal override double Slope(double u) => u > 0 && u < 6 ? 1 : 0;
}

/// <summary>x ReLU6(x + 3) / 6 (Howard et al. 2019).</summary>
public sealed record Hardswish : Activation
{
    private static readonly double[] s_kinks = { -3, 3 };

    internal override double RightSlope => 1;

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override double Value(double u) => u <= -3 ? 0 : u >= 3 ? u : u * (u + 3) / 6;

    internal override double Slope(double u) => u <= -3 ? 0 : u >= 3 ? 1 : ((2 * u) + 3) / 6;
}

/// <summary>ReLU6(x + 3) / 6.</summary>
public sealed record Hardsigmoid : Activation
{
    private static readonly double[] s_kinks = { -3, 3 };

    internal override IReadOnlyList<double> Kinks => s_kinks;

    internal override double Value(double u) => Math.Max(0, Math.Min(1, (u / 6) + 0.5));

    internal override double Slope(double u) => u > -3 && u < 3 ? 1.0 / 6 : 0;
}

/// <summary>exp(x_i) / sum_j exp(x_j) over the features. Its moments here are those of exp(x); the layer divides by the sum.</summary>
public sealed record Softmax : Activation
{
    /// <inheritdoc/>
    public override Initializer FittingInitializer => new XavierNormal(1);

    internal override double Value(double u) => Math.Exp(Math.Min(300, u));

    internal override double Slope(double u) => Math.Exp(Math.Min(300, u));
}

/// <summary>x_i - ln sum_j exp(x_j) over the features: passes differences through unchanged.</summary>
public sealed record LogSoftmax : Activation
{
    /// <inheritdoc/>
    public override Initializer FittingInitializer => new XavierNormal(1);

    internal override double LeftSlope => 1;

    internal override double RightSlope => 1;

    internal override double Value(double u) => u;

    internal override double Slope(double u) => 1;
}
