using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Ranges;

/// <summary>What modules compute: a layer of TorchSharp its function, a <c>Sequential</c> its last layers, a class what its forward returns.</summary>
internal sealed partial class RangeReader
{
    /// <summary>The expressions that may have created the module: none where one of them cannot be seen.</summary>
    public IReadOnlyList<IOperation> CreationsOf(IOperation module)
    {
        var creations = new List<IOperation>();
        return FindCreations(module, creations, new HashSet<SyntaxNode>()) ? creations : [];
    }

    private TensorRange ReadModuleCall(IInvocationOperation call, CallScope? scope, int? element)
    {
        TensorRange Input() => Read(call.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0)?.Value, scope);
        IOperation module = call.Instance.WalkDownConversions()!;
        return ReadModule(module, call.Arguments, Input, call.Syntax, scope, element) with { IsFromNetwork = true };
    }

    private TensorRange ReadModule(
        IOperation module, ImmutableArray<IArgumentOperation> arguments, Func<TensorRange> input, SyntaxNode site, CallScope? scope, int? element)
    {
        // The class says it all, unless another may stand in for it.
        if (module.Type is INamedTypeSymbol { IsAbstract: false } type && !IsContainer(type) && (_torchSharp.Declares(type) || module is IInstanceReferenceOperation || type.IsSealed))
        {
            return ReadType(type, arguments, input, site, scope, element);
        }

        IReadOnlyList<IOperation> creations = CreationsOf(module);
        if (creations.Count == 0 && module.Type is INamedTypeSymbol { IsAbstract: false } declared && !IsContainer(declared))
        {
            return ReadType(declared, arguments, input, site, scope, element);
        }

        TensorRange? all = null;
        foreach (IOperation creation in creations)
        {
            TensorRange one = ReadCreated(creation, arguments, input, site, scope, element);
            all = all?.Or(one) ?? one;
        }

        return all ?? TensorRange.Unknown;
    }

    private bool IsContainer(INamedTypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(type, _torchSharp.Sequential) || _torchSharp.Declares(type) && type.Name is "Module" or "ModuleList" or "ModuleDict" or "Loss" or "HelperModule";

    private TensorRange ReadCreated(
        IOperation creation, ImmutableArray<IArgumentOperation> arguments, Func<TensorRange> input, SyntaxNode site, CallScope? scope, int? element) =>
        creation.Type is not INamedTypeSymbol type ? TensorRange.Unknown
        : !IsContainer(type) ? ReadType(type, arguments, input, site, scope, element)
        : _networks.FindBuilt(creation, _cancellation)?.Root is SequentialModule { Doubt: null } sequential ? ReadSequence(sequential, input)
        : TensorRange.Unknown;

    private TensorRange ReadSequence(SequentialModule sequential, Func<TensorRange> input)
    {
        Func<TensorRange> last = input;
        foreach (ModuleValue child in sequential.Children)
        {
            Func<TensorRange> before = last;
            last = () => ReadChild(child, before);
        }

        return last();
    }

    private TensorRange ReadChild(ModuleValue child, Func<TensorRange> input)
    {
        if (_depth >= Deepest || _steps++ >= MostSteps)
        {
            return TensorRange.Unknown;
        }

        _depth++;
        TensorRange range = child switch
        {
            SequentialModule { Doubt: null } nested => ReadSequence(nested, input),
            { Type: { } type } when !IsContainer(type) => ReadType(type, ImmutableArray<IArgumentOperation>.Empty, input, child.CreatedAt, scope: null, element: null),
            _ => TensorRange.Unknown,
        };
        _depth--;
        return range with { IsFromNetwork = true };
    }

    private TensorRange ReadType(
        INamedTypeSymbol type, ImmutableArray<IArgumentOperation> arguments, Func<TensorRange> input, SyntaxNode site, CallScope? scope, int? element)
    {
        if (_torchSharp.Declares(type))
        {
            if (FunctionRanges.OfLayer(type.Name) is not { } function || element is not null)
            {
                return TensorRange.Unknown;
            }

            // What a layer without bounds of its own computes does not depend on what goes in.
            return FunctionRanges.IsRearrangement(function) ? input() : FunctionRanges.Apply(function, input()) with { Maker = function, MadeAt = site };
        }

        return Interpreter.ForwardOf(type) is { } forward && _bodies.Of(forward, _cancellation) is { } body
            ? ReadReturns(body, arguments.IsEmpty ? BindInput(forward, input) : Bind(forward, arguments, scope), element)
            : TensorRange.Unknown;
    }

    private static CallScope BindInput(IMethodSymbol forward, Func<TensorRange> input) =>
        new(forward, new Dictionary<int, Func<TensorRange>> { [0] = input });

    /// <summary>False where the module may come from somewhere else as well.</summary>
    private bool FindCreations(IOperation? module, List<IOperation> creations, HashSet<SyntaxNode> seen)
    {
        IOperation? expression = module.WalkDownConversions();
        if (expression is null || seen.Count > Deepest || !seen.Add(expression.Syntax))
        {
            return false;
        }

        switch (expression)
        {
            case IObjectCreationOperation:
                creations.Add(expression);
                return true;
            case IInvocationOperation call when _torchSharp.Declares(call.TargetMethod):
                IOperation? chained = call.Instance ?? (call.TargetMethod.IsExtensionMethod ? call.FirstArgument() : null);
                if (chained is not null && _torchSharp.IsModule(chained.Type))
                {
                    return FindCreations(chained, creations, seen);
                }

                creations.Add(expression);
                return true;
            case IInvocationOperation call when _bodies.Of(call.TargetMethod.OriginalDefinition, _cancellation) is { } body && !call.TargetMethod.IsVirtual:
                return FindAll(CallSites.ReturnsOf(CallSites.BodyOf(body)), creations, seen);
            case IConditionalOperation { WhenFalse: { } otherwise } choice:
                return FindAll([choice.WhenTrue, otherwise], creations, seen);
            case ICoalesceOperation coalesce:
                return FindAll([coalesce.Value, coalesce.WhenNull], creations, seen);
            case IParameterReferenceOperation { Parameter: var parameter } when _code.Names.ValuesOf(parameter, _cancellation).IsEmpty:
                return FindAll(_calls.ArgumentsFor(parameter, _cancellation), creations, seen);
            case ILocalReferenceOperation local:
                return FindAssigned(local.Local, creations, seen);
            case IFieldReferenceOperation field:
                return FindAssigned(field.Field, creations, seen);
            case IPropertyReferenceOperation property when !_torchSharp.Declares(property.Property) && !property.Property.IsIndexer:
                return FindAssigned(property.Property, creations, seen);
            default:
                return false;
        }
    }

    private bool FindAssigned(ISymbol holder, List<IOperation> creations, HashSet<SyntaxNode> seen)
    {
        ImmutableArray<AssignedValue> values = _code.Names.ValuesOf(holder, _cancellation);
        return values.All(value => value is { Share: ValueShare.Whole, Value: not null })
            && FindAll(values.Where(value => !IsNull(value.Value!)).Select(value => _code.Source.OperationAt(value.Value!, _cancellation)), creations, seen);
    }

    private static bool IsNull(ExpressionSyntax value) =>
        value is LiteralExpressionSyntax literal && (literal.IsKind(SyntaxKind.NullLiteralExpression) || literal.IsKind(SyntaxKind.DefaultLiteralExpression))
        || value is PostfixUnaryExpressionSyntax { Operand: var operand } && IsNull(operand);

    private bool FindAll(IEnumerable<IOperation?> modules, List<IOperation> creations, HashSet<SyntaxNode> seen)
    {
        bool any = false;
        foreach (IOperation? module in modules)
        {
            any = true;
            if (!FindCreations(module, creations, seen))
            {
                return false;
            }
        }

        return any;
    }
}
