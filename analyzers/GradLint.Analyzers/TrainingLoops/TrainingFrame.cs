using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;

namespace GradLint.TrainingLoops;

/// <summary>
/// A function that takes part in the training of some parameters: it steps their optimizer, creates it, or calls what does.
/// </summary>
internal sealed class TrainingFrame
{
    private readonly TrainingCode _code;
    private readonly CancellationToken _cancellation;

    /// <param name="code">All training code of the compilation.</param>
    /// <param name="function">The function.</param>
    /// <param name="site">Where in it the training is: the step, the creation of the optimizer, or the call that leads to one.</param>
    /// <param name="optimizers">The optimizer, as this function names it.</param>
    /// <param name="models">What others know about whose parameters are trained, as this function names it.</param>
    /// <param name="cancellation">Stops the search.</param>
    public TrainingFrame(
        TrainingCode code, FunctionBody function, SyntaxNode site, IEnumerable<Place> optimizers, IEnumerable<Place> models, CancellationToken cancellation)
    {
        _code = code;
        _cancellation = cancellation;
        Function = function;
        Site = site;
        Optimizers = optimizers.ToImmutableArray();
        Models = models.Concat(Optimizers.SelectMany(optimizer => code.Optimizers.OriginOf(optimizer, cancellation).Owners)).Distinct().ToImmutableArray();
    }

    public FunctionBody Function { get; }

    public SyntaxNode Site { get; }

    public ImmutableArray<Place> Optimizers { get; }

    /// <summary>Whose parameters are trained; empty where this function cannot tell.</summary>
    public ImmutableArray<Place> Models { get; }

    /// <summary>Whether anything of the kind happens, in the whole function or what it calls, to what is trained.</summary>
    public bool Sees(params TrainingActionKind[] kinds) => SeesIn(Function, Function.Node, kinds);

    public bool SeesWithin(SyntaxNode region, params TrainingActionKind[] kinds) => SeesIn(Function, region, kinds);

    /// <summary>The same for another function that shares this one's fields.</summary>
    public bool SeesIn(FunctionBody function, SyntaxNode region, params TrainingActionKind[] kinds) =>
        _code.EffectsWithin(function, region, _cancellation)
            .Any(effect => kinds.Contains(effect.Kind) && !IsLocalOf(function, effect.Target) && Concerns(effect.Target));

    /// <summary>Those who call this function, with what is trained in their terms; none where nothing of it is theirs.</summary>
    public IEnumerable<TrainingFrame> FindCallers()
    {
        foreach ((FunctionBody caller, FunctionCall call) in _code.CallersOf(Function, _cancellation))
        {
            List<Place> optimizers = Lift(Optimizers, call);
            List<Place> models = Lift(Models, call);
            if (optimizers.Count + models.Count > 0)
            {
                yield return new TrainingFrame(_code, caller, call.Site, optimizers, models, _cancellation);
            }
        }
    }

    /// <summary>A local of another function is not what this function means.</summary>
    private bool IsLocalOf(FunctionBody function, Place? place) => function != Function && place?.Root.Symbol is ILocalSymbol;

    /// <summary>Whether what happens to a place happens to what is trained here. In doubt it does.</summary>
    private bool Concerns(Place? place)
    {
        if (place is null || Optimizers.Any(place.IsRelatedTo) || Models.Any(place.IsRelatedTo))
        {
            return true;
        }

        TorchSharpSymbols torchSharp = _code.TorchSharp;
        return TorchSharpSymbols.Mentions(place.Type, torchSharp.Optimizer)
            ? _code.Optimizers.OriginOf(place, _cancellation).Owners.Any(owner => Models.Any(owner.IsRelatedTo))
            : !BelongsToAnotherOptimizer(place);
    }

    private bool BelongsToAnotherOptimizer(Place model) =>
        _code.EffectsWithin(Function, Function.Node, _cancellation)
            .Where(effect => effect.Kind == TrainingActionKind.Step && effect.Target is not null && !Optimizers.Any(effect.Target.IsRelatedTo))
            .Any(effect => _code.Optimizers.OriginOf(effect.Target!, _cancellation).Owners.Any(model.IsRelatedTo));

    private List<Place> Lift(ImmutableArray<Place> places, FunctionCall call)
    {
        var lifted = new List<Place>();
        foreach (Place place in places)
        {
            if (call.TryLift(place, Function, out Place? outer) && outer is not null)
            {
                lifted.Add(outer);
            }
        }

        return lifted;
    }
}
