using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>Where optimizers are made, and of which parameters.</summary>
internal sealed class Optimizers(TorchSharpSymbols torchSharp, SourceModels source, SourceNames names, Places places)
{
    private readonly ConcurrentDictionary<ISymbol, OptimizerOrigin> _origins = new(SymbolEqualityComparer.Default);

    /// <summary>How the optimizer at a place was made, as far as the code that declares the place tells.</summary>
    public OptimizerOrigin OriginOf(Place optimizer, CancellationToken cancellation)
    {
        if (!_origins.TryGetValue(optimizer.Symbol, out OptimizerOrigin? origin))
        {
            origin = FindOrigin(optimizer.Symbol, cancellation);
            _origins.TryAdd(optimizer.Symbol, origin);
        }

        return origin;
    }

    /// <summary>The parameters that a creation gives the optimizer; null where the operation does not create one.</summary>
    public IOperation? ParametersOf(IOperation creation) => creation switch
    {
        IInvocationOperation { Instance: null } call when torchSharp.Declares(call.TargetMethod)
            && torchSharp.IsOptimizer(call.Type) => call.FirstArgument(),
        IObjectCreationOperation created when torchSharp.IsOptimizer(created.Type) =>
            created.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0)?.Value,
        _ => null,
    };

    private OptimizerOrigin FindOrigin(ISymbol optimizer, CancellationToken cancellation)
    {
        List<IOperation> creations = FindCreations(optimizer, new HashSet<ISymbol>(SymbolEqualityComparer.Default), cancellation).ToList();
        ImmutableArray<IOperation> modules = creations
            .SelectMany(creation => places.FindModules(ParametersOf(creation), cancellation))
            .ToImmutableArray();
        ImmutableArray<Place> owners = modules
            .Select(module => places.Find(module, cancellation))
            .OfType<Place>()
            .SelectMany(owner => WithMembersThatKeepIt(owner, cancellation))
            .Distinct()
            .ToImmutableArray();
        return new OptimizerOrigin(creations.ToImmutableArray(), modules, owners);
    }

    private IEnumerable<IOperation> FindCreations(ISymbol variable, HashSet<ISymbol> seen, CancellationToken cancellation) =>
        seen.Add(variable)
            ? names.ValuesOf(variable, cancellation)
                .Where(assigned => assigned.Value is not null)
                .SelectMany(assigned => FindCreations(source.OperationAt(assigned.Value!, cancellation), seen, cancellation))
            : [];

    private IEnumerable<IOperation> FindCreations(IOperation? value, HashSet<ISymbol> seen, CancellationToken cancellation) =>
        value.WalkDownConversions() switch
        {
            null => [],
            IConditionalOperation choice => FindCreations([choice.WhenTrue, choice.WhenFalse], seen, cancellation),
            ICoalesceOperation choice => FindCreations([choice.Value, choice.WhenNull], seen, cancellation),
            ISwitchExpressionOperation choice => FindCreations(choice.Arms.Select(arm => arm.Value), seen, cancellation),
            IArrayCreationOperation { Initializer: { } elements } => FindCreations(elements.ElementValues, seen, cancellation),
            ILocalReferenceOperation local => FindCreations(local.Local, seen, cancellation),
            { } single when ParametersOf(single) is not null => [single],
            _ => [],
        };

    private IEnumerable<IOperation> FindCreations(IEnumerable<IOperation?> values, HashSet<ISymbol> seen, CancellationToken cancellation) =>
        values.SelectMany(value => FindCreations(value, seen, cancellation));

    /// <summary>A constructor that keeps its <c>model</c> in <c>_model</c> makes both names of one thing.</summary>
    private IEnumerable<Place> WithMembersThatKeepIt(Place owner, CancellationToken cancellation)
    {
        yield return owner;
        if (owner.Symbol is IParameterSymbol parameter)
        {
            foreach (ISymbol member in names.MembersAssignedFrom(parameter, cancellation))
            {
                yield return new Place(member);
            }
        }
    }
}

/// <summary>How an optimizer came to be; all empty where the code at hand does not tell.</summary>
/// <param name="Creations">The calls that create it: several where it is one of a choice.</param>
/// <param name="Modules">The expressions whose parameters it was given.</param>
/// <param name="Owners">The places of those modules.</param>
internal sealed record OptimizerOrigin(ImmutableArray<IOperation> Creations, ImmutableArray<IOperation> Modules, ImmutableArray<Place> Owners);
