using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Expressions: what they are worth, and what assignments change. What they refer to is in another part.</content>
internal sealed partial class Interpreter
{
    private Value Evaluate(IOperation? operation, Frame frame)
    {
        if (operation is null)
        {
            return new UnknownValue("the code is incomplete");
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (!Spend())
        {
            return TooLarge();
        }

        if (operation.ConstantValue is { HasValue: true, Value: var constant })
        {
            return new ConstantValue(constant);
        }

        return operation.Syntax is CollectionExpressionSyntax && operation is not IConversionOperation
            ? CollectionExpression(operation, frame)
            : operation.Accept(this, frame) ?? NotUnderstood(operation);
    }

    public override Value DefaultVisit(IOperation operation, Frame argument) => NotUnderstood(operation);

    public override Value VisitExpressionStatement(IExpressionStatementOperation operation, Frame argument) => Evaluate(operation.Operation, argument);

    public override Value VisitParenthesized(IParenthesizedOperation operation, Frame argument) => Evaluate(operation.Operand, argument);

    public override Value VisitAwait(IAwaitOperation operation, Frame argument) => Evaluate(operation.Operation, argument);

    public override Value VisitVariableDeclarationGroup(IVariableDeclarationGroupOperation operation, Frame argument)
    {
        foreach (IVariableDeclaratorOperation declarator in operation.Declarations.SelectMany(declaration => declaration.Declarators))
        {
            IVariableInitializerOperation? initializer = declarator.GetVariableInitializer();
            Value value = initializer is null ? new UnknownValue("it has not been assigned") : Evaluate(initializer.Value, argument);
            argument.Declare(declarator.Symbol, value);
        }

        return ConstantValue.Null;
    }

    public override Value VisitSimpleAssignment(ISimpleAssignmentOperation operation, Frame argument)
    {
        Value value = Evaluate(operation.Value, argument);
        Assign(operation.Target, value, argument);
        return value;
    }

    public override Value VisitCompoundAssignment(ICompoundAssignmentOperation operation, Frame argument)
    {
        Value value = Combine(operation.OperatorKind, Evaluate(operation.Target, argument), Evaluate(operation.Value, argument), operation);
        Assign(operation.Target, value, argument);
        return value;
    }

    public override Value VisitIncrementOrDecrement(IIncrementOrDecrementOperation operation, Frame argument)
    {
        Value before = Evaluate(operation.Target, argument);
        int step = operation.Kind == OperationKind.Increment ? 1 : -1;
        Value after = before.Number is { } number ? new ConstantValue(number + step) : before;
        Assign(operation.Target, after, argument);
        return operation.IsPostfix ? before : after;
    }

    public override Value VisitDeconstructionAssignment(IDeconstructionAssignmentOperation operation, Frame argument)
    {
        Value value = Evaluate(operation.Value, argument);
        Assign(operation.Target, value, argument);
        return value;
    }

    public override Value VisitTuple(ITupleOperation operation, Frame argument) =>
        new TupleValue(operation.Elements.Select(element => Evaluate(element, argument)).ToArray());

    public override Value VisitConversion(IConversionOperation operation, Frame argument)
    {
        Value value = Evaluate(operation.Operand, argument);
        bool towardsZero = operation.Type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64;
        return towardsZero && value.Number is { } number ? new ConstantValue(System.Math.Truncate(number)) : value;
    }

    public override Value VisitBinaryOperator(IBinaryOperation operation, Frame argument)
    {
        Value left = Evaluate(operation.LeftOperand, argument);
        bool? decisive = operation.OperatorKind switch
        {
            BinaryOperatorKind.ConditionalAnd => false,
            BinaryOperatorKind.ConditionalOr => true,
            _ => null,
        };
        if (decisive is null)
        {
            return Combine(operation.OperatorKind, left, Evaluate(operation.RightOperand, argument), operation);
        }

        if (left is ConstantValue { Constant: bool first })
        {
            return first == decisive ? left : Evaluate(operation.RightOperand, argument);
        }

        Value right = Evaluate(operation.RightOperand, argument);
        return right is ConstantValue { Constant: bool second } && second == decisive ? right : NotUnderstood(operation);
    }

    public override Value VisitUnaryOperator(IUnaryOperation operation, Frame argument) =>
        (operation.OperatorKind, Evaluate(operation.Operand, argument)) switch
        {
            (UnaryOperatorKind.Minus, { Number: { } number }) => new ConstantValue(-number),
            (UnaryOperatorKind.Not, ConstantValue { Constant: bool flag }) => new ConstantValue(!flag),
            (UnaryOperatorKind.Minus, TensorValue tensor) => Negative(tensor, operation.Syntax),
            (_, HeldTensorValue) => new HeldTensorValue(null, null),
            (_, UnknownValue unknown) => unknown,
            _ => NotUnderstood(operation),
        };

    public override Value VisitConditional(IConditionalOperation operation, Frame argument) =>
        Evaluate(operation.Condition, argument) is ConstantValue { Constant: bool holds }
            ? Evaluate(holds ? operation.WhenTrue : operation.WhenFalse, argument)
            : new UnknownValue("it depends on a condition that is not known");

    public override Value VisitSwitchExpression(ISwitchExpressionOperation operation, Frame argument)
    {
        Value value = Evaluate(operation.Value, argument);
        foreach (ISwitchExpressionArmOperation arm in operation.Arms)
        {
            bool? matches = Matches(arm.Pattern, value, argument);
            if (matches is not false && arm.Guard is { } guard)
            {
                matches = Both(matches, Evaluate(guard, argument) is ConstantValue { Constant: bool holds } ? holds : null);
            }

            switch (matches)
            {
                case null:
                    return new UnknownValue("it depends on a condition that is not known");
                case true:
                    return Evaluate(arm.Value, argument);
            }
        }

        return NotUnderstood(operation);
    }

    public override Value VisitTypeOf(ITypeOfOperation operation, Frame argument) => new TypeValue(operation.TypeOperand);

    public override Value VisitThrow(IThrowOperation operation, Frame argument) => new UnknownValue("it throws an exception");

    public override Value VisitDefaultValue(IDefaultValueOperation operation, Frame argument) =>
        operation.Type is { IsReferenceType: true } or { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } ? ConstantValue.Null : NotUnderstood(operation);

    public override Value VisitTranslatedQuery(ITranslatedQueryOperation operation, Frame argument) => Evaluate(operation.Operation, argument);

    public override Value VisitCoalesceAssignment(ICoalesceAssignmentOperation operation, Frame argument)
    {
        Value value = Evaluate(operation.Target, argument);
        if (value is ConstantValue { Constant: null })
        {
            value = Evaluate(operation.Value, argument);
            Assign(operation.Target, value, argument);
        }

        return value;
    }

    public override Value VisitCoalesce(ICoalesceOperation operation, Frame argument) => Evaluate(operation.Value, argument) switch
    {
        ConstantValue { Constant: null } => Evaluate(operation.WhenNull, argument),
        var value => value,
    };

    public override Value VisitIsType(IIsTypeOperation operation, Frame argument) =>
        IsInstanceOf(Evaluate(operation.ValueOperand, argument), operation.TypeOperand) is { } known
            ? new ConstantValue(known != operation.IsNegated)
            : NotUnderstood(operation);

    public override Value VisitIsPattern(IIsPatternOperation operation, Frame argument) =>
        Matches(operation.Pattern, Evaluate(operation.Value, argument), argument) is { } known ? new ConstantValue(known) : NotUnderstood(operation);

    public override Value VisitInterpolatedString(IInterpolatedStringOperation operation, Frame argument)
    {
        var text = new StringBuilder();
        foreach (IInterpolatedStringContentOperation part in operation.Parts)
        {
            Value value = part switch
            {
                IInterpolatedStringTextOperation literal => Evaluate(literal.Text, argument),
                IInterpolationOperation hole => Evaluate(hole.Expression, argument),
                _ => NotUnderstood(part),
            };
            if (value is not ConstantValue { Constant: var constant })
            {
                return value;
            }

            text.Append(System.Convert.ToString(constant, System.Globalization.CultureInfo.InvariantCulture));
        }

        return Text(text.ToString());
    }

    /// <summary>Text that the code puts together; what doubles again and again soon costs too much.</summary>
    private Value Text(string text) => Spend(text.Length / ModelingLimits.CharactersPerOperation) ? new ConstantValue(text) : TooLarge();

    public override Value VisitArrayCreation(IArrayCreationOperation operation, Frame argument)
    {
        if (operation.Initializer is { } initializer)
        {
            return new SequenceValue(initializer.ElementValues.Select(element => Evaluate(element, argument)));
        }

        return operation.DimensionSizes.Length == 1 && Evaluate(operation.DimensionSizes[0], argument).Integer is >= 0 and <= ModelingLimits.LoopTrips and int length
            ? new SequenceValue(Enumerable.Repeat<Value>(operation.Type is IArrayTypeSymbol { ElementType.IsReferenceType: false } ? new ConstantValue(0) : ConstantValue.Null, length))
            : NotUnderstood(operation);
    }

    public override Value VisitAnonymousFunction(IAnonymousFunctionOperation operation, Frame argument) =>
        new FunctionValue(operation.Symbol.Parameters, operation.Body, argument);

    public override Value VisitDelegateCreation(IDelegateCreationOperation operation, Frame argument) => Evaluate(operation.Target, argument);

    public override Value VisitMethodReference(IMethodReferenceOperation operation, Frame argument) =>
        torchSharp.Declares(operation.Method) && operation.Method.IsStatic ? new TorchSharpMethodValue(operation.Method)
            : BodyOf(operation.Method) is { } body ? new FunctionValue(operation.Method.Parameters, body, argument)
            : NotUnderstood(operation);

    /// <summary>Roslyn 4.8 has no operation of its own for <c>[a, b, ..c]</c>, newer versions do; the children are the elements in both.</summary>
    private Value CollectionExpression(IOperation operation, Frame frame)
    {
        var items = new List<Value>();
        foreach (IOperation element in operation.ChildOperations)
        {
            if (element.Syntax is not SpreadElementSyntax)
            {
                items.Add(Evaluate(element, frame));
            }
            else if (element.ChildOperations.FirstOrDefault() is { } spread && Evaluate(spread, frame) is SequenceValue { Doubt: null } sequence)
            {
                items.AddRange(sequence.Items);
            }
            else
            {
                return NotUnderstood(element);
            }
        }

        return Spend(items.Count) ? new SequenceValue(items) : TooLarge();
    }

    private static UnknownValue NotUnderstood(IOperation operation) => NotUnderstood(operation.Syntax);

    private static UnknownValue NotUnderstood(SyntaxNode syntax) => new($"'{Shortened(syntax)}' is not understood");

    private static string Shortened(SyntaxNode syntax)
    {
        string code = syntax.ToString();
        return code.Length > 60 ? code.Substring(0, 57) + "..." : code;
    }
}
