using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>Finds the networks whose weights an optimizer changes.</summary>
internal sealed class TrainedNetworks(TrainingCode code, NetworkModels networks)
{
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

    private IEnumerable<IOperation> ArgumentsFor(IParameterSymbol parameter, CancellationToken cancellation) =>
        parameter.ContainingSymbol.DeclaringSyntaxReferences
            .Select(reference => reference.GetSyntax(cancellation))
            .Where(code.Source.Contain)
            .SelectMany(function => code.CallersOf(code.Read(function, cancellation), cancellation))
            .Select(caller => caller.Call.ArgumentFor(parameter)?.Value)
            .OfType<IOperation>();
}
