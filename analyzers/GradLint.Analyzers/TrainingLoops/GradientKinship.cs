using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>Whether what is done to one place is done to the gradients of another.</summary>
internal sealed class GradientKinship
{
    private readonly TrainingCode _code;
    private readonly CancellationToken _cancellation;
    private readonly Place _gradients;
    private readonly ImmutableArray<Place> _owners;
    private readonly bool _oneOptimizer;

    public GradientKinship(Place gradients, FunctionBody function, TrainingCode code, CancellationToken cancellation)
    {
        _code = code;
        _cancellation = cancellation;
        _gradients = gradients;
        _owners = OwnersOf(gradients);
        _oneOptimizer = function.Actions.Select(action => action.Effect)
            .Concat(function.Calls.SelectMany(call => code.EffectsOf(call, cancellation)))
            .Select(effect => effect.Target)
            .Where(target => target is null || IsOptimizer(target))
            .Append(IsOptimizer(gradients) ? gradients : null)
            .OfType<Place>()
            .Select(target => target.Symbol)
            .Distinct(SymbolEqualityComparer.Default)
            .Count() == 1;
    }

    /// <summary>Yes, no, or null where it cannot be told.</summary>
    public bool? Of(Place? target)
    {
        if (target is null)
        {
            return null;
        }

        if (target.IsRelatedTo(_gradients) || _owners.Any(target.IsRelatedTo))
        {
            return true;
        }

        ImmutableArray<Place> others = OwnersOf(target);
        if (others.Any(other => other.IsRelatedTo(_gradients) || _owners.Any(other.IsRelatedTo)))
        {
            return true;
        }

        bool isKnown = !others.IsEmpty && (!_owners.IsEmpty || !IsOptimizer(_gradients));
        return isKnown && AreApart(others) ? false : _oneOptimizer && IsOptimizer(target) ? true : null;
    }

    /// <summary>Different variables may hold one network, or parts of it; two locals that are made on their own do not.</summary>
    private bool AreApart(ImmutableArray<Place> others)
    {
        ImmutableArray<Place> mine = _owners.IsEmpty ? ImmutableArray.Create(_gradients) : _owners;
        return mine.All(IsMadeOnItsOwn) && others.All(IsMadeOnItsOwn) && !mine.Any(place => others.Any(other => AreMadeOfEachOther(place, other)));
    }

    private bool IsMadeOnItsOwn(Place place) =>
        place.Container is null or { IsThis: true }
        && _code.Names.OnlyValueOf(place.Symbol, _cancellation)?.Value is { } value
        && _code.Source.OperationAt(value, _cancellation).WalkDownConversions() is IObjectCreationOperation
            or IInvocationOperation;

    private bool AreMadeOfEachOther(Place one, Place other) => MentionsInCreation(one, other.Symbol) || MentionsInCreation(other, one.Symbol);

    private bool MentionsInCreation(Place place, ISymbol symbol) =>
        _code.Names.OnlyValueOf(place.Symbol, _cancellation)?.Value is not { } value
        || value.DescendantNodesAndSelf().Any(node => FileNames.NameOf(node) == symbol.Name);

    private ImmutableArray<Place> OwnersOf(Place place) =>
        IsOptimizer(place) ? _code.Optimizers.OriginOf(place, _cancellation).Owners : ImmutableArray.Create(place);

    private bool IsOptimizer(Place place) => TorchSharpSymbols.Mentions(place.Type, _code.TorchSharp.Optimizer);
}
