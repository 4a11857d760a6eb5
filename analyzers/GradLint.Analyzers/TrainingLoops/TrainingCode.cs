using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.TrainingLoops;

/// <summary>
/// The training code of one compilation: what each function does to gradients, itself and through what it calls, and who calls
/// it. Functions are read when somebody asks, each once, and all rules share what was read.
/// </summary>
internal sealed class TrainingCode
{
    private const int MostRoundsToSettle = 10;
    private const int MostCallers = 32;

    private static readonly ConditionalWeakTable<Compilation, TrainingCode> s_ofCompilation = new();

    private readonly ConcurrentDictionary<SyntaxNode, FunctionBody> _bodies = new();
    private readonly ConcurrentDictionary<SyntaxNode, ImmutableHashSet<Effect>> _effects = new();
    private readonly ConcurrentDictionary<SyntaxNode, ImmutableArray<(FunctionBody Caller, FunctionCall Call)>> _callers = new();
    private readonly ConcurrentDictionary<ISymbol, ImmutableArray<SyntaxNode>> _declarations = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<string, ILookup<ISymbol, SyntaxNode>> _implementations = new(System.StringComparer.Ordinal);

    private TrainingCode(Compilation compilation, TorchSharpSymbols torchSharp)
    {
        TorchSharp = torchSharp;
        Source = SourceModels.Of(compilation);
        Names = new SourceNames(compilation);
        Places = new Places(torchSharp, Source, Names);
        Optimizers = new Optimizers(torchSharp, Source, Names, Places);
    }

    public TorchSharpSymbols TorchSharp { get; }

    public SourceModels Source { get; }

    public SourceNames Names { get; }

    public Places Places { get; }

    public Optimizers Optimizers { get; }

    public static TrainingCode Of(Compilation compilation, TorchSharpSymbols torchSharp) =>
        s_ofCompilation.GetValue(compilation, key => new TrainingCode(key, torchSharp));

    /// <summary>The function that a node is in, read.</summary>
    public FunctionBody? FunctionAround(SyntaxNode node, CancellationToken cancellation) =>
        FunctionBody.Around(node) is { } function ? Read(function, cancellation) : null;

    public FunctionBody Read(SyntaxNode function, CancellationToken cancellation) =>
        _bodies.TryGetValue(function, out FunctionBody? body)
            ? body
            : _bodies.GetOrAdd(function, FunctionReader.Read(function, Source, TorchSharp, Places, Names, cancellation));

    /// <summary>What happens in a region of a function, which may be all of it, callees included.</summary>
    public IEnumerable<Effect> EffectsWithin(FunctionBody function, SyntaxNode region, CancellationToken cancellation)
    {
        foreach (TrainingAction action in function.Actions)
        {
            if (region.Span.Contains(action.Site.Span))
            {
                yield return action.Effect;
            }
        }

        foreach (FunctionCall call in function.Calls)
        {
            if (region.Span.Contains(call.Site.Span))
            {
                foreach (Effect effect in EffectsOf(call, cancellation))
                {
                    yield return effect;
                }
            }
        }
    }

    /// <summary>What a call does, in the caller's terms.</summary>
    public IEnumerable<Effect> EffectsOf(FunctionCall call, CancellationToken cancellation)
    {
        foreach (FunctionBody callee in CalleesOf(call, cancellation))
        {
            foreach (Effect effect in EffectsOf(callee, cancellation))
            {
                if (call.TryLift(effect.Target, callee, out Place? target))
                {
                    yield return effect with { Target = target };
                }
            }
        }
    }

    /// <summary>Who calls the function, or hands it on to be called.</summary>
    public ImmutableArray<(FunctionBody Caller, FunctionCall Call)> CallersOf(FunctionBody function, CancellationToken cancellation)
    {
        if (!_callers.TryGetValue(function.Node, out var callers))
        {
            callers = FindCallers(function, cancellation).Take(MostCallers).ToImmutableArray();
            _callers.TryAdd(function.Node, callers);
        }

        return callers;
    }

    private IEnumerable<(FunctionBody Caller, FunctionCall Call)> FindCallers(FunctionBody function, CancellationToken cancellation)
    {
        IEnumerable<SyntaxNode> sites = function.Node is AnonymousFunctionExpressionSyntax lambda
            ? [lambda]
            : function.Symbol is IMethodSymbol method
                ? Names.CallsOf(method.MethodKind == MethodKind.Constructor ? method.ContainingType.Name : method.Name, cancellation)
                : [];
        var seen = new HashSet<SyntaxNode>();
        foreach (SyntaxNode site in sites)
        {
            if (FunctionBody.Around(site) is not { } around || !seen.Add(around))
            {
                continue;
            }

            FunctionBody caller = Read(around, cancellation);
            foreach (FunctionCall call in caller.Calls)
            {
                if (CalleeNodesOf(call, cancellation).Contains(function.Node))
                {
                    yield return (caller, call);
                }
            }
        }
    }

    private IEnumerable<FunctionBody> CalleesOf(FunctionCall call, CancellationToken cancellation) =>
        CalleeNodesOf(call, cancellation).Select(node => Read(node, cancellation));

