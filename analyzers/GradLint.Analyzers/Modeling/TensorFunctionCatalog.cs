using System;
using System.Collections.Generic;
using GradLint.SignalPropagation;

namespace GradLint.Modeling;

/// <summary>What functions of one tensor do to the signal: <c>x.relu()</c>, <c>x.relu_()</c>, <c>functional.relu(x)</c> and <c>torch.relu(x)</c> alike.</summary>
internal static class TensorFunctionCatalog
{
    /// <summary>Functions that hand the values on as they are.</summary>
    private static readonly HashSet<string> s_identities = new(StringComparer.Ordinal)
    {
        "to", "cpu", "cuda", "contiguous", "clone", "alias", "to_type", "type", "float", "double", "half", "bfloat16", "type_as", "Parameter", "AsParameter", "requires_grad_", "MoveToOuterDisposeScope", "DetachFromDisposeScope",
    };

    private static readonly Dictionary<string, Func<Arguments, Layer?>> s_functions = new(StringComparer.Ordinal)
    {
        ["relu"] = _ => new ActivationLayer(Activation.ReLU),
        ["relu6"] = _ => new ActivationLayer(Activation.ReLU6),
        ["leaky_relu"] = arguments => arguments.Number("negative_slope") is { } slope ? new ActivationLayer(new LeakyReLU(slope)) : null,
        ["elu"] = arguments => arguments.Number("alpha") is { } alpha ? new ActivationLayer(new ELU(alpha)) : null,
        ["selu"] = _ => new ActivationLayer(Activation.SELU),
        ["gelu"] = _ => new ActivationLayer(Activation.GELU),
        ["silu"] = _ => new ActivationLayer(Activation.SiLU),
        ["mish"] = _ => new ActivationLayer(Activation.Mish),
        ["tanh"] = _ => new ActivationLayer(Activation.Tanh),
        ["sigmoid"] = _ => new ActivationLayer(Activation.Sigmoid),
        ["softsign"] = _ => new ActivationLayer(Activation.Softsign),
        ["hardswish"] = _ => new ActivationLayer(Activation.Hardswish),
        ["hardsigmoid"] = _ => new ActivationLayer(Activation.Hardsigmoid),
        ["softmax"] = _ => new ActivationLayer(Activation.Softmax),
        ["log_softmax"] = _ => new ActivationLayer(Activation.LogSoftmax),
        ["dropout"] = LayerCatalog.Dropout,
        ["max_pool1d"] = arguments => PoolingCatalog.MaxPool(arguments, 1),
        ["max_pool2d"] = arguments => PoolingCatalog.MaxPool(arguments, 2),
        ["avg_pool1d"] = arguments => PoolingCatalog.AvgPool(arguments, 1),
        ["avg_pool2d"] = arguments => PoolingCatalog.AvgPool(arguments, 2),
        ["adaptive_avg_pool1d"] = arguments => PoolingCatalog.AdaptiveAvgPool(arguments, 1),
        ["adaptive_avg_pool2d"] = arguments => PoolingCatalog.AdaptiveAvgPool(arguments, 2),
    };

    public static bool KeepsTheSignal(string function) => s_identities.Contains(function);

    /// <summary>Null for a function that is not modelled, or whose arguments are not known.</summary>
    public static Layer? Create(string function, Arguments arguments) =>
        s_functions.TryGetValue(function, out Func<Arguments, Layer?>? create) ? create(arguments) : null;
}
