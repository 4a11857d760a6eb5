using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Assignments: to variables, members, elements and tuples of these.</content>
internal sealed partial class Interpreter
{
    private void Assign(IOperation target, Value value, Frame frame)
    {
        switch (target)
        {
            case ILocalReferenceOperation local:
                frame.Assign(local.Local, value);
                break;
            case IParameterReferenceOperation parameter:
                frame.Assign(parameter.Parameter, value);
                break;
            case IFieldReferenceOperation { Instance: { } instance } field:
                AssignMember(Evaluate(instance, frame), field.Field, value);
                break;
            case IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } instance } element:
                AssignElement(Evaluate(instance, frame), element, value, frame);
                break;
            case IPropertyReferenceOperation { Instance: { } instance } property:
                AssignProperty(Evaluate(instance, frame), property, value);
                break;
            case IArrayElementReferenceOperation { Indices.Length: 1 } element:
                AssignItem(Evaluate(element.ArrayReference, frame), Evaluate(element.Indices[0], frame).Integer, value);
                break;
            case IDeclarationExpressionOperation declaration:
                Assign(declaration.Expression, value, frame);
                break;
            case ITupleOperation tuple:
                for (int i = 0; i < tuple.Elements.Length; i++)
                {
                    Value item = value is TupleValue { Items: var items } && i < items.Count ? items[i] : NotUnderstood(target);
                    Assign(tuple.Elements[i], item, frame);
                }

                break;
        }
    }

    private static void AssignProperty(Value instance, IPropertyReferenceOperation property, Value value)
    {
        if (instance is LayerModule layer && (property.Property.Name is "weight" or "bias"))
        {
            ParameterRole role = property.Property.Name == "weight" ? ParameterRole.Weight : ParameterRole.Bias;
            layer.Initialize(role, new UnknownInitializer("it is assigned"), property.Syntax);
        }
        else
        {
            AssignMember(instance, property.Property, value);
        }
    }

    private static void AssignMember(Value instance, ISymbol member, Value value) => (instance as IInstance)?.Hold(member, value);

    private void AssignElement(Value container, IPropertyReferenceOperation element, Value value, Frame frame)
    {
        if (container is not DictionaryValue dictionary)
        {
            AssignItem(container, IndexOf(element, frame), value);
        }
        else if (KeyOf(element, frame) is { } key)
        {
            dictionary[key] = value;
        }
        else
        {
            dictionary.Doubt = "an element with an unknown key is assigned";
        }
    }

    private static void AssignItem(Value container, int? index, Value value)
    {
        if (container is HeldTensorValue held)
        {
            held.Fill = null;
        }
        else if (container is SequenceValue sequence)
        {
            if (index is { } known && known >= 0 && known < sequence.Items.Count)
            {
                sequence.Items[known] = value;
            }
            else
            {
                sequence.Doubt = "an element at an unknown place is assigned";
            }
        }
    }

    private int? IndexOf(IPropertyReferenceOperation indexer, Frame frame) =>
        indexer.Arguments.Length == 1 ? Evaluate(indexer.Arguments[0].Value, frame).Integer : null;

    private static Value ItemAt(SequenceValue sequence, int? index, IOperation operation) =>
        sequence.Doubt is { } doubt ? new UnknownValue(doubt)
        : index is { } known && known >= 0 && known < sequence.Items.Count ? sequence.Items[known]
        : NotUnderstood(operation);
}
