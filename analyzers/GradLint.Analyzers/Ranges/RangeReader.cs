using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Ranges;

/// <summary>
/// Reads what values an expression can have: from the functions that compute it, back through variables, fields, helpers, modules and callers.
/// Each question has a budget; what goes beyond is unknown.
/// </summary>
internal sealed partial class RangeReader
{
    private const int Deepest = 48;
    private const int MostSteps = 500;

    private readonly TrainingCode _code;
    private readonly TorchSharpSymbols _torchSharp;
    private readonly NetworkModels _networks;
    private readonly Numbers _numbers;
    private readonly CallSites _calls;
    private readonly DeclaredBodies _bodies;
    private readonly bool _isProgram;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<(SyntaxNode, CallScope?)> _underWay = [];
    private readonly Dictionary<SyntaxNode, TensorRange> _known = [];
    private int _depth;
    private int _steps;
    private int _cutOffs;

    public RangeReader(TrainingCode code, NetworkModels networks, bool isProgram, CancellationToken cancellation)
    {
        _code = code;
        _torchSharp = code.TorchSharp;
        _networks = networks;
        _numbers = new Numbers(code.Source, code.Names);
        _calls = new CallSites(code.Source, code.Names);
        _bodies = new DeclaredBodies(code.Source);
        _isProgram = isProgram;
        _cancellation = cancellation;
    }

    /// <summary>What is known of the values, whoever calls the function that the expression is in.</summary>
    public TensorRange Read(IOperation? operation)
    {
        _steps = 0;
        return Read(operation, scope: null);
    }

    /// <summary>The number, where the source fixes it: TorchSharp takes numbers as scalars.</summary>
    public double? Number(IOperation? operation) => _numbers.Read(operation.WalkDownConversions(), _cancellation)?.Value;

    private TensorRange Read(IOperation? operation, CallScope? scope)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (operation is null || _depth >= Deepest || _steps++ >= MostSteps || !IsStackSufficient())
        {
            return operation is null ? TensorRange.Unknown : CutOff();
        }

        if (scope is null && _known.TryGetValue(operation.Syntax, out TensorRange? known))
        {
            return known;
        }

        // A value that is computed from itself, in a loop or a recursion, is not known.
        if (!_underWay.Add((operation.Syntax, scope)))
        {
            return CutOff();
        }

        int cutOffs = _cutOffs;
        _depth++;
        TensorRange range = ReadNew(operation, scope);
        _depth--;
        _underWay.Remove((operation.Syntax, scope));
        if (scope is null && (_depth == 0 || cutOffs == _cutOffs))
        {
            _known[operation.Syntax] = range;
        }

