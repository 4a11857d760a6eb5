using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.TrainingLoops;

/// <summary>Who calls what and what is assigned where, in a whole compilation: names first, symbols where names agree.</summary>
internal sealed class SourceNames
{
    /// <summary>A name that more callers than this share says nothing about training.</summary>
    private const int MostCalls = 200;

    private static readonly ImmutableHashSet<string> s_actions = ImmutableHashSet.Create(
        "step", "backward", "zero_grad", "grad", "clip_grad_norm_", "clip_grad_value_", "Step", "Inspect", "GradientGuard",
        "lr_scheduler", "LearningRate", "eval", "no_grad", "inference_mode");

    private readonly SourceModels _source;
    private readonly ProjectNames _names;
    private readonly ConcurrentDictionary<ISymbol, ImmutableArray<AssignedValue>> _values = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<string, bool> _assignedMembers = new(StringComparer.Ordinal);
    private HashSet<string>? _namesThatAct;

    public SourceNames(Compilation compilation)
    {
        _source = SourceModels.Of(compilation);
        _names = _source.Names;
    }

    /// <summary>
    /// Whether a function of this name can act on gradients, itself or through what it calls. Going by names alone it says
    /// yes too often and no never, so the rest of a program need not be read.
    /// </summary>
    public bool MayAct(string function, CancellationToken cancellation) =>
        (_namesThatAct ??= FindNamesThatAct(cancellation)).Contains(function);

    /// <summary>The same of a function by its code: a lambda acts as the function around it does.</summary>
    public bool MayActIn(SyntaxNode function, CancellationToken cancellation) => MayAct(FileNames.FunctionNameAround(function), cancellation);

    /// <summary>Whether a call, by its name, can act on gradients.</summary>
    public bool IsTraining(InvocationExpressionSyntax call, CancellationToken cancellation) =>
        FileNames.NameOf(call.Expression) is { } name && (s_actions.Contains(name) || MayAct(name, cancellation));

    /// <summary>Where functions of this name are called or handed on; empty, too, where there are too many to be worth a look.</summary>
    public IReadOnlyList<SyntaxNode> CallsOf(string function, CancellationToken cancellation) =>
        _names.CallsOf(function, cancellation) is { Count: <= MostCalls } calls ? calls : ImmutableArray<SyntaxNode>.Empty;

    /// <summary>Where objects of a type of this name may be created: also as bases, and where only the target tells the type.</summary>
    public IEnumerable<SyntaxNode> CreationsOf(string type, CancellationToken cancellation) =>
        CallsOf(type, cancellation).Concat(CallsOf(FileNames.TargetTyped, cancellation)).Concat(CallsOf(FileNames.Initializer, cancellation));

    public IEnumerable<SyntaxNode> FunctionsNamed(string name, CancellationToken cancellation) =>
        _names.FunctionsNamed(name, cancellation);

    /// <summary>The values that a local, field or property of this compilation is ever given, in the files that declare it.</summary>
    public ImmutableArray<AssignedValue> ValuesOf(ISymbol symbol, CancellationToken cancellation)
    {
        if (!_values.TryGetValue(symbol, out ImmutableArray<AssignedValue> values))
        {
            values = FindValues(symbol, cancellation).ToImmutableArray();
            _values.TryAdd(symbol, values);
        }

        return values;
    }

    /// <summary>The one value that the symbol has for good; null where there are several, or none that is written there.</summary>
    public AssignedValue? OnlyValueOf(ISymbol symbol, CancellationToken cancellation)
    {
        ImmutableArray<AssignedValue> values = ValuesOf(symbol, cancellation).RemoveAll(value => IsNothing(value.Value));
        return values.Length == 1 ? values[0] : null;
    }

    /// <summary>The fields and properties that keep what a local or parameter holds.</summary>
    public IEnumerable<ISymbol> MembersAssignedFrom(ISymbol variable, CancellationToken cancellation)
    {
        foreach (SyntaxReference reference in variable.ContainingSymbol.DeclaringSyntaxReferences)
        {
            foreach (AssignmentExpressionSyntax assignment in reference.GetSyntax(cancellation).DescendantNodes().OfType<AssignmentExpressionSyntax>())
            {
                if (assignment.Right is IdentifierNameSyntax right
                    && right.Identifier.ValueText == variable.Name
                    && _source.SymbolAt(assignment.Left, cancellation) is { Kind: SymbolKind.Field or SymbolKind.Property } member)
                {
                    yield return member;
                }
            }
        }
    }

    /// <summary>Whether some object's member of this name is assigned to anywhere, in statements or initializers.</summary>
    public bool IsMemberAssigned(string member, CancellationToken cancellation) =>
        _assignedMembers.GetOrAdd(member, name => _names.Files(cancellation).Any(file => file.AssignmentsTo(name).Any(assigned => assigned.Target is MemberAccessExpressionSyntax)));

    /// <summary>Whether the local itself is handed to anyone who may keep it.</summary>
    public bool IsPassedOn(ILocalSymbol local, CancellationToken cancellation) =>
        ScopesOf(local, cancellation).Any(scope => FileNames.Of(scope.SyntaxTree, cancellation).CallsOf(local.Name).Any(mention =>
            mention.Parent is ArgumentSyntax && SymbolEqualityComparer.Default.Equals(_source.SymbolAt(mention, cancellation), local)));

    private static bool IsNothing(ExpressionSyntax? value) =>
        value is LiteralExpressionSyntax literal && literal.ToString() is "null" or "default"
        || value is PostfixUnaryExpressionSyntax { Operand: LiteralExpressionSyntax };

    private IEnumerable<AssignedValue> FindValues(ISymbol symbol, CancellationToken cancellation)
    {
        foreach (SyntaxNode scope in ScopesOf(symbol, cancellation))
        {
            foreach (AssignedValue value in FileNames.Of(scope.SyntaxTree, cancellation).AssignmentsTo(symbol.Name))
            {
                if (scope.Span.Contains(value.Target.Span)
                    && SymbolEqualityComparer.Default.Equals(_source.SymbolAt(value.Target, cancellation)?.OriginalDefinition, symbol.OriginalDefinition))
                {
                    yield return value;
                }
            }
        }
    }

    /// <summary>A local can be assigned in the member that declares it, a field anywhere in its type.</summary>
    private IEnumerable<SyntaxNode> ScopesOf(ISymbol symbol, CancellationToken cancellation)
    {
        ISymbol scope = symbol is ILocalSymbol or IParameterSymbol ? symbol : symbol.ContainingType ?? symbol;
        foreach (SyntaxReference reference in scope.DeclaringSyntaxReferences)
        {
            SyntaxNode node = reference.GetSyntax(cancellation);
            if (!_source.Contain(node))
            {
                continue;
            }

            yield return symbol is ILocalSymbol
                ? node.Ancestors().FirstOrDefault(ancestor => ancestor is MemberDeclarationSyntax and not GlobalStatementSyntax) ?? node.SyntaxTree.GetRoot(cancellation)
                : node;
        }
    }

    private HashSet<string> FindNamesThatAct(CancellationToken cancellation)
    {
        ImmutableArray<FileNames> files = _names.Files(cancellation);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(s_actions);
        while (open.Count > 0)
        {
            string name = open.Pop();
            foreach (FileNames file in files)
            {
                foreach (string function in file.FunctionsThatMention(name))
                {
                    if (found.Add(function))
                    {
                        open.Push(function);
                    }
                }
            }
        }

        return found;
    }
}
