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

    public override Value VisitLocalReference(ILocalReferenceOperation operation, Frame argument) =>
        argument.TryGet(operation.Local, out Value? value) ? value : NotUnderstood(operation);

    public override Value VisitParameterReference(IParameterReferenceOperation operation, Frame argument) =>
        argument.TryGet(operation.Parameter, out Value? value)
        || argument.Self?.ConstructorArguments.TryGetValue(operation.Parameter.OriginalDefinition, out value) == true
            ? value!
            : DefaultOf(operation.Parameter);

    public override Value VisitInstanceReference(IInstanceReferenceOperation operation, Frame argument) => operation.ReferenceKind switch
    {
        InstanceReferenceKind.ContainingTypeInstance when argument.Self is { } self => self.AsValue,
        InstanceReferenceKind.ImplicitReceiver when _initialized.Count > 0 => _initialized.Peek(),
        _ => NotUnderstood(operation),
    };

    public override Value VisitFieldReference(IFieldReferenceOperation operation, Frame argument)
    {
        if (operation.Instance is null)
        {
            return bodies.IsConstant(operation.Field, cancellation) ? StaticValue(operation.Field, operation) : NotUnderstood(operation);
        }

        return Evaluate(operation.Instance, argument) switch
        {
            IInstance instance when instance.Members.TryGetValue(operation.Field.OriginalDefinition, out Value? value) => value,
            IInstance { InstanceType.IsReferenceType: true } when operation.Field.Type.IsReferenceType && !operation.Field.DeclaringSyntaxReferences.IsEmpty => ConstantValue.Null,
            TupleValue tuple when TupleIndex(operation.Field) is { } index && index < tuple.Items.Count => tuple.Items[index],
            _ => NotUnderstood(operation),
        };
    }

    /// <summary>What the initializer gives; each evaluation makes its own value.</summary>
    private Value StaticValue(ISymbol member, IOperation where)
    {
        if (WrittenValueOf(member) is not { } initializer || !TryEnter())
        {
            return NotUnderstood(where);
        }

        Value value = Evaluate(initializer, new Frame(null, null));
        _depth--;
        return value;
    }

    public override Value VisitPropertyReference(IPropertyReferenceOperation operation, Frame argument)
    {
        if (operation.Instance is { } instance)
        {
            return PropertyOf(Evaluate(instance, argument), operation, argument);
        }

        return GetterOf(operation.Property) is { } getter ? Run(getter, new Frame(null, null))
            : operation.Property.IsReadOnly ? StaticValue(operation.Property, operation)
            : NotUnderstood(operation);
    }

    private Value PropertyOf(Value instance, IPropertyReferenceOperation operation, Frame argument)
    {
        IPropertySymbol property = operation.Property;
        if (property.ContainingType?.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T && instance is not UnknownValue)
        {
            return property.Name == "HasValue" ? new ConstantValue(instance is not ConstantValue { Constant: null }) : instance;
        }

        return (instance, property.Name) switch
        {
            (ParameterValue, "IsInvalid") => new ConstantValue(false),
            (LayerModule layer, _) when torchSharp.Declares(property) => PropertyOf(layer, operation),
            (ModuleValue, "training") when torchSharp.Declares(property) => new ConstantValue(true),
            (SequentialModule sequential, _) when property.IsIndexer => (Value?)sequential[IndexOf(operation, argument) ?? -1] ?? NotUnderstood(operation),
            (SequentialModule { Doubt: null } sequential, "Count") => new ConstantValue(sequential.Children.Count()),
            (SequenceValue { Doubt: null } sequence, "Count" or "Length") => new ConstantValue(sequence.Items.Count),
            (SequenceValue sequence, _) when property.IsIndexer => ItemAt(sequence, IndexOf(operation, argument), operation),
            (DictionaryValue dictionary, _) => PropertyOf(dictionary, operation, argument),
            (TupleValue { Items: [var key, _] }, "Key") => key,
            (TupleValue { Items: [_, var value] }, "Value") => value,
            (TupleValue tuple, _) when TupleIndex(property.Name) is { } index && index < tuple.Items.Count => tuple.Items[index],
            (TensorValue tensor, _) => PropertyOf(tensor, operation, argument),
            (HeldTensorValue, _) => torchSharp.IsTensor(property.Type) ? new HeldTensorValue(null, null) : NotUnderstood(operation),
            (ShapeValue shape, _) when property.IsIndexer => shape[IndexOf(operation, argument)] ?? NotUnderstood(operation),
            (ShapeValue { Layout: { } layout }, "Length") => new ConstantValue(layout.Rank),
            (ConstantValue { Constant: string text }, "Length") => new ConstantValue(text.Length),
            (TypeValue { Type: var type }, "Name") => new ConstantValue(type.MetadataName),
            (IInstance module, _) when module.Members.TryGetValue(property.OriginalDefinition, out Value? value) => value,
            (IInstance module, _) when GetterOf(property) is { } getter => Run(getter, new Frame(module, null)),
            (ObjectValue { InstanceType.IsRecord: true } record, _) => record.ConstructorArguments
                .Where(parameter => parameter.Key.Name == property.Name).Select(parameter => parameter.Value).FirstOrDefault() ?? NotUnderstood(operation),
            _ => NotUnderstood(operation),
        };
    }

    private static Value PropertyOf(LayerModule layer, IPropertyReferenceOperation operation) => (operation.Property.Name, layer.Layer) switch
    {
        ("weight", _) => new ParameterValue(layer, ParameterRole.Weight),
        ("bias", WeightLayer { Bias: null }) => ConstantValue.Null,
        ("bias", _) => new ParameterValue(layer, ParameterRole.Bias),
        ("in_features", LinearLayer { InFeatures: { } size }) => new ConstantValue(size),
        ("out_features", LinearLayer { OutFeatures: { } size }) => new ConstantValue(size),
        ("in_channels", ConvolutionBase { InChannels: { } size }) => new ConstantValue(size),
        ("out_channels", ConvolutionBase { OutChannels: { } size }) => new ConstantValue(size),
        ("training", _) => new ConstantValue(true),
        _ => NotUnderstood(operation),
    };

    private Value PropertyOf(TensorValue tensor, IPropertyReferenceOperation operation, Frame frame) => operation.Property.Name switch
    {
        _ when operation.Property.IsIndexer => Index(tensor, operation.Arguments.Select(index => index.Value), operation.Syntax, frame),
        "shape" => new ShapeValue(tensor.Layout),
        "ndim" or "Dimensions" when tensor.Layout is { } layout => new ConstantValue(layout.Rank),
        "T" or "mT" => Transpose(tensor, -2, -1, operation.Syntax),
        _ => NotUnderstood(operation),
    };

    private Value PropertyOf(DictionaryValue dictionary, IPropertyReferenceOperation operation, Frame frame)
    {
        if (dictionary.Doubt is { } doubt)
        {
            return new UnknownValue(doubt);
        }

        return operation.Property.Name switch
        {
            _ when operation.Property.IsIndexer => KeyOf(operation, frame) is { } key && dictionary[key] is { } value ? value : NotUnderstood(operation),
            "Count" => new ConstantValue(dictionary.Items.Count),
            "Keys" => new SequenceValue(dictionary.Items.Select(item => new ConstantValue(item.Key))),
            "Values" => new SequenceValue(dictionary.Items.Select(item => item.Value)),
            _ => NotUnderstood(operation),
        };
    }

    private object? KeyOf(IPropertyReferenceOperation indexer, Frame frame) =>
        indexer.Arguments.Length == 1 ? KeyOf(Evaluate(indexer.Arguments[0].Value, frame)) : null;

    /// <summary>Numbers are compared by their value, whatever their type.</summary>
    private static object? KeyOf(Value value) => value.Number ?? (value as ConstantValue)?.Constant;

    public override Value VisitArrayElementReference(IArrayElementReferenceOperation operation, Frame argument) => operation.Indices is not [var index]
        ? NotUnderstood(operation)
        : Evaluate(operation.ArrayReference, argument) switch
        {
            SequenceValue { Doubt: null } sequence when index is IRangeOperation range => Slice(sequence, range, argument),
            SequenceValue sequence => ItemAt(sequence, PlaceIn(sequence.Items.Count, index, argument), operation),
            ShapeValue shape => shape[index is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat, Operand: var back } ? -Evaluate(back, argument).Integer : Evaluate(index, argument).Integer]
                ?? NotUnderstood(operation),
            _ => NotUnderstood(operation),
        };

    public override Value VisitImplicitIndexerReference(IImplicitIndexerReferenceOperation operation, Frame argument) =>
        Evaluate(operation.Instance, argument) is SequenceValue sequence
            ? operation.Argument is IRangeOperation range ? Slice(sequence, range, argument) : ItemAt(sequence, PlaceIn(sequence.Items.Count, operation.Argument, argument), operation)
            : NotUnderstood(operation);

    /// <summary><c>^1</c> counts from the end.</summary>
    private int? PlaceIn(int count, IOperation index, Frame frame) => index switch
    {
        IConversionOperation { Operand: IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat } hat } => PlaceIn(count, hat, frame),
        IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat, Operand: var back } => count - Evaluate(back, frame).Integer,
        _ => Evaluate(index, frame).Integer,
    };

    private Value Slice(SequenceValue sequence, IRangeOperation range, Frame frame)
    {
        int count = sequence.Items.Count;
        int? start = range.LeftOperand is { } left ? PlaceIn(count, left, frame) : 0;
        int? end = range.RightOperand is { } right ? PlaceIn(count, right, frame) : count;
        return sequence.Doubt is null && start >= 0 && end >= start && end <= count
            ? new SequenceValue(sequence.Items.Skip(start.Value).Take(end.Value - start.Value))
            : NotUnderstood(range);
    }

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

    private static int? TupleIndex(IFieldSymbol field) =>
        field.ContainingType.IsTupleType && (field.CorrespondingTupleField ?? field) is { Name: var name }
            ? TupleIndex(name)
            : null;

    private static int? TupleIndex(string name) =>
        name.StartsWith("Item", System.StringComparison.Ordinal) && int.TryParse(name.Substring(4), out int number) ? number - 1 : null;

    private static UnknownValue NotUnderstood(IOperation operation) => NotUnderstood(operation.Syntax);

    private static UnknownValue NotUnderstood(SyntaxNode syntax) => new($"'{Shortened(syntax)}' is not understood");

    private static string Shortened(SyntaxNode syntax)
    {
        string code = syntax.ToString();
        return code.Length > 60 ? code.Substring(0, 57) + "..." : code;
    }
}
