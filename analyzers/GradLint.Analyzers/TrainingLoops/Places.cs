using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>Finds the place that an expression denotes: through aliases, conversions, LINQ and TorchSharp's own chaining calls.</summary>
internal sealed class Places(TorchSharpSymbols torchSharp, SourceModels source, SourceNames names)
{
    private const int DeepestAlias = 8;

    /// <summary>
    /// <c>model</c> for <c>model.to(device)</c>, <c>model.parameters().ToList()</c>, <c>parameter.grad</c>, and for a local that is one of these; null
    /// where the expression makes something new or is not understood.
    /// </summary>
    public Place? Find(IOperation? operation, CancellationToken cancellation) => Find(operation, DeepestAlias, cancellation);

    /// <summary>The places whose gradients a collection of parameters has; empty where they are not known.</summary>
    public ImmutableArray<Place> FindOwners(IOperation? parameters, CancellationToken cancellation)
    {
        if (Find(parameters, cancellation) is { } single && !IsUnexplainedLocal(single, cancellation))
        {
            return ImmutableArray.Create(single);
        }

        return FindModules(parameters, cancellation)
            .Select(module => Find(module, cancellation))
            .OfType<Place>()
            .Distinct()
            .ToImmutableArray();
    }

    /// <summary>The modules whose <c>parameters()</c> an expression collects, in whatever way it puts them together.</summary>
    public IEnumerable<IOperation> FindModules(IOperation? parameters, CancellationToken cancellation) =>
        FindModules(parameters, new HashSet<ISymbol>(SymbolEqualityComparer.Default), cancellation);

    /// <summary>The tensor or parameter whose gradient an expression denotes; null where it is no gradient.</summary>
    public IOperation? FindGradientOwner(IOperation? operation, CancellationToken cancellation) =>
        FindGradientOwner(operation, DeepestAlias, cancellation);

