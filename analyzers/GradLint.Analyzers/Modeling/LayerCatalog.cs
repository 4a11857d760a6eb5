using System;
using System.Collections.Generic;
using GradLint.SignalPropagation;

namespace GradLint.Modeling;

/// <summary>Which layer each of TorchSharp's module factories makes, with the parameter names and defaults of TorchSharp.</summary>
internal static class LayerCatalog
{
    private static readonly Dictionary<string, Func<Arguments, Layer?>> s_factories = new(StringComparer.Ordinal)
    {
        ["Linear"] = Linear,
        ["Identity"] = _ => new ActivationLayer(Activation.Identity),
        ["Flatten"] = _ => new FlattenLayer(),
        ["Dropout"] = Dropout,
        ["ReLU"] = _ => new ActivationLayer(Activation.ReLU),
        ["ReLU6"] = _ => new ActivationLayer(Activation.ReLU6),
        ["LeakyReLU"] = arguments => arguments.Number("negative_slope") is { } slope ? new ActivationLayer(new LeakyReLU(slope)) : null,
        ["PReLU"] = arguments => arguments.Number("init") is { } slope ? new ActivationLayer(new PReLU(slope)) : null,
        ["ELU"] = arguments => arguments.Number("alpha") is { } alpha ? new ActivationLayer(new ELU(alpha)) : null,
        ["SELU"] = _ => new ActivationLayer(Activation.SELU),
        ["GELU"] = _ => new ActivationLayer(Activation.GELU),
        ["SiLU"] = _ => new ActivationLayer(Activation.SiLU),
        ["Mish"] = _ => new ActivationLayer(Activation.Mish),
        ["Tanh"] = _ => new ActivationLayer(Activation.Tanh),
        ["Sigmoid"] = _ => new ActivationLayer(Activation.Sigmoid),
        ["Softsign"] = _ => new ActivationLayer(Activation.Softsign),
        ["Softplus"] = arguments => arguments.Number("beta") == 1 ? new ActivationLayer(Activation.Softplus) : null,
        ["Hardswish"] = _ => new ActivationLayer(Activation.Hardswish),
        ["Hardsigmoid"] = _ => new ActivationLayer(Activation.Hardsigmoid),
        ["Softmax"] = _ => new ActivationLayer(Activation.Softmax),
        ["LogSoftmax"] = _ => new ActivationLayer(Activation.LogSoftmax),
    };

    /// <summary>Null for a module that is not modelled, or whose arguments are not known.</summary>
    public static Layer? Create(string factory, Arguments arguments) =>
        s_factories.TryGetValue(factory, out Func<Arguments, Layer?>? create) ? create(arguments) : null;

    private static Layer? Linear(Arguments arguments) => arguments.Flag("hasBias") is { } hasBias
        ? new LinearLayer(Size(arguments, "inputSize"), Size(arguments, "outputSize"))
        {
            Weight = LinearLayer.DefaultWeight,
            Bias = hasBias ? LinearLayer.DefaultBias : null,
        }
        : null;

    private static Layer? Dropout(Arguments arguments) =>
        arguments.Number("p") is >= 0 and < 1 and double probability ? new DropoutLayer(probability) : null;

    private static int? Size(Arguments arguments, string parameter) => arguments.Integer(parameter) is > 0 and int size ? size : null;
}
