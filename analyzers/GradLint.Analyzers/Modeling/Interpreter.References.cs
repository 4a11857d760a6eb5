using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>What names and indices refer to: variables, fields, properties, elements.</content>
internal sealed partial class Interpreter
{
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

    private static int? TupleIndex(IFieldSymbol field) =>
        field.ContainingType.IsTupleType && (field.CorrespondingTupleField ?? field) is { Name: var name }
            ? TupleIndex(name)
            : null;

    private static int? TupleIndex(string name) =>
        name.StartsWith("Item", System.StringComparison.Ordinal) && int.TryParse(name.Substring(4), out int number) ? number - 1 : null;
}