    private Place? Find(IOperation? operation, int depth, CancellationToken cancellation)
    {
        if (depth == 0)
        {
            return null;
        }

        return operation switch
        {
            IConversionOperation conversion => Find(conversion.Operand, depth, cancellation),
            IParenthesizedOperation parenthesized => Find(parenthesized.Operand, depth, cancellation),
            ICoalesceOperation coalesce => Find(coalesce.Value, depth, cancellation),
            IConditionalAccessOperation access => Find(access.WhenNotNull, depth, cancellation),
            IConditionalAccessInstanceOperation instance => Find(AccessedBy(instance), depth, cancellation),
            ILocalReferenceOperation local => FindLocal(local.Local, depth, cancellation),
            IParameterReferenceOperation parameter => new Place(parameter.Parameter),
            IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance, Type: { } type } => new Place(type),
            IFieldReferenceOperation field => FindField(field, depth, cancellation),
            IPropertyReferenceOperation property => FindProperty(property, depth, cancellation),
            IArrayElementReferenceOperation element => Find(element.ArrayReference, depth, cancellation),
            IInvocationOperation invocation when IsLibrary(invocation.TargetMethod) => FindChained(invocation, depth, cancellation),
            _ => null,
        };
    }

    private Place? FindLocal(ILocalSymbol local, int depth, CancellationToken cancellation)
    {
        AssignedValue? only = names.OnlyValueOf(local, cancellation);
        return only?.Value is { } value && Find(source.OperationAt(value, cancellation), depth - 1, cancellation) is { } aliased
            ? aliased
            : new Place(local);
    }

    private Place? FindField(IFieldReferenceOperation field, int depth, CancellationToken cancellation) =>
        field.Field.ContainingType.IsTupleType
            ? Find(field.Instance, depth, cancellation)
            : new Place(field.Field, field.Instance is null ? null : Find(field.Instance, depth, cancellation));

    private Place? FindProperty(IPropertyReferenceOperation property, int depth, CancellationToken cancellation)
    {
        if (property.Property.IsIndexer || property.Property.DeclaringSyntaxReferences.IsEmpty)
        {
            return Find(property.Instance, depth, cancellation);
        }

        return Forwarded(property.Property, depth, cancellation)
            ?? new Place(property.Property, property.Instance is null ? null : Find(property.Instance, depth, cancellation));
    }

    /// <summary>The field behind <c>Optimizer =&gt; _optimizer</c>.</summary>
    private Place? Forwarded(IPropertySymbol property, int depth, CancellationToken cancellation) =>
        property.SetMethod is null
        && names.OnlyValueOf(property, cancellation) is { Value: { } value, Target: Microsoft.CodeAnalysis.CSharp.Syntax.PropertyDeclarationSyntax { ExpressionBody: not null } }
            ? Find(source.OperationAt(value, cancellation), depth - 1, cancellation)
            : null;

    /// <summary>A call on, or an extension of, the thing itself: <c>to</c>, <c>parameters</c>, <c>ToList</c>, <c>Where</c>.</summary>
    private Place? FindChained(IInvocationOperation invocation, int depth, CancellationToken cancellation)
    {
        if (invocation.Instance is not null)
        {
            return Find(invocation.Instance, depth, cancellation);
        }

        return invocation.TargetMethod is { IsExtensionMethod: true, Name: not "Concat" and not "Union" and not "Append" and not "Prepend" }
            && invocation.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0) is { } extended
                ? Find(extended.Value, depth, cancellation)
                : null;
    }

    private IEnumerable<IOperation> FindModules(IOperation? operation, HashSet<ISymbol> seen, CancellationToken cancellation)
    {
        foreach (IOperation part in operation?.DescendantsAndSelf() ?? [])
        {
            if (part is IInvocationOperation { Instance: { } instance } && torchSharp.IsModule(instance.Type) && IsParameters(part.Type))
            {
                yield return instance;
            }
            else if (part is ILocalReferenceOperation { Local: var local } && IsParameters(local.Type) && seen.Add(local))
            {
                foreach (AssignedValue assigned in names.ValuesOf(local, cancellation))
                {
                    IOperation? value = assigned.Value is null ? null : source.OperationAt(assigned.Value, cancellation);
                    foreach (IOperation module in FindModules(value, seen, cancellation))
                    {
                        yield return module;
                    }
                }
            }
        }
    }

    private IOperation? FindGradientOwner(IOperation? operation, int depth, CancellationToken cancellation)
    {
        if (depth == 0)
        {
            return null;
        }

        return operation switch
        {
            IConversionOperation conversion => FindGradientOwner(conversion.Operand, depth, cancellation),
            IConditionalAccessInstanceOperation instance => FindGradientOwner(AccessedBy(instance), depth, cancellation),
            IConditionalAccessOperation access => FindGradientOwner(access.WhenNotNull, depth, cancellation),
            IPropertyReferenceOperation { Property.Name: "grad" } gradient when torchSharp.Declares(gradient.Property) => gradient.Instance,
            IInvocationOperation { Instance: { } instance } call when torchSharp.Declares(call.TargetMethod) => FindGradientOwner(instance, depth, cancellation),
            ILocalReferenceOperation local when torchSharp.IsTensor(local.Type)
                && names.OnlyValueOf(local.Local, cancellation)?.Value is { } value => FindGradientOwner(source.OperationAt(value, cancellation), depth - 1, cancellation),
            _ => null,
        };
    }

    /// <summary>What stands before the <c>?.</c>.</summary>
    private static IOperation? AccessedBy(IConditionalAccessInstanceOperation instance)
    {
        for (IOperation? inner = instance, outer = instance.Parent; outer is not null; inner = outer, outer = outer.Parent)
        {
            if (outer is IConditionalAccessOperation access && access.WhenNotNull == inner)
            {
                return access.Operation;
            }
        }

        return null;
    }

    private static bool IsLibrary(IMethodSymbol method) => method.DeclaringSyntaxReferences.IsEmpty;

    private bool IsParameters(ITypeSymbol? type) => TorchSharpSymbols.Mentions(type, torchSharp.Parameter);

    /// <summary>A local list of parameters is no owner by itself: it was filled somewhere.</summary>
    private bool IsUnexplainedLocal(Place place, CancellationToken cancellation) =>
        place.Symbol is ILocalSymbol local && IsParameters(local.Type) && !names.ValuesOf(local, cancellation).IsEmpty;
}
