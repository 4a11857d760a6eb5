using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Ranges;

/// <summary>
/// Which values gradients flow through: those that modules compute in forward and training code makes a loss of, and what these call for it. Metrics, data
/// and evaluation are not among them.
/// </summary>
internal sealed class DifferentiatedCode
{
    private const int MostCallers = 6;

    private static readonly ConditionalWeakTable<Compilation, DifferentiatedCode> s_ofCompilation = new();

    private static readonly string[] s_contexts = ["no_grad", "inference_mode", "set_grad_enabled"];

    private readonly TrainingCode _code;
    private readonly CallSites _calls;
    private readonly ConcurrentDictionary<SyntaxNode, bool> _functions = new();
    private readonly ConcurrentDictionary<ISymbol, bool> _variables = new(SymbolEqualityComparer.Default);

    private DifferentiatedCode(TrainingCode code)
    {
        _code = code;
        _calls = new CallSites(code.Source, code.Names);
    }

    public static DifferentiatedCode Of(Compilation compilation, TrainingCode code) =>
        s_ofCompilation.GetValue(compilation, _ => new DifferentiatedCode(code));

    /// <summary>Whether a gradient comes back to the value of the expression.</summary>
    public bool Contains(IOperation value, CancellationToken cancellation) =>
        FunctionBody.Around(value.Syntax) is { } function
        && IsDifferentiated(function, cancellation)
        && Reaches(value, cancellation);

    /// <summary>Whether the expression is in what a module computes, where all depends on the weights or the inputs.</summary>
    public bool IsInForward(SyntaxNode expression, CancellationToken cancellation)
    {
        SyntaxNode? function = FunctionBody.Around(expression);
        while (function is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)
        {
            function = FunctionBody.Around(function);
        }

        return function is not null && MethodOf(function, cancellation)?.IsForward(_code.TorchSharp) == true;
    }

    /// <summary>Whether a function computes something that gradients flow through: a cheap question, as the answers are kept.</summary>
    public bool IsDifferentiated(SyntaxNode function, CancellationToken cancellation)
    {
        if (!_functions.TryGetValue(function, out bool known))
        {
            known = IsDifferentiated(function, new HashSet<SyntaxNode>(), cancellation);
            _functions.TryAdd(function, known);
        }

        return known;
    }

    /// <summary>Whether a function may be differentiated, by names and signatures alone: yes too often and no never.</summary>
    public bool MayContain(SyntaxNode function, CancellationToken cancellation) =>
        function is AnonymousFunctionExpressionSyntax
        || _code.Names.MayActIn(function, cancellation)
        || TorchSharpSymbols.Mentions(MethodOf(function, cancellation)?.ReturnType, _code.TorchSharp.Tensor);

    private bool IsDifferentiated(SyntaxNode function, HashSet<SyntaxNode> seen, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!seen.Add(function) || seen.Count > MostCallers * MostCallers)
        {
            return false;
        }

        if (TrainsItself(function, cancellation))
        {
            return true;
        }

        IMethodSymbol? method = MethodOf(function, cancellation);
        if (method is null || !TorchSharpSymbols.Mentions(method.ReturnType, _code.TorchSharp.Tensor))
        {
            return false;
        }

