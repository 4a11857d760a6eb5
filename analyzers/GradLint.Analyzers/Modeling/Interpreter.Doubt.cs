using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Doubt: what code that is not run, because nobody knows whether or how often it would be, leaves unknown.</content>
internal sealed partial class Interpreter
{
    /// <summary>
    /// What code that is not run might change is no longer known: variables it assigns, lists it adds to, layers it initializes.
    /// </summary>
    private void Doubt(IOperation skipped, Frame frame, string reason) =>
        Doubt(skipped, frame, reason, new HashSet<IMethodSymbol>(SymbolEqualityComparer.Default));

    private void Doubt(IOperation skipped, Frame frame, string reason, HashSet<IMethodSymbol> followed)
    {
        var unknown = new UnknownValue(reason);
        foreach (IOperation operation in skipped.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IAssignmentOperation assignment:
                    Assign(assignment.Target, unknown, frame);
                    break;
                case IIncrementOrDecrementOperation step:
                    Assign(step.Target, unknown, frame);
                    break;
                case IVariableDeclaratorOperation declarator:
                    frame.Declare(declarator.Symbol, unknown);
                    break;
                case IInvocationOperation invocation when TorchSharpSymbols.IsMemberOf(invocation.TargetMethod, torchSharp.Init):
                    DoubtInitialized(invocation.Arguments.FirstOrDefault()?.Value, invocation, frame, reason);
                    break;
                case IInvocationOperation { Instance: { } weight } invocation when IsChangedInPlace(weight, invocation.TargetMethod):
                    DoubtInitialized(weight, invocation, frame, reason);
                    break;
                case IInvocationOperation { TargetMethod.Name: "load" or "load_py" or "load_state_dict", Instance: { } loaded }:
                    if (!LoadedWeights.IsCopy(operation.Syntax) && Evaluate(loaded, frame) is ModuleValue module)
                    {
                        DoubtInitializers(module.SelfAndDescendants(), "its weights may be loaded", operation.Syntax);
                    }

                    break;
                case IMethodReferenceOperation { Method: var method }:
                    DoubtCalled(method, frame, reason, followed);
                    break;
                case IInvocationOperation { TargetMethod: { Name: not ("forward" or "call") } method } when !torchSharp.Declares(method):
                    DoubtCalled(method, frame, reason, followed);
                    DoubtChanged(operation, frame, reason);
                    break;
                default:
                    DoubtChanged(operation, frame, reason);
                    break;
            }
        }
    }

    /// <summary>The user's own methods, each once: what they would change, were they called.</summary>
    private void DoubtCalled(IMethodSymbol method, Frame frame, string reason, HashSet<IMethodSymbol> followed)
    {
        if (followed.Count < ModelingLimits.Depth && followed.Add(method) && BodyOf(method) is { } body)
        {
            Doubt(body, frame, reason, followed);
        }
    }

    private void DoubtChanged(IOperation operation, Frame frame, string reason)
    {
        if (operation is not IInvocationOperation invocation || !ChangesStructure(invocation.TargetMethod))
        {
            return;
        }

        foreach (IOperation given in invocation.ChildOperations)
        {
            DoubtContents(given is IArgumentOperation argument ? argument.Value : given, frame, reason);
        }
    }

    private bool IsChangedInPlace(IOperation weight, IMethodSymbol method) =>
        method.Name.EndsWith("_", System.StringComparison.Ordinal) && TorchSharpSymbols.IsOrDerivesFrom(weight.Type, torchSharp.Parameter);

    /// <summary>Initializing one weight, or one nobody knows: then it can be that of any layer.</summary>
    private void DoubtInitialized(IOperation? tensor, IOperation call, Frame frame, string reason)
    {
        if (tensor is not null && Evaluate(tensor, frame) is ParameterValue parameter)
        {
            parameter.Layer.Initialize(parameter.Role, new SignalPropagation.UnknownInitializer(reason), call.Syntax);
        }
        else if (tensor is not null && Evaluate(tensor, frame) is HeldTensorValue held)
        {
            held.Fill = null;
        }
        else if (tensor is not IFieldReferenceOperation)
        {
            // A field holds a parameter of the class's own, which is no layer's.
            DoubtInitializers(Created, reason, call.Syntax);
        }
    }

    /// <summary>Whether a call may change the structure of a module or the contents of a list.</summary>
    private static bool ChangesStructure(IMethodSymbol method) =>
        method.Name is "append" or "add_module" or "register_module" or "apply" or "Add" or "AddRange" or "Insert" or "Clear" or "Remove" or "RemoveAt";

    /// <summary>Whether a loop builds or initializes modules; one that trains them is of no interest here, and long.</summary>
    private bool BuildsModules(IOperation loop) => loop.Descendants().Any(operation => operation switch
    {
        IInvocationOperation { TargetMethod: var method } =>
            ChangesStructure(method) || TorchSharpSymbols.IsMemberOf(method, torchSharp.Init) || (TorchSharpSymbols.IsMemberOf(method, torchSharp.Nn) && torchSharp.IsModule(method.ReturnType)),
        IObjectCreationOperation creation => torchSharp.IsModule(creation.Type),
        _ => false,
    });

    private void DoubtContents(IOperation given, Frame frame, string reason)
    {
        if (given is not (ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation or IPropertyReferenceOperation or IConversionOperation))
        {
            return;
        }

        switch (Evaluate(given, frame))
        {
            case SequenceValue sequence:
                sequence.Doubt = reason;
                break;
            case DictionaryValue dictionary:
                dictionary.Doubt = reason;
                break;
            case SequentialModule sequential:
                sequential.Doubt = reason;
                break;
            case ParameterValue parameter:
                parameter.Layer.Initialize(parameter.Role, new SignalPropagation.UnknownInitializer(reason), given.Syntax);
                break;
        }
    }
}
