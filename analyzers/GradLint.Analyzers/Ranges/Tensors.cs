using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Ranges;

/// <summary>How TorchSharp's functions are written: on the tensor or with it as an argument, in place or not.</summary>
internal static class Tensors
{
    /// <summary>The name without the mark of the form in place.</summary>
    public static string FunctionOf(IInvocationOperation call)
    {
        string name = call.TargetMethod.Name;
        return name.Length > 1 && name[name.Length - 1] == '_' && !FunctionRanges.IsRearrangement(name) ? name.Substring(0, name.Length - 1) : name;
    }

    public static bool IsFunction(IInvocationOperation call, TorchSharpSymbols torchSharp) =>
        torchSharp.Declares(call.TargetMethod) && !torchSharp.IsModule(call.TargetMethod.ContainingType);

    /// <summary>The tensor that a function of TorchSharp is applied to; null where it makes a tensor of something else.</summary>
    public static IOperation? InputOf(IInvocationOperation call, TorchSharpSymbols torchSharp) =>
        call.Instance is { } instance
            ? (torchSharp.IsTensor(instance.Type) ? instance : null)
            : call.FirstArgument() is { } first && torchSharp.IsTensor(first.WalkDownConversions()?.Type)
                ? (call.TargetMethod.Name == "where" ? call.ArgumentFor("x")?.Value : first)
                : null;

    /// <summary>Whether both are the same variable.</summary>
    public static bool AreSame(IOperation left, IOperation right) =>
        VariableOf(left.WalkDownConversions()) is { } variable && SymbolEqualityComparer.Default.Equals(variable, VariableOf(right.WalkDownConversions()));

    /// <summary>The variable whose elements an expression rearranges or chooses from; null for anything else.</summary>
    public static ISymbol? RootOf(IOperation operation)
    {
        IOperation? current = operation.WalkDownConversions();
        while (current is not null)
        {
            if (VariableOf(current) is { } variable)
            {
                return variable;
            }

            current = Inner(current);
        }

        return null;
    }

    public static Extreme ExtremeOf(IOperation operation)
    {
        for (IOperation? current = operation.WalkDownConversions(); current is not null; current = Inner(current))
        {
            switch ((current as IInvocationOperation)?.TargetMethod.Name)
            {
                case "max" or "amax":
                    return Extreme.Largest;
                case "min" or "amin":
                    return Extreme.Smallest;
            }
        }

        return Extreme.None;
    }

    /// <summary>Whether two expressions lay the same tensor out in two ways, as for the distances of all its rows from each other.</summary>
    public static bool AreTwoViews(IOperation left, IOperation right) => IsView(left) && IsView(right);

    private static bool IsView(IOperation operation)
    {
        bool adds = false;
        for (IOperation? current = operation.WalkDownConversions(); current is not null && VariableOf(current) is null; current = Inner(current))
        {
            adds = true;
            if (current is not IInvocationOperation { TargetMethod.Name: "unsqueeze" or "view" or "reshape" or "expand" or "transpose" or "permute" or "t" })
            {
                return false;
            }
        }

        return adds;
    }

    private static IOperation? Inner(IOperation operation) => operation switch
    {
        IInvocationOperation call when IsSelection(call.TargetMethod.Name) => (call.Instance ?? call.FirstArgument()).WalkDownConversions(),
        IFieldReferenceOperation { Field.ContainingType.IsTupleType: true } field => field.Instance.WalkDownConversions(),
        _ => null,
    };

    private static bool IsSelection(string function) => function is "max" or "amax" or "min" or "amin" || FunctionRanges.IsRearrangement(function);

    private static ISymbol? VariableOf(IOperation? operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation { Field.ContainingType.IsTupleType: false } field => field.Field,
        _ => null,
    };

    /// <summary>Whether the method is what a module computes.</summary>
    public static bool IsForward(this IMethodSymbol method, TorchSharpSymbols torchSharp) =>
        method is { Name: "forward", IsStatic: false } && torchSharp.IsModule(method.ContainingType);
}

/// <summary>Whether an expression takes the largest or smallest elements of a tensor.</summary>
internal enum Extreme
{
    None,
    Largest,
    Smallest,
}
