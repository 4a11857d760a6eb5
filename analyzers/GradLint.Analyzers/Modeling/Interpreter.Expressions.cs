using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Expressions: what they are worth, and what assignments change.</content>
internal sealed partial class Interpreter
{
    private Value Evaluate(IOperation? operation, Frame frame)
    {
        if (operation is null)
        {
            return new UnknownValue("the code is incomplete");
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (--_operationsLeft < 0)
        {
            LimitHit ??= $"more than {ModelingLimits.Operations} operations";
            return new UnknownValue("the model is too large to be read");
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

    public override Value VisitLocalReference(ILocalReferenceOperation operation, Frame argument) =>
        argument.TryGet(operation.Local, out Value? value) ? value : NotUnderstood(operation);

    public override Value VisitParameterReference(IParameterReferenceOperation operation, Frame argument) =>
        argument.TryGet(operation.Parameter, out Value? value)
        || argument.Self?.ConstructorArguments.TryGetValue(operation.Parameter, out value) == true
            ? value!
            : new UnknownValue($"the parameter '{operation.Parameter.Name}' is not known");

    public override Value VisitInstanceReference(IInstanceReferenceOperation operation, Frame argument) =>
        operation.ReferenceKind == InstanceReferenceKind.ContainingTypeInstance && argument.Self is { } self ? self : NotUnderstood(operation);

    public override Value VisitFieldReference(IFieldReferenceOperation operation, Frame argument)
    {
        if (operation.Instance is null)
        {
            return operation.Field.IsReadOnly && bodies.InitializerOf(operation.Field, cancellation) is { } initializer
                ? Evaluate(initializer, new Frame(null, null))
                : NotUnderstood(operation);
        }

        return Evaluate(operation.Instance, argument) switch
        {
            ClassModule instance when instance.Members.TryGetValue(operation.Field, out Value? value) => value,
            TupleValue tuple when TupleIndex(operation.Field) is { } index && index < tuple.Items.Count => tuple.Items[index],
            _ => NotUnderstood(operation),
        };
    }

    public override Value VisitPropertyReference(IPropertyReferenceOperation operation, Frame argument) =>
        PropertyOf(operation.Instance is null ? ConstantValue.Null : Evaluate(operation.Instance, argument), operation, argument);

    private Value PropertyOf(Value instance, IPropertyReferenceOperation operation, Frame argument)
    {
        IPropertySymbol property = operation.Property;
        return (instance, property.Name) switch
        {
            (LayerModule layer, "weight") => new ParameterValue(layer, ParameterRole.Weight),
            (LayerModule { Layer: WeightLayer { Bias: null } }, "bias") => ConstantValue.Null,
            (LayerModule layer, "bias") => new ParameterValue(layer, ParameterRole.Bias),
            (ModuleValue, "training") when torchSharp.Declares(property) => new ConstantValue(true),
            (SequentialModule sequential, _) when property.IsIndexer => (Value?)sequential[IndexOf(operation, argument) ?? -1] ?? NotUnderstood(operation),
            (SequentialModule { Doubt: null } sequential, "Count") => new ConstantValue(sequential.Children.Count()),
            (SequenceValue { Doubt: null } sequence, "Count" or "Length") => new ConstantValue(sequence.Items.Count),
            (SequenceValue sequence, _) when property.IsIndexer => ItemAt(sequence, IndexOf(operation, argument), operation),
            (ClassModule module, _) when module.Members.TryGetValue(property, out Value? value) => value,
            (ClassModule module, _) when bodies.GetterOf(property, cancellation) is { } getter => Run(getter, new Frame(module, null)),
            _ => NotUnderstood(operation),
        };
    }

    public override Value VisitArrayElementReference(IArrayElementReferenceOperation operation, Frame argument) =>
        Evaluate(operation.ArrayReference, argument) is SequenceValue sequence && operation.Indices.Length == 1
            ? ItemAt(sequence, Evaluate(operation.Indices[0], argument).Integer, operation)
            : NotUnderstood(operation);

    public override Value VisitConditionalAccess(IConditionalAccessOperation operation, Frame argument)
    {
        Value instance = Evaluate(operation.Operation, argument);
        if (instance is ConstantValue { Constant: null } or UnknownValue)
        {
            return instance;
        }

        _conditionalInstances.Push(instance);
        Value result = Evaluate(operation.WhenNotNull, argument);
        _conditionalInstances.Pop();
        return result;
    }

    public override Value VisitConditionalAccessInstance(IConditionalAccessInstanceOperation operation, Frame argument) =>
        _conditionalInstances.Count > 0 ? _conditionalInstances.Peek() : NotUnderstood(operation);

    private readonly Stack<Value> _conditionalInstances = new();

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

    public override Value VisitBinaryOperator(IBinaryOperation operation, Frame argument) =>
        Combine(operation.OperatorKind, Evaluate(operation.LeftOperand, argument), Evaluate(operation.RightOperand, argument), operation);

    public override Value VisitUnaryOperator(IUnaryOperation operation, Frame argument) =>
        (operation.OperatorKind, Evaluate(operation.Operand, argument)) switch
        {
            (UnaryOperatorKind.Minus, { Number: { } number }) => new ConstantValue(-number),
            (UnaryOperatorKind.Not, ConstantValue { Constant: bool flag }) => new ConstantValue(!flag),
            (UnaryOperatorKind.Minus, TensorValue tensor) => Node("negative", new ScaleLayer(-1), operation.Syntax, tensor),
            _ => NotUnderstood(operation),
        };

    public override Value VisitConditional(IConditionalOperation operation, Frame argument) =>
        Evaluate(operation.Condition, argument) is ConstantValue { Constant: bool holds }
            ? Evaluate(holds ? operation.WhenTrue : operation.WhenFalse, argument)
            : new UnknownValue("it depends on a condition that is not known");

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

        return new ConstantValue(text.ToString());
    }

    public override Value VisitArrayCreation(IArrayCreationOperation operation, Frame argument)
    {
        if (operation.Initializer is { } initializer)
        {
            return new SequenceValue(initializer.ElementValues.Select(element => Evaluate(element, argument)));
        }

        return operation.DimensionSizes.Length == 1 && Evaluate(operation.DimensionSizes[0], argument).Integer is >= 0 and <= ModelingLimits.LoopTrips and int length
            ? new SequenceValue(Enumerable.Repeat<Value>(ConstantValue.Null, length))
            : NotUnderstood(operation);
    }

    public override Value VisitAnonymousFunction(IAnonymousFunctionOperation operation, Frame argument) =>
        new FunctionValue(operation.Symbol.Parameters, operation.Body, argument);

    public override Value VisitDelegateCreation(IDelegateCreationOperation operation, Frame argument) => Evaluate(operation.Target, argument);

    public override Value VisitMethodReference(IMethodReferenceOperation operation, Frame argument) =>
        bodies.Of(operation.Method, cancellation) is { } body
            ? new FunctionValue(operation.Method.Parameters, body, argument)
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

        return new SequenceValue(items);
    }

    private static int? TupleIndex(IFieldSymbol field) =>
        field.ContainingType.IsTupleType && (field.CorrespondingTupleField ?? field) is { Name: var name }
        && name.StartsWith("Item", System.StringComparison.Ordinal) && int.TryParse(name.Substring(4), out int number)
            ? number - 1
            : null;

    private static UnknownValue NotUnderstood(IOperation operation) => NotUnderstood(operation.Syntax);

    private static UnknownValue NotUnderstood(SyntaxNode syntax)
    {
        string code = syntax.ToString();
        return new UnknownValue($"'{(code.Length > 60 ? code.Substring(0, 57) + "..." : code)}' is not understood");
    }
}
