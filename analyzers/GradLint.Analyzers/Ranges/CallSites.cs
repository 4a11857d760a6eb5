using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Ranges;

/// <summary>Where a function of the compilation is called, whatever it does: the training code notes only those that act on gradients.</summary>
internal sealed class CallSites(SourceModels source, SourceNames names)
{
    /// <summary>The calls, and the places where the function is handed on to be called.</summary>
    public IEnumerable<IOperation> Of(IMethodSymbol method, CancellationToken cancellation)
    {
        foreach (SyntaxNode site in names.CallsOf(method.MethodKind == MethodKind.Constructor ? method.ContainingType.Name : method.Name, cancellation))
        {
            if (source.SymbolAt(site, cancellation) is IMethodSymbol called
                && SymbolEqualityComparer.Default.Equals((called.ReducedFrom ?? called).OriginalDefinition, method.OriginalDefinition)
                && source.OperationAt(site, cancellation) is { } operation)
            {
                yield return operation;
            }
        }
    }

    /// <summary>What the calls pass for a parameter; nothing where one of them cannot be seen.</summary>
    public IReadOnlyList<IOperation> ArgumentsFor(IParameterSymbol parameter, CancellationToken cancellation)
    {
        if (parameter.ContainingSymbol is not IMethodSymbol method)
        {
            return [];
        }

        var arguments = new List<IOperation>();
        foreach (IOperation site in Of(method, cancellation))
        {
            IArgumentOperation? argument = (site as IInvocationOperation)?.Arguments.FirstOrDefault(candidate => candidate.Parameter?.Ordinal == parameter.Ordinal)
                ?? (site as IObjectCreationOperation)?.Arguments.FirstOrDefault(candidate => candidate.Parameter?.Ordinal == parameter.Ordinal);
            if (argument is null)
            {
                return [];
            }

            arguments.Add(argument.Value);
        }

        return arguments;
    }

    /// <summary>The expressions that a function returns.</summary>
    public static IEnumerable<IOperation> ReturnsOf(IOperation body)
    {
        var open = new Stack<IOperation>([body]);
        while (open.Count > 0)
        {
            IOperation operation = open.Pop();
            if (operation is IReturnOperation { ReturnedValue: { } value })
            {
                yield return value;
            }

            foreach (IOperation child in operation.ChildOperations)
            {
                if (child is not (IAnonymousFunctionOperation or ILocalFunctionOperation))
                {
                    open.Push(child);
                }
            }
        }
    }

    /// <summary>The lambda's or local function's own body; the body of a method is its operation.</summary>
    public static IOperation BodyOf(IOperation function) => function switch
    {
        IAnonymousFunctionOperation lambda => lambda.Body,
        ILocalFunctionOperation { Body: { } body } => body,
        _ => function,
    };
}