    private ImmutableArray<SyntaxNode> CalleeNodesOf(FunctionCall call, CancellationToken cancellation)
    {
        if (call.Lambda is not null)
        {
            return ImmutableArray.Create(call.Lambda);
        }

        if (call.Method is not { } method)
        {
            return ImmutableArray<SyntaxNode>.Empty;
        }

        if (!_declarations.TryGetValue(method, out ImmutableArray<SyntaxNode> nodes))
        {
            nodes = DeclarationsOf(method, cancellation).ToImmutableArray();
            _declarations.TryAdd(method, nodes);
        }

        return nodes;
    }

    /// <summary>The bodies that a call of the method may run: its own, and those that override or implement it.</summary>
    private IEnumerable<SyntaxNode> DeclarationsOf(IMethodSymbol method, CancellationToken cancellation)
    {
        IMethodSymbol implemented = method.PartialImplementationPart ?? method;
        foreach (SyntaxReference reference in implemented.DeclaringSyntaxReferences)
        {
            SyntaxNode node = reference.GetSyntax(cancellation);
            if (Source.Contain(node) && node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax)
            {
                yield return node;
            }
        }

        if (!method.IsVirtual && !method.IsAbstract && !method.IsOverride)
        {
            yield break;
        }

        ILookup<ISymbol, SyntaxNode> implementations = _implementations.GetOrAdd(method.Name, name => FindImplementations(name, cancellation));
        ISymbol implementedBy = method.ContainingType?.TypeKind == TypeKind.Interface ? method.ContainingType : method;
        foreach (SyntaxNode candidate in implementations[implementedBy])
        {
            yield return candidate;
        }
    }

    /// <summary>The functions of a name, by each method that they override and each interface that their type has: every network has a <c>forward</c>.</summary>
    private ILookup<ISymbol, SyntaxNode> FindImplementations(string name, CancellationToken cancellation) =>
        Names.FunctionsNamed(name, cancellation)
            .SelectMany(candidate => ImplementedBy(Source.SymbolAt(candidate, cancellation) as IMethodSymbol).Select(implemented => (Implemented: implemented, Candidate: candidate)))
            .ToLookup(found => found.Implemented, found => found.Candidate, (IEqualityComparer<ISymbol>)SymbolEqualityComparer.Default);

    private static HashSet<ISymbol> ImplementedBy(IMethodSymbol? candidate)
    {
        var implemented = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        for (IMethodSymbol? overridden = candidate?.OverriddenMethod; overridden is not null; overridden = overridden.OverriddenMethod)
        {
            implemented.Add(overridden.OriginalDefinition);
        }

        if (candidate?.ContainingType is { } type)
        {
            implemented.UnionWith(type.AllInterfaces.Select(its => its.OriginalDefinition));
        }

        return implemented;
    }

    /// <summary>What a function does, itself and through all that it calls; functions that call each other settle together.</summary>
    private ImmutableHashSet<Effect> EffectsOf(FunctionBody function, CancellationToken cancellation)
    {
        if (_effects.TryGetValue(function.Node, out ImmutableHashSet<Effect>? known))
        {
            return known;
        }

        List<FunctionBody> reachable = FindReachable(function, cancellation);
        Dictionary<SyntaxNode, HashSet<Effect>> effects = reachable.ToDictionary(
            body => body.Node, body => new HashSet<Effect>(body.Actions.Select(action => action.Effect)));
        bool changed = true;
        for (int round = 0; changed && round < MostRoundsToSettle; round++)
        {
            changed = false;
            for (int i = reachable.Count - 1; i >= 0; i--)
            {
                changed |= AddEffectsOfCalls(reachable[i], effects, cancellation);
            }
        }

        foreach (KeyValuePair<SyntaxNode, HashSet<Effect>> settled in effects)
        {
            _effects.TryAdd(settled.Key, settled.Value.ToImmutableHashSet());
        }

        return _effects[function.Node];
    }

    private bool AddEffectsOfCalls(FunctionBody function, Dictionary<SyntaxNode, HashSet<Effect>> effects, CancellationToken cancellation)
    {
        HashSet<Effect> own = effects[function.Node];
        int before = own.Count;
        foreach (FunctionCall call in function.Calls)
        {
            foreach (FunctionBody callee in CalleesOf(call, cancellation))
            {
                IEnumerable<Effect> inner = effects.TryGetValue(callee.Node, out HashSet<Effect>? open) ? open : EffectsOf(callee, cancellation);
                foreach (Effect effect in inner.ToList())
                {
                    if (call.TryLift(effect.Target, callee, out Place? target))
                    {
                        own.Add(effect with { Target = target });
                    }
                }
            }
        }

        return own.Count > before;
    }

    /// <summary>The function and all that it can get to whose effects are not known yet, callers before callees.</summary>
    private List<FunctionBody> FindReachable(FunctionBody start, CancellationToken cancellation)
    {
        var reachable = new List<FunctionBody>();
        var seen = new HashSet<SyntaxNode> { start.Node };
        var open = new Queue<FunctionBody>();
        open.Enqueue(start);
        while (open.Count > 0)
        {
            FunctionBody function = open.Dequeue();
            reachable.Add(function);
            foreach (FunctionBody callee in function.Calls.SelectMany(call => CalleesOf(call, cancellation)))
            {
                if (!_effects.ContainsKey(callee.Node) && seen.Add(callee.Node))
                {
                    open.Enqueue(callee);
                }
            }
        }

        return reachable;
    }
}
