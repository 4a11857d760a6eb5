using System;
using System.Collections.Generic;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;

namespace GradLint.Modeling;

/// <summary>What each of <c>torch.nn.init</c>'s functions makes of a weight; the in-place methods of tensors of the same name, too.</summary>
internal static class InitializerCatalog
{
    private static readonly Dictionary<string, Func<Arguments, Initializer?>> s_initializers = new(StringComparer.Ordinal)
    {
        ["kaiming_uniform_"] = Kaiming,
        ["kaiming_normal_"] = Kaiming,
        ["xavier_uniform_"] = arguments => arguments.Number("gain") is { } gain ? new XavierUniform(gain) : null,
        ["glorot_uniform_"] = arguments => arguments.Number("gain") is { } gain ? new XavierUniform(gain) : null,
        ["xavier_normal_"] = arguments => arguments.Number("gain") is { } gain ? new XavierNormal(gain) : null,
        ["glorot_normal_"] = arguments => arguments.Number("gain") is { } gain ? new XavierNormal(gain) : null,
        ["normal_"] = arguments => Both(arguments, "mean", "std", (mean, deviation) => deviation < 0 ? null : new Normal(mean, deviation)),
        ["uniform_"] = arguments =>
            Both(arguments, "low", "high", UniformBetween)
            ?? Both(arguments, "from", "to", UniformBetween),
        ["orthogonal_"] = arguments => arguments.Number("gain") is { } gain ? new Orthogonal(gain) : null,
        ["constant_"] = arguments => arguments.Number("val") is { } value ? new Constant(value) : null,
        ["zeros_"] = _ => new Zeros(),
        ["zero_"] = _ => new Zeros(),
        ["ones_"] = _ => new Ones(),
        ["dirac_"] = _ => new Dirac(),
    };

    /// <summary>One of <c>torch.nn.init</c>'s functions, as the referenced TorchSharp has it; null for one that is not modelled, or whose arguments are not known.</summary>
    public static Initializer? Create(string function, Arguments arguments, TorchSharpSymbols torchSharp) => function == "trunc_normal_"
        ? TruncatedNormal(arguments, isSwapped: torchSharp.HasDefects)
        : Create(function, arguments);

    /// <summary>The same for the functions that are in-place methods of tensors, too.</summary>
    public static Initializer? Create(string function, Arguments arguments) =>
        s_initializers.TryGetValue(function, out Func<Arguments, Initializer?>? create) ? create(arguments) : null;

    /// <summary>The gain that libtorch takes for the nonlinearity: <c>calculate_gain</c>, He et al. 2015, section 2.2.</summary>
    private static Initializer? Kaiming(Arguments arguments)
    {
        if (arguments.Integer("nonlinearity") is not { } nonlinearity || arguments.Integer("mode") is not { } mode || arguments.Number("a") is not { } slope)
        {
            return null;
        }

        FanMode fans = mode == 1 ? FanMode.FanOut : FanMode.FanIn;
        return (Nonlinearity)nonlinearity switch
        {
            Nonlinearity.LeakyReLU => new KaimingNormal(slope, fans),
            Nonlinearity.ReLU => new KaimingNormal(0, fans),
            Nonlinearity.Tanh => new KaimingGain(5.0 / 3, fans),
            <= Nonlinearity.Sigmoid => new KaimingGain(1, fans),
            _ => null,
        };
    }

    /// <summary>In versions that swap its arguments (GL5003) the mean is the deviation: 0 makes all weights the same.</summary>
    private static Initializer? TruncatedNormal(Arguments arguments, bool isSwapped)
    {
        (string mean, string deviation) = isSwapped ? ("std", "mean") : ("mean", "std");
        return arguments.Number("a") is { } low && arguments.Number("b") is { } high && low < high
            ? Both(arguments, mean, deviation, (m, d) => d < 0 ? null : d == 0 ? new Constant(Math.Max(low, Math.Min(high, m))) : new TruncatedNormal(m, d, low, high))
            : null;
    }

    private static Uniform? UniformBetween(double low, double high) => low <= high ? new Uniform(low, high) : null;

    private static Initializer? Both(Arguments arguments, string first, string second, Func<double, double, Initializer?> create) =>
        arguments.Number(first) is { } a && arguments.Number(second) is { } b ? create(a, b) : null;

    /// <summary>The values of <c>torch.nn.init.NonlinearityType</c>; the linear kinds come first.</summary>
    private enum Nonlinearity
    {
        Sigmoid = 7,
        Tanh = 8,
        ReLU = 9,
        LeakyReLU = 10,
    }
}
