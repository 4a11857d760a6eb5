using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <summary>
/// Runs the code that builds and applies a network, as far as it can be known: constants, modules, lists and tensors.
/// What it does not know becomes an <see cref="UnknownValue"/> with the reason; it never guesses.
/// This part executes statements; the others evaluate expressions and calls.
/// </summary>
internal sealed partial class Interpreter(TorchSharpSymbols torchSharp, DeclaredBodies bodies, CancellationToken cancellation)
    : OperationVisitor<Frame, Value>
{
    private int _operationsLeft = ModelingLimits.Operations;

    /// <summary>How a statement ended.</summary>
    private enum Completion
    {
        Normal,
        Break,
        Continue,
        Return,
        Throw,
    }

    public TorchSharpSymbols TorchSharp => torchSharp;

    /// <summary>The bound that was hit, if one was: what was found by then is not the whole model.</summary>
    public string? LimitHit { get; private set; }

    /// <summary>The modules that were created, in order.</summary>
    public List<ModuleValue> Created { get; } = [];

    /// <summary>Counts work: operations, items and uses of modules. False once it is more than one model may cost.</summary>
    private bool Spend(int operations = 1)
    {
        _operationsLeft = operations < _operationsLeft ? _operationsLeft - operations : 0;
        return _operationsLeft > 0;
    }

    private UnknownValue TooLarge()
    {
        LimitHit ??= $"more than {ModelingLimits.Operations} operations";
        return new UnknownValue("the model is too large to be read");
    }

    private IOperation? BodyOf(IMethodSymbol method) => IsReadable(method) ? bodies.Of(method, cancellation) : null;

    private IOperation? GetterOf(IPropertySymbol property) => IsReadable(property) ? bodies.GetterOf(property, cancellation) : null;

    private IOperation? WrittenValueOf(ISymbol member) => IsReadable(member) ? bodies.InitializerOf(member, cancellation) : null;

    /// <summary>What cannot be read is not the same as what is not there.</summary>
    private bool IsReadable(ISymbol member)
    {
        bool tooDeep = DeclaredBodies.NestTooDeep(member, cancellation);
        LimitHit ??= tooDeep ? $"code nested more than {FileNames.DeepestNesting} deep" : null;
        return !tooDeep;
    }

    private Completion ExecuteAll(ImmutableArray<IOperation> statements, Frame frame)
    {
        for (int i = 0; i < statements.Length; i++)
        {
            // What follows an 'if' without 'else' is its 'else' where the 'if' returns.
            bool elseThrows = i + 2 == statements.Length && EndsInThrow(statements[i + 1]);
            Completion completion = statements[i] is IConditionalOperation { WhenFalse: null } condition
                ? ExecuteConditional(condition, frame, elseThrows)
                : Execute(statements[i], frame);
            if (completion != Completion.Normal)
            {
                return completion;
            }
        }

        return Completion.Normal;
    }

    private Completion Execute(IOperation? statement, Frame frame)
    {
        cancellation.ThrowIfCancellationRequested();
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (_operationsLeft <= 0)
        {
            frame.Returned = TooLarge();
            return Completion.Return;
        }

        switch (statement)
        {
            case IBlockOperation block:
                return ExecuteBlock(block, frame);
            case IMethodBodyOperation body:
                return Execute(body.BlockBody ?? body.ExpressionBody, frame);
            case IConstructorBodyOperation constructor:
                Evaluate(constructor.Initializer, frame);
                return Execute(constructor.BlockBody ?? constructor.ExpressionBody, frame);
            case IReturnOperation returned:
                frame.Returned = returned.ReturnedValue is { } value ? Evaluate(value, frame) : ConstantValue.Null;
                return Completion.Return;
            case IConditionalOperation condition:
                return ExecuteConditional(condition, frame, elseThrows: false);
            case IUsingOperation scope:
                return ExecuteUsing(scope, frame);
            case IUsingDeclarationOperation declaration:
                return Execute(declaration.DeclarationGroup, frame);
            case ILockOperation section:
                return Execute(section.Body, frame);
            case ITryOperation attempt:
                return ExecuteTry(attempt, frame);
            case ILabeledOperation labeled:
                return Execute(labeled.Operation, frame);
            case IBranchOperation branch:
                return branch.BranchKind == BranchKind.Break ? Completion.Break : Completion.Continue;
            case IThrowOperation:
                return Completion.Throw;
            case ISwitchOperation choice when ExecuteSwitch(choice, frame) is { } completed:
                return completed;
            case IWhileLoopOperation { ConditionIsTop: true, ConditionIsUntil: false } repeated when !_exploring:
                return Repeat(repeated, repeated.Condition, ImmutableArray<IOperation>.Empty, frame);
            case ISwitchOperation explored when _exploring && BuildsModules(explored):
                ExploreSwitch(explored, frame);
                return Completion.Normal;
            case ILoopOperation when _exploring && !BuildsModules(statement):
            case IWhileLoopOperation or ISwitchOperation:
                Doubt(statement, frame, "it is changed in a loop or switch whose course is not known");
                return Completion.Normal;
            case IForLoopOperation loop:
                return ExecuteFor(loop, frame);
            case IForEachLoopOperation loop:
                return ExecuteForEach(loop, frame);
            case ISymbolInitializerOperation initializer:
                Evaluate(initializer.Value, frame);
                return Completion.Normal;
            default:
                Evaluate(statement, frame);
                return Completion.Normal;
        }
    }

    private Completion ExecuteUsing(IUsingOperation scope, Frame frame)
    {
        bool before = IsGradientOff;
        Execute(scope.Resources, frame);
        Completion completion = Execute(scope.Body, frame);
        IsGradientOff = before;
        return completion;
    }

    // A using declaration holds to the end of its block.
    private Completion ExecuteBlock(IBlockOperation block, Frame frame)
    {
        bool before = IsGradientOff;
        Completion completion = ExecuteAll(block.Operations, frame);
        IsGradientOff = before;
        return completion;
    }

    private Completion ExecuteConditional(IConditionalOperation condition, Frame frame, bool elseThrows)
    {
        if (Evaluate(condition.Condition, frame) is ConstantValue { Constant: bool holds })
        {
            return Run(holds ? condition.WhenTrue : condition.WhenFalse);
        }

        // A path that throws is not the network's.
        if (EndsInThrow(condition.WhenTrue))
        {
            return Run(condition.WhenFalse);
        }

        if (condition.WhenFalse is { } otherwise ? EndsInThrow(otherwise) : elseThrows && EndsInReturn(condition.WhenTrue))
        {
            return Run(condition.WhenTrue);
        }

        bool explores = _exploring && BuildsModules(condition);
        if (!explores && MissingFiles.Decide(condition.Condition) is { } decided)
        {
            // Without the file, training starts from the weights that the code draws.
            return Run(decided ? condition.WhenTrue : condition.WhenFalse);
        }

        if (explores)
        {
            // Each branch is code that may run: what it builds is a network.
            Run(condition.WhenTrue);
            Doubt(condition.WhenTrue, frame, "it depends on a condition that is not known");
            Run(condition.WhenFalse);
        }

        Doubt(condition, frame, "it depends on a condition that is not known");
        if (condition.Descendants().Any(operation => operation is IReturnOperation))
        {
            frame.Returned = new UnknownValue($"the result depends on a condition that is not known: '{Shortened(condition.Condition.Syntax)}'");
            return Completion.Return;
        }

        return Completion.Normal;

        Completion Run(IOperation? branch) => branch is null ? Completion.Normal : Execute(branch, frame);
    }

    /// <summary>Null where it cannot be told which case it is.</summary>
    private Completion? ExecuteSwitch(ISwitchOperation choice, Frame frame)
    {
        Value value = Evaluate(choice.Value, frame);
        foreach (ISwitchCaseOperation section in choice.Cases.OrderBy(section => section.Clauses.Any(clause => clause.CaseKind == CaseKind.Default)))
        {
            foreach (ICaseClauseOperation clause in section.Clauses)
            {
                switch (Matches(clause, value, frame))
                {
                    case null:
                        return null;
                    case true:
                        Completion completion = ExecuteAll(section.Body, frame);
                        return completion == Completion.Break ? Completion.Normal : completion;
                }
            }
        }

        return Completion.Normal;
    }

    /// <summary>Each section is code that may run; in it the value is that of its first label.</summary>
    private void ExploreSwitch(ISwitchOperation choice, Frame frame)
    {
        foreach (ISwitchCaseOperation section in choice.Cases)
        {
            if (section.Clauses[0] is ISingleValueCaseClauseOperation { Value.ConstantValue: { HasValue: true, Value: var label } })
            {
                Assign(choice.Value is IInvocationOperation { Instance: { } text, Arguments.IsEmpty: true } ? text : choice.Value, new ConstantValue(label), frame);
            }

            ExecuteAll(section.Body, frame);
            foreach (IOperation statement in section.Body)
            {
                Doubt(statement, frame, "it depends on a condition that is not known");
            }
        }

        Assign(choice.Value is IInvocationOperation { Instance: { } value } ? value : choice.Value, new UnknownValue("it depends on a condition that is not known"), frame);
    }

    private bool? Matches(ICaseClauseOperation clause, Value value, Frame frame) => clause switch
    {
        IDefaultCaseClauseOperation => true,
        ISingleValueCaseClauseOperation single => (value, Evaluate(single.Value, frame)) switch
        {
            ({ Number: { } a }, { Number: { } b }) => a == b,
            (ConstantValue { Constant: var a }, ConstantValue { Constant: var b }) => Equals(a, b),
            _ => null,
        },
        IPatternCaseClauseOperation { Guard: null } pattern => Matches(pattern.Pattern, value, frame),
        IPatternCaseClauseOperation { Guard: { } guard } pattern => Matches(pattern.Pattern, value, frame) is not false
            ? Evaluate(guard, frame) is ConstantValue { Constant: bool holds } ? Both(Matches(pattern.Pattern, value, frame), holds) : null
            : false,
        _ => null,
    };

    private static bool EndsInThrow(IOperation statement) => statement switch
    {
        IBlockOperation block => block.Operations.LastOrDefault() is { } last && EndsInThrow(last),
        IExpressionStatementOperation expression => expression.Operation is IThrowOperation,
        _ => statement is IThrowOperation,
    };

    private static bool EndsInReturn(IOperation statement) =>
        statement is IBlockOperation block ? block.Operations.LastOrDefault() is { } last && EndsInReturn(last) : statement is IReturnOperation;

    private Completion ExecuteTry(ITryOperation attempt, Frame frame)
    {
        Completion completion = Execute(attempt.Body, frame);
        Execute(attempt.Finally, frame);
        return completion;
    }

    private Completion ExecuteFor(IForLoopOperation loop, Frame frame)
    {
        ExecuteAll(loop.Before, frame);
        return Repeat(loop, loop.Condition, loop.AtLoopBottom, frame);
    }

    private Completion Repeat(ILoopOperation loop, IOperation? condition, ImmutableArray<IOperation> atBottom, Frame frame)
    {
        for (int trips = 0; trips < ModelingLimits.LoopTrips; trips++)
        {
            Value goesOn = condition is null ? new UnknownValue("endless loop") : Evaluate(condition, frame);
            if (goesOn is not ConstantValue { Constant: bool again })
            {
                Doubt(loop, frame, "it is changed in a loop whose number of rounds is not known");
                return Completion.Normal;
            }

            if (!again)
            {
                return Completion.Normal;
            }

            Completion completion = Execute(loop.Body, frame);
            if (completion is Completion.Return or Completion.Throw)
            {
                return completion;
            }

            if (completion == Completion.Break)
            {
                return Completion.Normal;
            }

            ExecuteAll(atBottom, frame);
        }

        LimitHit ??= $"a loop of more than {ModelingLimits.LoopTrips} rounds";
        Doubt(loop, frame, "it is changed in a very long loop");
        return Completion.Normal;
    }

    private Completion ExecuteForEach(IForEachLoopOperation loop, Frame frame)
    {
        if (ItemsOf(Evaluate(loop.Collection, frame)) is not { } items)
        {
            Doubt(loop, frame, "it is changed in a loop over a collection that is not known");
            return Completion.Normal;
        }

        // Over a copy: the loop may add to what it walks through, which C# would not let it do.
        foreach (Value item in items.Take(ModelingLimits.LoopTrips).ToImmutableArray())
        {
            AssignLoopVariable(loop.LoopControlVariable, item, frame);
            Completion completion = Execute(loop.Body, frame);
            if (completion is Completion.Return or Completion.Throw)
            {
                return completion;
            }

            if (completion == Completion.Break)
            {
                break;
            }
        }

        return Completion.Normal;
    }

    /// <summary>What can be enumerated; null where that is not known.</summary>
    private static IEnumerable<Value>? ItemsOf(Value value) => value switch
    {
        SequenceValue { Doubt: null } sequence => sequence.Items,
        DictionaryValue { Doubt: null } dictionary => dictionary.Pairs,
        SequentialModule { Doubt: null } sequential => sequential.Children,
        _ => null,
    };

    private void AssignLoopVariable(IOperation variable, Value item, Frame frame)
    {
        if (variable is IVariableDeclaratorOperation declarator)
        {
            frame.Declare(declarator.Symbol, item);
        }
        else
        {
            Assign(variable, item, frame);
        }
    }
}