        return method.IsForward(_code.TorchSharp)
            || CallsOf(function, method, cancellation).Any(call =>
                FunctionBody.Around(call.Syntax) is { } caller && IsDifferentiated(caller, seen, cancellation) && Reaches(call, cancellation));
    }

    /// <summary>Whether the function runs backward, or hands a loss to one that does.</summary>
    private bool TrainsItself(SyntaxNode function, CancellationToken cancellation)
    {
        if (!_code.Names.MayActIn(function, cancellation))
        {
            return false;
        }

        FunctionBody body = _code.Read(function, cancellation);
        return RunsBackward(body) || body.Calls.Any(call =>
            call.Method is { } method
            && method.Parameters.Any(parameter => TorchSharpSymbols.Mentions(parameter.Type, _code.TorchSharp.Tensor))
            && RunsBackward(method, cancellation));
    }

    private static bool RunsBackward(FunctionBody body) => body.Actions.Any(action => action.Kind == TrainingActionKind.Backward);

    private bool RunsBackward(IMethodSymbol method, CancellationToken cancellation) => method.DeclaringSyntaxReferences
        .Select(reference => reference.GetSyntax(cancellation))
        .Any(declaration => _code.Source.Contain(declaration) && declaration is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax && RunsBackward(_code.Read(declaration, cancellation)));

    private IEnumerable<IOperation> CallsOf(SyntaxNode function, IMethodSymbol method, CancellationToken cancellation)
    {
        // A lambda is taken to be called by the function that it is written in.
        if (function is AnonymousFunctionExpressionSyntax)
        {
            return _code.Source.OperationAt(function, cancellation) is { } lambda ? [lambda] : [];
        }

        return _calls.Of(method, cancellation);
    }

    private IMethodSymbol? MethodOf(SyntaxNode function, CancellationToken cancellation) => function switch
    {
        AnonymousFunctionExpressionSyntax => (_code.Source.OperationAt(function, cancellation) as IAnonymousFunctionOperation)?.Symbol,
        CompilationUnitSyntax => null,
        _ => _code.Source.SymbolAt(function, cancellation) as IMethodSymbol,
    };

    /// <summary>Whether the value goes on into something that gradients flow through, and not under a context that turns them off.</summary>
    private bool Reaches(IOperation value, CancellationToken cancellation) =>
        !IsWithoutGradient(value.Syntax, cancellation) && new GradientPath(_code, _variables, cancellation).LeadsOn(value);

    private bool IsWithoutGradient(SyntaxNode site, CancellationToken cancellation)
    {
        FileNames names = FileNames.Of(site.SyntaxTree, cancellation);
        if (!Array.Exists(s_contexts, context => names.CallsOf(context).Count > 0))
        {
            return false;
        }

        for (SyntaxNode current = site; current.Parent is { } parent && parent is not MemberDeclarationSyntax; current = parent)
        {
            if (parent is UsingStatementSyntax scope && TurnsOff(scope, cancellation)
                || parent is BlockSyntax block && current is StatementSyntax statement && block.Statements.TakeWhile(before => before != statement).Any(before => TurnsOffFromHere(before, cancellation)))
            {
                return true;
            }
        }

        return site.FirstAncestorOrSelf<GlobalStatementSyntax>() is { Parent: CompilationUnitSyntax program } global
            && program.Members.TakeWhile(member => member != global).Any(member => member is GlobalStatementSyntax before && TurnsOffFromHere(before.Statement, cancellation));
    }

    private bool TurnsOff(UsingStatementSyntax scope, CancellationToken cancellation) =>
        ((SyntaxNode?)scope.Expression ?? scope.Declaration)!.DescendantNodesAndSelf().Any(node => IsContext(node, cancellation));

    private bool TurnsOffFromHere(StatementSyntax statement, CancellationToken cancellation) =>
        statement is LocalDeclarationStatementSyntax { UsingKeyword.RawKind: (int)SyntaxKind.UsingKeyword } or ExpressionStatementSyntax
        && statement.DescendantNodes().Any(node => IsContext(node, cancellation));

    private bool IsContext(SyntaxNode node, CancellationToken cancellation) =>
        node is InvocationExpressionSyntax { Expression: var function } call
        && FileNames.NameOf(function) is { } name
        && s_contexts.Contains(name)
        && !(name == "set_grad_enabled" && call.ArgumentList.Arguments is [{ Expression.RawKind: (int)SyntaxKind.TrueLiteralExpression }])
        && _code.Source.SymbolAt(call, cancellation) is { } symbol
        && _code.TorchSharp.Declares(symbol);
}
