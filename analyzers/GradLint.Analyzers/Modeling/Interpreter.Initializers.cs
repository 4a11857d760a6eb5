using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>What fills the weights.</content>
internal sealed partial class Interpreter
{
    private Value ApplyFunction(ModuleValue module, IReadOnlyList<Value> arguments, IOperation operation)
    {
        ModuleValue[] modules = [.. module.SelfAndDescendants()];
        if (arguments is [CallableValue function])
        {
            foreach (ModuleValue child in modules)
            {
                Call(function, [child], operation);
            }
        }
        else
        {
            DoubtInitializers(modules, "an unknown function is applied to it", operation.Syntax);
        }

        return module;
    }

    /// <summary>Takes back what is known about the weights.</summary>
    public static void DoubtInitializers(IEnumerable<ModuleValue> modules, string reason, SyntaxNode where)
    {
        foreach (LayerModule layer in modules.OfType<LayerModule>())
        {
            layer.Initialize(ParameterRole.Weight, new UnknownInitializer(reason), where);
        }
    }

    private Value Initialize(IInvocationOperation operation, IMethodSymbol method, Frame frame)
    {
        Arguments arguments = ArgumentsOf(operation.Arguments, frame);
        Value tensor = arguments["tensor"];
        switch (tensor)
        {
            case ParameterValue parameter:
                parameter.Layer.Initialize(parameter.Role, InitializerOf(method, arguments), operation.Syntax);
                break;
            case HeldTensorValue held:
                held.Fill = InitializerCatalog.Create(method.Name, arguments, torchSharp);
                break;
            default:
                DoubtInitialized(operation.Arguments.FirstOrDefault()?.Value, operation, frame, $"'{method.Name}' fills a weight that is not known");
                break;
        }

        return tensor;
    }

    private Initializer InitializerOf(IMethodSymbol method, Arguments arguments) =>
        InitializerCatalog.Create(method.Name, arguments, torchSharp) ?? new UnknownInitializer($"'{method.Name}' or its arguments are not known");

    /// <summary>In-place methods of a weight, such as <c>fc.weight.zero_()</c>.</summary>
    private static Value CallParameter(ParameterValue parameter, Arguments arguments, SyntaxNode call, IMethodSymbol method)
    {
        if (method.Name == "dim")
        {
            return parameter.Layer.AxesOf(parameter.Role) is { } axes ? new ConstantValue(axes) : NotUnderstood(call);
        }

        if (IsInPlace(method) && method.Name is not "requires_grad_")
        {
            Initializer initializer = InitializerCatalog.Create(method.Name, arguments)
                ?? new UnknownInitializer($"it is changed by '{method.Name}'");
            parameter.Layer.Initialize(parameter.Role, initializer, call);
        }

        return parameter;
    }

    private static bool IsInPlace(IMethodSymbol method) => method.Name.EndsWith("_", StringComparison.Ordinal);
}
