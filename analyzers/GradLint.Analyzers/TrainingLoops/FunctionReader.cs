using System;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>Reads one function's own code; what it calls is only noted.</summary>
internal sealed partial class FunctionReader : OperationWalker
{
    /// <summary>The functions that clip gradients.</summary>
    public static readonly ImmutableHashSet<string> Clips = ImmutableHashSet.Create("clip_grad_norm_", "clip_grad_value_");

    private static readonly ImmutableHashSet<string> s_evaluations = ImmutableHashSet.Create("no_grad", "inference_mode");

    private readonly SourceModels _source;
    private readonly TorchSharpSymbols _torchSharp;
    private readonly Places _places;
    private readonly SourceNames _names;
    private readonly CancellationToken _cancellation;
    private readonly ImmutableArray<TrainingAction>.Builder _actions = ImmutableArray.CreateBuilder<TrainingAction>();
    private readonly ImmutableArray<FunctionCall>.Builder _calls = ImmutableArray.CreateBuilder<FunctionCall>();

    private FunctionReader(SourceModels source, TorchSharpSymbols torchSharp, Places places, SourceNames names, CancellationToken cancellation)
    {
        _source = source;
        _torchSharp = torchSharp;
        _places = places;
        _names = names;
        _cancellation = cancellation;
    }

    public static FunctionBody Read(
        SyntaxNode function, SourceModels source, TorchSharpSymbols torchSharp, Places places, SourceNames names, CancellationToken cancellation)
    {
        var reader = new FunctionReader(source, torchSharp, places, names, cancellation);
        IOperation? operation = source.OperationAt(function is EqualsValueClauseSyntax initializer ? initializer.Value : function, cancellation);
        try
        {
            reader.Visit(operation switch
            {
                IAnonymousFunctionOperation lambda => lambda.Body,
                ILocalFunctionOperation local => local.Body,
                _ => operation,
            });
        }
        catch (InsufficientExecutionStackException)
        {
            // An expression of thousands of terms: what comes before it is known.
        }

        return new FunctionBody(function, SymbolOf(function, operation, source, cancellation), reader._actions.ToImmutable(), reader._calls.ToImmutable());
    }

    public override void VisitAnonymousFunction(IAnonymousFunctionOperation operation)
    {
        if (!IsStoredInLocal(operation))
        {
            AddLambdaCall(operation.Syntax, operation.Syntax, ImmutableArray<BoundArgument>.Empty);
        }
    }

    public override void VisitLocalFunction(ILocalFunctionOperation operation)
    {
    }

    public override void VisitLocalReference(ILocalReferenceOperation operation)
    {
        AddStoredFunction(operation, ImmutableArray<BoundArgument>.Empty);
        base.VisitLocalReference(operation);
    }

    public override void VisitMethodReference(IMethodReferenceOperation operation)
    {
        AddCall(operation.Syntax, operation.Method, operation.Instance, ImmutableArray<BoundArgument>.Empty);
        if (_torchSharp.IsOptimizer(operation.Method.ContainingType) || _torchSharp.IsModule(operation.Instance?.Type))
        {
            AddOwnerAction(operation, operation.Instance, operation.Method);
        }

        base.VisitMethodReference(operation);
    }

    public override void VisitObjectCreation(IObjectCreationOperation operation)
    {
        if (operation.Constructor is { } constructor)
        {
            AddCall(operation.Syntax, constructor, instance: null, Bind(operation.Arguments));
            AddHandOver(operation, constructor, operation.Arguments);
        }

        base.VisitObjectCreation(operation);
    }

    public override void VisitInvocation(IInvocationOperation operation)
    {
        IMethodSymbol method = operation.TargetMethod;
        if (method.MethodKind == MethodKind.DelegateInvoke && operation.Instance is ILocalReferenceOperation local)
        {
            AddStoredFunction(local, Bind(operation.Arguments));
            foreach (IArgumentOperation argument in operation.Arguments)
            {
                Visit(argument);
            }

            return;
        }

        AddActions(operation, method);
        AddCall(operation.Syntax, method, operation.Instance, Bind(operation.Arguments));
        base.VisitInvocation(operation);
    }

    /// <summary>A call that does not compile yet may do anything with what it is given.</summary>
    public override void VisitInvalid(IInvalidOperation operation)
    {
        foreach (IOperation part in operation.ChildOperations)
        {
            if (_torchSharp.IsModule(part.Type) || _torchSharp.IsOptimizer(part.Type))
            {
                AddForOwners(TrainingActionKind.HandOver, part, operation);
            }
        }

        base.VisitInvalid(operation);
    }

