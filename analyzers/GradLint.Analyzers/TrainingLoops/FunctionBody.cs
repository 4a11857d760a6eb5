using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.TrainingLoops;

/// <summary>
/// What one function (a method, accessor, local function, lambda, or the statements at the top of a program) does itself, and
/// whom it calls.
/// </summary>
internal sealed record FunctionBody(
    SyntaxNode Node, ISymbol? Symbol, ImmutableArray<TrainingAction> Actions, ImmutableArray<FunctionCall> Calls)
{
    /// <summary>Whether there is anything about gradients but what they are looked at with.</summary>
    public bool MayTrain => Actions.Any(action => action.Kind is TrainingActionKind.Backward or TrainingActionKind.Clear or TrainingActionKind.Step) || !Calls.IsEmpty;

    /// <summary>The function that the node is in; a lambda is a function of its own. Null in an attribute, for example.</summary>
    public static SyntaxNode? Around(SyntaxNode node)
    {
        for (SyntaxNode? current = node.Parent; current is not null; current = current.Parent)
        {
            if (IsFunction(current))
            {
                return current;
            }
        }

        return null;
    }

    /// <summary>The loops around a node, innermost first, up to the function that the node is in.</summary>
    public static IEnumerable<StatementSyntax> LoopsAround(SyntaxNode node)
    {
        for (SyntaxNode? current = node.Parent; current is not null && !IsFunction(current); current = current.Parent)
        {
            if (current is CommonForEachStatementSyntax or ForStatementSyntax or WhileStatementSyntax or DoStatementSyntax)
            {
                yield return (StatementSyntax)current;
            }
        }
    }

    /// <summary>The same, and the lambda that the node is in where it is run for each of several things: <c>batches.ForEach(batch =&gt; ...)</c>.</summary>
    public static IEnumerable<SyntaxNode> IterationsAround(SyntaxNode node)
    {
        foreach (StatementSyntax loop in LoopsAround(node))
        {
            yield return loop;
        }

        if (Around(node) is AnonymousFunctionExpressionSyntax { Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } } lambda
            && FileNames.NameOf(call.Expression) is "ForEach" or "For" or "ForEachAsync")
        {
            yield return lambda;
        }
    }

    private static bool IsFunction(SyntaxNode node) => node switch
    {
        BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax => true,
        AnonymousFunctionExpressionSyntax => true,
        ArrowExpressionClauseSyntax arrow => arrow.Parent is BasePropertyDeclarationSyntax,
        EqualsValueClauseSyntax value => value.Parent is PropertyDeclarationSyntax or VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax },
        CompilationUnitSyntax => true,
        _ => false,
    };
}

/// <summary>One spot where a function calls another, or hands it on to be called: what the callee's parameters stand for there.</summary>
/// <param name="Site">The call, in the caller.</param>
/// <param name="Method">The called method, where it has a name.</param>
/// <param name="Lambda">The called lambda, where it is one.</param>
/// <param name="Receiver">The place of the callee's <c>this</c>; null where unknown.</param>
/// <param name="Arguments">By the parameters' ordinals; null where unknown.</param>
internal sealed record FunctionCall(
    SyntaxNode Site, IMethodSymbol? Method, SyntaxNode? Lambda, Place? Receiver, ImmutableArray<BoundArgument> Arguments)
{
    private const int DeepestPlace = 3;

    /// <summary>
    /// The caller's name for a place of the callee. False where the caller has none (a local of the callee); a null place
    /// where it may be anything.
    /// </summary>
    public bool TryLift(Place? inner, FunctionBody callee, out Place? outer)
    {
        outer = null;
        if (inner is null)
        {
            return true;
        }

        if (inner.Container is { } container)
        {
            if (!TryLift(container, callee, out Place? liftedContainer))
            {
                return false;
            }

            outer = new Place(inner.Symbol, liftedContainer is null || DepthOf(liftedContainer) >= DeepestPlace ? null : liftedContainer);
            return true;
        }

        switch (inner.Symbol)
        {
            case IParameterSymbol parameter when IsOwn(parameter, callee):
                outer = ArgumentFor(parameter)?.Place;
                return true;
            case ILocalSymbol local when IsOwn(local, callee):
                return false;
            case ITypeSymbol when Method is { IsStatic: false, MethodKind: not MethodKind.LocalFunction }:
                outer = Receiver;
                return true;
            default:
                outer = inner;
                return true;
        }
    }

    /// <summary>What the caller passes; null where it leaves out an optional argument or hands the function on.</summary>
    public BoundArgument? ArgumentFor(IParameterSymbol parameter)
    {
        foreach (BoundArgument argument in Arguments)
        {
            if (argument.Ordinal == parameter.Ordinal)
            {
                return argument;
            }
        }

        return null;
    }

    private static bool IsOwn(ISymbol symbol, FunctionBody callee) =>
        SymbolEqualityComparer.Default.Equals(symbol.ContainingSymbol, callee.Symbol);

    private static int DepthOf(Place place) => place.Container is null ? 1 : 1 + DepthOf(place.Container);
}

/// <summary>An argument of a call, with the place that it denotes, where it denotes one.</summary>
internal sealed record BoundArgument(int Ordinal, IOperation Value, Place? Place);
