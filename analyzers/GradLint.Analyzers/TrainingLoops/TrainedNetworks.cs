using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>Finds the networks whose weights an optimizer changes.</summary>
internal sealed class TrainedNetworks(TrainingCode code, NetworkModels networks)
{
    private readonly ConcurrentDictionary<INamedTypeSymbol, bool> _writtenRecurrences = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<INamedTypeSymbol, bool> _writtenAttention = new(SymbolEqualityComparer.Default);

    /// <summary>From the optimizer's creation, where it can be seen; else the networks that the functions around the step run.</summary>
    public IReadOnlyList<NetworkModel> Find(OptimizerStep step, CancellationToken cancellation)
    {
        foreach (TrainingFrame frame in step.Frames)
        {
            List<IOperation> modules = frame.Optimizers
                .SelectMany(optimizer => code.Optimizers.OriginOf(optimizer, cancellation).Modules)
                .ToList();
            if (modules.Count > 0)
            {
                return FindAll(modules, cancellation);
            }
        }

        return step.Frames
            .Where(frame => StepsOneOptimizer(frame, cancellation))
            .Select(frame => FindAll(ModulesRunBy(frame.Function), cancellation))
            .FirstOrDefault(found => found.Count > 0) ?? [];
    }

    public IReadOnlyList<NetworkModel> FindAll(IEnumerable<IOperation> modules, CancellationToken cancellation) =>
        modules.SelectMany(module => Find(module, new HashSet<ISymbol>(SymbolEqualityComparer.Default), cancellation)).Distinct().ToList();

    /// <summary>Whether a network is recurrent, by a module of TorchSharp's or by a loop of its own.</summary>
    public bool IsRecurrent(NetworkModel network, CancellationToken cancellation) =>
        network.IsRecurrent || network.Root.SelfAndDescendants().Any(module => module.Type is { } type && IsWrittenRecurrence(type, cancellation));

    /// <summary>Whether a network is built on attention, by modules that are known or as its classes write it out.</summary>
    public bool HasAttention(NetworkModel network, CancellationToken cancellation) =>
        network.HasAttention || (!network.IsWhole && network.Root.Type is { } type && IsWrittenAttention(type, cancellation));

    private bool IsWrittenRecurrence(INamedTypeSymbol type, CancellationToken cancellation) => _writtenRecurrences.GetOrAdd(
        type, key => !code.TorchSharp.Declares(key) && new WrittenRecurrence(code.TorchSharp, code.Source).IsIn(key, cancellation));

    private bool IsWrittenAttention(INamedTypeSymbol type, CancellationToken cancellation) => _writtenAttention.GetOrAdd(
        type, key => !code.TorchSharp.Declares(key) && new WrittenAttention(code.TorchSharp, code.Source).IsIn(key, cancellation));

    private bool StepsOneOptimizer(TrainingFrame frame, CancellationToken cancellation) =>
        code.EffectsWithin(frame.Function, frame.Function.Node, cancellation)
            .Where(effect => effect.Kind == TrainingActionKind.Step)
            .Select(effect => effect.Target?.Symbol)
            .Distinct(SymbolEqualityComparer.Default)
            .Count() == 1;

    private static IEnumerable<IOperation> ModulesRunBy(FunctionBody function) =>
        function.Actions
            .Where(action => action.Kind == TrainingActionKind.Forward)
            .Select(action => (action.Operation as IInvocationOperation)?.Instance)
            .OfType<IOperation>();

    /// <summary>The network itself, or those that a variable, a field or a parameter is given.</summary>
    private IEnumerable<NetworkModel> Find(IOperation module, HashSet<ISymbol> seen, CancellationToken cancellation)
    {
        if (networks.Find(module, cancellation) is { } network)
        {
            return [network];
        }

        if (code.Places.Find(module, cancellation) is not { Container: null or { IsThis: true } } place || !seen.Add(place.Symbol))
        {
            return [];
        }

        IEnumerable<IOperation?> values = place.Symbol is IParameterSymbol parameter
            ? ArgumentsFor(parameter, cancellation)
            : code.Names.ValuesOf(place.Symbol, cancellation).Select(assigned => assigned.Value is null ? null : code.Source.OperationAt(assigned.Value, cancellation));
        return values.OfType<IOperation>().SelectMany(value => Find(value, seen, cancellation));
    }

    /// <summary>What the parameter is given anywhere in the compilation: constructors, too, which do nothing to gradients themselves.</summary>
    private IEnumerable<IOperation> ArgumentsFor(IParameterSymbol parameter, CancellationToken cancellation)
    {
        IEnumerable<SyntaxNode> calls = parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
            ? code.Names.CreationsOf(constructor.ContainingType.Name, cancellation)
            : code.Names.CallsOf(parameter.ContainingSymbol.Name, cancellation);
        return calls
            .Select(call => code.Source.OperationAt(call, cancellation))
            .SelectMany(call => call switch
            {
                IInvocationOperation invocation => invocation.Arguments,
                IExpressionStatementOperation { Operation: IInvocationOperation initializer } => initializer.Arguments,
                IObjectCreationOperation creation => creation.Arguments,
                _ => ImmutableArray<IArgumentOperation>.Empty,
            })
            .Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue
                && SymbolEqualityComparer.Default.Equals(argument.Parameter?.OriginalDefinition, parameter.OriginalDefinition))
            .Select(argument => argument.Value);
    }
}