    public override void VisitSimpleAssignment(ISimpleAssignmentOperation operation)
    {
        if (IsLearningRate(operation.Target, _torchSharp))
        {
            AddRateAction(operation);
        }
        else if (GradientTarget(operation.Target) is { } owner)
        {
            AddForOwners(TrainingActionKind.Clear, owner, operation);
            if (operation.Value.WalkDownConversions() is not { ConstantValue: { HasValue: true, Value: null } })
            {
                AddForOwners(TrainingActionKind.Clip, owner, operation);
            }
        }

        base.VisitSimpleAssignment(operation);
    }

    public override void VisitCompoundAssignment(ICompoundAssignmentOperation operation)
    {
        if (IsLearningRate(operation.Target, _torchSharp))
        {
            AddRateAction(operation);
        }
        else if (GradientTarget(operation.Target) is { } owner)
        {
            AddForOwners(TrainingActionKind.Clip, owner, operation);
        }

        base.VisitCompoundAssignment(operation);
    }

    private static ISymbol? SymbolOf(SyntaxNode function, IOperation? operation, SourceModels source, CancellationToken cancellation) => operation switch
    {
        IAnonymousFunctionOperation lambda => lambda.Symbol,
        ILocalFunctionOperation local => local.Symbol,
        _ => source.SymbolAt(function is ArrowExpressionClauseSyntax ? function.Parent! : function, cancellation) switch
        {
            IPropertySymbol property => property.GetMethod,
            var symbol => symbol,
        },
    };

    private void AddActions(IInvocationOperation call, IMethodSymbol method)
    {
        if (_torchSharp.IsOptimizer(method.ContainingType) || _torchSharp.IsModule(call.Instance?.Type))
        {
            AddOwnerAction(call, call.Instance, method);
        }
        else if (_torchSharp.IsTensor(method.ContainingType))
        {
            AddTensorAction(call, method);
        }
        else if (TorchSharpSymbols.IsMethodOf(method, _torchSharp.Autograd, "backward"))
        {
            Add(TrainingActionKind.Backward, target: null, call);
        }
        else if (IsClip(method, _torchSharp))
        {
            AddForOwners(TrainingActionKind.Clip, call.FirstArgument(), call);
        }
        else if (IsAboutSchedules(method))
        {
            AddScheduleAction(call, method);
        }
        else if (TorchSharpSymbols.IsMethodOf(method, _torchSharp.Torch, s_evaluations))
        {
            Add(TrainingActionKind.Evaluate, target: null, call);
        }
        else if (TorchSharpSymbols.IsOrDerivesFrom(method.ContainingType, _torchSharp.GradientGuard))
        {
            AddGuardAction(call, method);
        }
        else
        {
            AddHandOver(call, method, call.Arguments);
        }
    }

    internal static bool IsClip(IMethodSymbol method, TorchSharpSymbols torchSharp) =>
        TorchSharpSymbols.IsMethodOf(method, torchSharp.Utils, Clips);

    /// <summary>What is done with an optimizer or a module, or handed on to be done.</summary>
    private void AddOwnerAction(IOperation site, IOperation? owner, IMethodSymbol method)
    {
        TrainingActionKind? kind = method.Name switch
        {
            "zero_grad" => TrainingActionKind.Clear,
            "eval" => TrainingActionKind.Evaluate,
            "step" when _torchSharp.IsOptimizer(method.ContainingType) => TrainingActionKind.Step,
            "call" or "forward" when !_torchSharp.IsOptimizer(method.ContainingType) => TrainingActionKind.Forward,
            _ => null,
        };
        if (kind is not null)
        {
            Add(kind.Value, _places.Find(owner, _cancellation), site);
        }
    }

    private void AddTensorAction(IInvocationOperation call, IMethodSymbol method)
    {
        if (method.Name == "backward")
        {
            Add(TrainingActionKind.Backward, target: null, call);
        }
        else if (method.Name.EndsWith("_", System.StringComparison.Ordinal)
            && _places.FindGradientOwner(call.Instance, _cancellation) is { } owner)
        {
            AddForOwners(method.Name == "zero_" ? TrainingActionKind.Clear : TrainingActionKind.Clip, owner, call);
        }
    }

    /// <summary>A guard looks after what it was created for; after anything, where its creation cannot be seen.</summary>
    private void AddGuardAction(IInvocationOperation call, IMethodSymbol method)
    {
        if ((method.IsStatic ? call : CreationOf(call.Instance)) is not { } creation)
        {
            Add(TrainingActionKind.Guard, target: null, call);
            return;
        }

        foreach (IArgumentOperation argument in creation.Arguments)
        {
            ITypeSymbol? type = argument.Value.WalkDownConversions()?.Type;
            if (_torchSharp.IsModule(type) || _torchSharp.IsOptimizer(type))
            {
                AddForOwners(TrainingActionKind.Guard, argument.Value, call);
            }

            if (method.Name == "Step" && _torchSharp.IsOptimizer(type))
            {
                Add(TrainingActionKind.Step, _places.Find(argument.Value, _cancellation), call);
            }
        }
    }