        return range;
    }

    /// <summary>An answer that holds for this question only: the next one may get further.</summary>
    private TensorRange CutOff()
    {
        _cutOffs++;
        return TensorRange.Unknown;
    }

    /// <summary>Expressions can be nested more deeply than the stack.</summary>
    private static bool IsStackSufficient()
    {
        try
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            return true;
        }
        catch (InsufficientExecutionStackException)
        {
            return false;
        }
    }

    private TensorRange ReadNew(IOperation operation, CallScope? scope) => operation switch
    {
        IConversionOperation conversion when _torchSharp.IsTensor(conversion.Operand.Type) => ReadNew(conversion.Operand, scope),
        _ when !_torchSharp.IsTensor(operation.Type) && Number(operation) is { } number => TensorRange.Constant(number),
        IConversionOperation or IParenthesizedOperation => ReadUnwrapped(operation, scope),
        ILocalReferenceOperation local => ReadVariable(local.Local, local.Syntax, element: null, scope),
        IParameterReferenceOperation parameter => ReadVariable(parameter.Parameter, parameter.Syntax, element: null, scope),
        IFieldReferenceOperation { Field.ContainingType.IsTupleType: true } field => ReadElement(field.Instance, ElementOf(field.Field), scope),
        IFieldReferenceOperation field => ReadMember(field.Field, scope),
        IPropertyReferenceOperation property => ReadProperty(property, scope),
        IArrayElementReferenceOperation element => Read(element.ArrayReference, scope),
        IArrayCreationOperation { Initializer.ElementValues: var elements } => ReadAll(elements, scope),
        IBinaryOperation binary => Combine(binary.OperatorKind, binary.LeftOperand, binary.RightOperand, scope),
        ICompoundAssignmentOperation compound => Combine(compound.OperatorKind, compound.Target, compound.Value, scope),
        ISimpleAssignmentOperation assignment => Read(assignment.Value, scope),
        IUnaryOperation { OperatorKind: UnaryOperatorKind.Minus } minus => Read(minus.Operand, scope).Negated(),
        IConditionalOperation { WhenFalse: { } otherwise } choice => Read(choice.WhenTrue, scope).Or(Read(otherwise, scope)),
        ISwitchExpressionOperation choice => ReadAll(choice.Arms.Select(arm => arm.Value), scope),
        IInvocationOperation call => ReadCall(call, scope),
        _ => TensorRange.Unknown,
    };

    private TensorRange ReadUnwrapped(IOperation operation, CallScope? scope) =>
        ReadNew(operation is IConversionOperation conversion ? conversion.Operand : ((IParenthesizedOperation)operation).Operand, scope);

    private TensorRange ReadAll(IEnumerable<IOperation> operations, CallScope? scope)
    {
        TensorRange? all = null;
        foreach (IOperation operation in operations)
        {
            TensorRange one = Read(operation, scope);
            all = all?.Or(one) ?? one;
        }

        return all ?? TensorRange.Unknown;
    }

    /// <summary>The values of an element of a tuple.</summary>
    private TensorRange ReadElement(IOperation? tuple, int? element, CallScope? scope)
    {
        if (element is not { } index || _depth >= Deepest)
        {
            return TensorRange.Unknown;
        }

        switch (tuple.WalkDownConversions())
        {
            case ITupleOperation { Elements: var elements } when index < elements.Length:
                return Read(elements[index], scope);
            case ILocalReferenceOperation local:
                return ReadVariable(local.Local, local.Syntax, index, scope);
            case IParameterReferenceOperation parameter:
                return ReadVariable(parameter.Parameter, parameter.Syntax, index, scope);
            case IInvocationOperation call:
                return ReadCall(call, scope, index);
            default:
                return TensorRange.Unknown;
        }
    }

    private static int? ElementOf(IFieldSymbol field)
    {
        string name = (field.CorrespondingTupleField ?? field).Name;
        return name.StartsWith("Item", StringComparison.Ordinal) && int.TryParse(name.Substring("Item".Length), out int number) ? number - 1 : null;
    }

    private TensorRange ReadVariable(ISymbol variable, SyntaxNode use, int? element, CallScope? scope)
    {
        if (ReachingValues.Find(variable, use, _code.Source, _cancellation) is not { } reaching)
        {
            return TensorRange.Unknown;
        }

        TensorRange? all = null;
        foreach (ReachingValue value in reaching.Values)
        {
            TensorRange one = value.Value is null ? TensorRange.Unknown : ReadPart(value, element, scope);
            all = all?.Or(one) ?? one;
        }

        if (reaching.ReachesStart && variable is IParameterSymbol parameter)
        {
            TensorRange passed = element is null ? ReadParameter(parameter, scope) : TensorRange.Unknown;
            all = all?.Or(passed) ?? passed;
        }

        return all ?? TensorRange.Unknown;
    }

    private TensorRange ReadPart(ReachingValue value, int? element, CallScope? scope)
    {
        IOperation? operation = _code.Source.OperationAt(value.Value!, _cancellation);
        return (value.Element, element) switch
        {
            (null, null) => Read(operation, scope),
            (null, _) => ReadElement(operation, element, scope),
            (_, null) => ReadElement(operation, value.Element, scope),
            _ => TensorRange.Unknown,
        };
    }

    /// <summary>What is passed for a parameter: by the call that is read, or else by all calls there are.</summary>
    private TensorRange ReadParameter(IParameterSymbol parameter, CallScope? scope)
    {
        if (scope?.Find(parameter) is { } passed)
        {
            return passed;
        }

        if (parameter.ContainingSymbol is not IMethodSymbol method)
        {
            return TensorRange.Unknown;
        }

        if (method.IsForward(_torchSharp))
        {
            return TensorRange.Unknown with { IsFromNetwork = true };
        }

        TensorRange all = ReadAll(_calls.ArgumentsFor(parameter, _cancellation), scope: null);
        return _isProgram || !IsVisibleOutside(method) ? all : TensorRange.Unknown with { IsFromNetwork = all.IsFromNetwork };
    }

    private static bool IsVisibleOutside(ISymbol symbol)
    {
        for (ISymbol? current = symbol; current is not null and not INamespaceSymbol; current = current.ContainingSymbol)
        {
            if (current.DeclaredAccessibility is Accessibility.Private or Accessibility.Internal or Accessibility.ProtectedAndInternal
                || current is IMethodSymbol { MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction })
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A field or property that only its own type can set has what the type sets it to.</summary>
    private TensorRange ReadMember(ISymbol member, CallScope? scope)
    {
        if (SymbolEqualityComparer.Default.Equals((member as IFieldSymbol)?.Type, _torchSharp.Parameter))
        {
            return TensorRange.Unknown with { IsFromNetwork = true };
        }

        bool isOwn = member is IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null or { IsInitOnly: true } } || member.DeclaredAccessibility == Accessibility.Private
            || member is IPropertySymbol { SetMethod.DeclaredAccessibility: Accessibility.Private };
        ImmutableArray<AssignedValue> values = isOwn ? _code.Names.ValuesOf(member, _cancellation) : ImmutableArray<AssignedValue>.Empty;
        return values.All(value => value is { Share: ValueShare.Whole, Value: not null })
            ? ReadAll(values.Select(value => _code.Source.OperationAt(value.Value!, _cancellation)).OfType<IOperation>(), scope)
            : TensorRange.Unknown;
    }

    private TensorRange ReadProperty(IPropertyReferenceOperation property, CallScope? scope)
    {
        if (_torchSharp.Declares(property.Property))
        {
            return _torchSharp.IsTensor(property.Type) && _torchSharp.IsTensor(property.Instance?.Type) && property.Property.Name is "T" or "mT" or "H" or "this[]" or "values"
                ? Read(property.Instance, scope)
                : TensorRange.Unknown with { IsFromNetwork = _torchSharp.IsModule(property.Instance?.Type) };
        }

        return property.Property.IsIndexer ? TensorRange.Unknown
            : _bodies.GetterOf(property.Property, _cancellation) is { } getter ? ReadAll(CallSites.ReturnsOf(getter), scope: null)
            : ReadMember(property.Property, scope);
    }
}
