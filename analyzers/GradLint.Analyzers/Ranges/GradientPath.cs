using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Ranges;

/// <summary>Follows a value through its function: to a loss or a result, or to where it ends as a number, a message or a detached copy.</summary>
/// <param name="code">All training code of the compilation.</param>
/// <param name="known">Which variables lead on, as far as earlier questions told: the values of a function all go through the same few.</param>
/// <param name="cancellation">Stops the search.</param>
internal sealed class GradientPath(TrainingCode code, ConcurrentDictionary<ISymbol, bool> known, CancellationToken cancellation)
{
    private static readonly ImmutableHashSet<string> s_ends = ImmutableHashSet.Create(
        "detach", "detach_", "argmax", "argmin", "argsort", "multinomial", "bernoulli", "sign", "round", "floor", "ceil", "one_hot", "eq", "ne", "gt", "ge", "lt", "le");

    private readonly HashSet<ISymbol> _followed = new(SymbolEqualityComparer.Default);

    public bool LeadsOn(IOperation value)
    {
        bool leadsOn = Leads(value);
        if (!leadsOn)
        {
            // Nothing that was followed leads on. (Where something does, others may have been left out for being followed already.)
            foreach (ISymbol variable in _followed)
            {
                known[variable] = false;
            }
        }

        return leadsOn;
    }

    private bool Leads(IOperation value)
    {
        for (IOperation current = value; current.Parent is { } user; current = user)
        {
            cancellation.ThrowIfCancellationRequested();
            switch (user)
            {
                case IReturnOperation:
                    return true;
                case IArgumentOperation or IParenthesizedOperation or ITupleOperation or ICoalesceOperation or IConditionalOperation or IUnaryOperation
                    or ISwitchExpressionArmOperation or ISwitchExpressionOperation or IVariableInitializerOperation or IDelegateCreationOperation or IConditionalAccessOperation
                    or IArrayInitializerOperation or IArrayCreationOperation:
                    break;
                case IConversionOperation or IBinaryOperation or IArrayElementReferenceOperation or IFieldReferenceOperation:
                    if (!MentionsTensor(user.Type) && current is not IAnonymousFunctionOperation)
                    {
                        return false;
                    }

                    break;
                case IPropertyReferenceOperation:
                    if (!MentionsTensor(user.Type))
                    {
                        return false;
                    }

                    break;
                case IInvocationOperation call:
                    if (EndOf(call, current) is { } end)
                    {
                        return end;
                    }

                    break;
                case IObjectCreationOperation created:
                    return created.Constructor is { } constructor && !code.TorchSharp.Declares(constructor);
                case IVariableDeclaratorOperation declarator:
                    return Follow(declarator.Symbol, value);
                case IAssignmentOperation assignment when assignment.Value == current:
                    return FollowTarget(assignment.Target, value);
                case IExpressionStatementOperation when current is ICompoundAssignmentOperation changing:
                    return FollowTarget(changing.Target, value);
                case IExpressionStatementOperation:
                    return current is IInvocationOperation { TargetMethod.Name: var function, Instance: { } changed } && function.EndsWith("_", System.StringComparison.Ordinal) && FollowTarget(changed, value);
                default:
                    return false;
            }
        }

        // The body of a lambda that is an expression, or the value of a field.
        return true;
    }

    /// <summary>Whether the path ends in a call, and how; null where it goes on with the result.</summary>
    private bool? EndOf(IInvocationOperation call, IOperation current)
    {
        IMethodSymbol method = call.TargetMethod;
        if (code.TorchSharp.Declares(method))
        {
            return method.Name == "backward" ? true : s_ends.Contains(method.Name) || !MentionsTensor(call.Type) ? false : null;
        }

        if (MentionsTensor(call.Type))
        {
            return null;
        }

        // A lambda that is handed on, a list that collects losses, a helper that runs backward.
        return current.WalkDownConversions() is IDelegateCreationOperation
            || method.DeclaringSyntaxReferences.IsEmpty && MentionsTensor(call.Instance?.Type)
            || method.DeclaringSyntaxReferences.Any(reference => RunsBackward(reference.GetSyntax(cancellation)));
    }

    private bool RunsBackward(SyntaxNode declaration) =>
        code.Source.Contain(declaration)
        && declaration is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax
        && code.Read(declaration, cancellation).Actions.Any(action => action.Kind == TrainingActionKind.Backward);

    private bool FollowTarget(IOperation target, IOperation value) => target.WalkDownConversions() switch
    {
        ILocalReferenceOperation local => Follow(local.Local, value),
        IParameterReferenceOperation parameter => Follow(parameter.Parameter, value),
        ITupleOperation tuple => tuple.Elements.Any(element => FollowTarget(element, value)),
        IDeclarationExpressionOperation declaration => FollowTarget(declaration.Expression, value),
        IDiscardOperation => false,
        { } member => MentionsTensor(member.Type),
        null => false,
    };

    /// <summary>Whether one of the variable's uses leads on.</summary>
    private bool Follow(ISymbol variable, IOperation value)
    {
        if (known.TryGetValue(variable, out bool leads))
        {
            return leads;
        }

        bool found = _followed.Add(variable) && VariableNames.Around(value.Syntax).UsesOf(variable.Name)
            .Where(name => SymbolEqualityComparer.Default.Equals(code.Source.SymbolAt(name, cancellation), variable))
            .Select(name => code.Source.OperationAt(name, cancellation))
            .Any(use => use is not null && !IsTarget(use) && Leads(use));
        if (found)
        {
            known[variable] = true;
        }

        return found;
    }

    private static bool IsTarget(IOperation use) => use.Parent is ISimpleAssignmentOperation assignment && assignment.Target == use || use.Parent is ITupleOperation { Parent: IDeconstructionAssignmentOperation };

    private bool MentionsTensor(ITypeSymbol? type) => TorchSharpSymbols.Mentions(type, code.TorchSharp.Tensor) || type?.TypeKind == TypeKind.Delegate;
}