    private IInvocationOperation? CreationOf(IOperation? guard)
    {
        ISymbol? variable = guard switch
        {
            ILocalReferenceOperation local => local.Local,
            IFieldReferenceOperation field => field.Field,
            _ => null,
        };
        return variable is not null && _names.OnlyValueOf(variable, _cancellation)?.Value is { } value
            ? _source.OperationAt(value, _cancellation).WalkDownConversions() as IInvocationOperation
            : null;
    }

    /// <summary>A library between TorchSharp and the program that takes models, optimizers or parameters.</summary>
    private void AddHandOver(IOperation site, IMethodSymbol method, ImmutableArray<IArgumentOperation> arguments)
    {
        if (!method.DeclaringSyntaxReferences.IsEmpty || _torchSharp.Declares(method))
        {
            return;
        }

        foreach (IArgumentOperation argument in arguments)
        {
            ITypeSymbol? type = argument.Parameter?.OriginalDefinition.Type;
            if (TorchSharpSymbols.Mentions(type, _torchSharp.Optimizer) || TorchSharpSymbols.Mentions(type, _torchSharp.Module) || TorchSharpSymbols.Mentions(type, _torchSharp.Parameter))
            {
                AddForOwners(TrainingActionKind.HandOver, argument.Value, site);
            }
        }
    }

    private void AddForOwners(TrainingActionKind kind, IOperation? parameters, IOperation site)
    {
        ImmutableArray<Place> owners = _places.FindOwners(parameters, _cancellation);
        if (owners.IsEmpty)
        {
            Add(kind, target: null, site);
        }

        foreach (Place owner in owners)
        {
            Add(kind, owner, site);
        }
    }

    private void Add(TrainingActionKind kind, Place? target, IOperation site) => _actions.Add(new TrainingAction(new Effect(kind, target), site));

    private void AddCall(SyntaxNode site, IMethodSymbol method, IOperation? instance, ImmutableArray<BoundArgument> arguments)
    {
        IMethodSymbol definition = method.OriginalDefinition;
        string name = definition.MethodKind == MethodKind.Constructor ? definition.ContainingType.Name : definition.Name;
        if (!definition.DeclaringSyntaxReferences.IsEmpty && _names.MayAct(name, _cancellation))
        {
            _calls.Add(new FunctionCall(site, definition, Lambda: null, _places.Find(instance, _cancellation), arguments));
        }
    }

    private void AddLambdaCall(SyntaxNode site, SyntaxNode lambda, ImmutableArray<BoundArgument> arguments) =>
        _calls.Add(new FunctionCall(site, Method: null, lambda, Receiver: null, arguments));

    /// <summary>A lambda kept in a local is taken to be called wherever that local is mentioned.</summary>
    private void AddStoredFunction(ILocalReferenceOperation reference, ImmutableArray<BoundArgument> arguments)
    {
        if (reference.Local.Type?.TypeKind != TypeKind.Delegate || reference.Parent is ISimpleAssignmentOperation { Target: ILocalReferenceOperation } assignment && assignment.Target == reference)
        {
            return;
        }

        foreach (AssignedValue value in _names.ValuesOf(reference.Local, _cancellation))
        {
            if (value.Value is AnonymousFunctionExpressionSyntax lambda)
            {
                AddLambdaCall(reference.Syntax, lambda, arguments);
            }
        }
    }

    private ImmutableArray<BoundArgument> Bind(ImmutableArray<IArgumentOperation> arguments) =>
        arguments
            .Where(argument => argument.Parameter is not null && argument.ArgumentKind != ArgumentKind.DefaultValue)
            .Select(argument => new BoundArgument(argument.Parameter!.Ordinal, argument.Value, _places.Find(argument.Value, _cancellation)))
            .ToImmutableArray();

    /// <summary>The owner of the gradient that is assigned to: not that of a variable that holds one.</summary>
    private IOperation? GradientTarget(IOperation target) =>
        target is IPropertyReferenceOperation ? _places.FindGradientOwner(target, _cancellation) : null;

    private static bool IsStoredInLocal(IAnonymousFunctionOperation lambda)
    {
        IOperation? user = lambda.Parent;
        while (user is IDelegateCreationOperation or IConversionOperation)
        {
            user = user.Parent;
        }

        return user is IVariableInitializerOperation or ISimpleAssignmentOperation { Target: ILocalReferenceOperation };
    }
}
