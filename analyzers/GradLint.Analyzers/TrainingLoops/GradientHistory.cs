using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.TrainingLoops;

/// <summary>What can have become of some parameters' gradients when the code gets somewhere; several may hold.</summary>
[Flags]
internal enum GradientStates
{
    /// <summary>Not reached.</summary>
    None = 0,

    /// <summary>Whatever they were when the function was called.</summary>
    AsGiven = 1,

    /// <summary>Cleared, with nothing added since.</summary>
    Empty = 2,

    /// <summary>Cleared after backward had filled them and before any step took them.</summary>
    Wiped = 4,

    /// <summary>Filled by backward, not stepped along yet.</summary>
    Fresh = 8,

    /// <summary>Stepped along already.</summary>
    Used = 16,

    /// <summary>Anything: something happened that cannot be told.</summary>
    Unclear = 32,
}

/// <summary>How one function treats the gradients of one network, in order, on every path.</summary>
internal sealed class GradientHistory
{
    private readonly FunctionFlow _flow;
    private readonly Dictionary<SyntaxNode, GradientStates> _before = [];
    private readonly Func<FlowEvent, GradientStep> _classify;

    private GradientHistory(FunctionFlow flow, Func<FlowEvent, GradientStep> classify)
    {
        _flow = flow;
        _classify = classify;
        Run();
    }

    /// <summary>The history of the gradients that the kinship tells from others.</summary>
    public static GradientHistory? Of(GradientKinship gradients, FunctionBody function, TrainingCode code, CancellationToken cancellation)
    {
        if (FunctionFlow.Of(function, code, cancellation) is not { } flow)
        {
            return null;
        }

        var steps = new Dictionary<FlowEvent, GradientStep>();
        return new GradientHistory(flow, happening =>
            steps.TryGetValue(happening, out GradientStep step) ? step : steps[happening] = Classify(happening, gradients));
    }

    /// <summary>Whether the function, or what it calls, runs backward at all.</summary>
    public bool SeesBackward => _flow.Events.Any(happening => happening.Effects.Any(effect => effect.Kind == TrainingActionKind.Backward));

    /// <summary>Whether the function, or what it calls, steps along these gradients.</summary>
    public bool SeesStep => _flow.Events.Any(happening => _classify(happening) == GradientStep.Use);

    /// <summary>What holds right before the code at a site.</summary>
    public GradientStates Before(SyntaxNode site) => _before.TryGetValue(site, out GradientStates states) ? states : GradientStates.Unclear;

    /// <summary>What happens next to the gradients after a site.</summary>
    public Sequel After(SyntaxNode site)
    {
        var sequel = Sequel.None;
        var seen = new HashSet<(int Block, bool AfterBackward)>();
        var open = new Stack<(int Block, int Event, bool AfterBackward)>();
        for (int i = 0; i < _flow.Blocks.Length; i++)
        {
            int index = IndexOf(_flow.Blocks[i].Events, site);
            if (index >= 0)
            {
                open.Push((i, index + 1, false));
            }
        }

        while (open.Count > 0)
        {
            (int block, int start, bool afterBackward) = open.Pop();
            if (Follow(_flow.Blocks[block].Events, start, site, ref afterBackward, ref sequel))
            {
                foreach (int next in _flow.Blocks[block].Successors)
                {
                    if (seen.Add((next, afterBackward)))
                    {
                        open.Push((next, 0, afterBackward));
                    }
                }
            }
        }

        return sequel;
    }

    /// <summary>Goes on through a block's events; false where something ends the search on this path.</summary>
    private bool Follow(ImmutableArray<FlowEvent> events, int start, SyntaxNode site, ref bool afterBackward, ref Sequel sequel)
    {
        for (int i = start; i < events.Length; i++)
        {
            if (events[i].Site == site)
            {
                sequel |= afterBackward ? Sequel.SameAgainAfterBackward : Sequel.None;
                return false;
            }

            switch (_classify(events[i]))
            {
                case GradientStep.Fill:
                    afterBackward = true;
                    break;
                case GradientStep.Clear:
                    sequel |= afterBackward ? Sequel.ClearAfterBackward : Sequel.Clear;
                    return false;
                case GradientStep.Use:
                    sequel |= afterBackward ? Sequel.StepAfterBackward : Sequel.Step;
                    return false;
                case GradientStep.Unclear:
                    sequel |= Sequel.Unclear;
                    return false;
            }
        }

        return true;
    }

    private static int IndexOf(ImmutableArray<FlowEvent> events, SyntaxNode site)
    {
        for (int i = 0; i < events.Length; i++)
        {
            if (events[i].Site == site)
            {
                return i;
            }
        }

        return -1;
    }

    private void Run()
    {
        var atStart = new GradientStates[_flow.Blocks.Length];
        atStart[0] = GradientStates.AsGiven;
        var open = new Queue<int>([0]);
        while (open.Count > 0)
        {
            int current = open.Dequeue();
            GradientStates states = atStart[current];
            foreach (FlowEvent happening in _flow.Blocks[current].Events)
            {
                _before[happening.Site] = states;
                states = Apply(_classify(happening), states);
            }

            foreach (int next in _flow.Blocks[current].Successors)
            {
                GradientStates merged = atStart[next] | states;
                if (merged != atStart[next])
                {
                    atStart[next] = merged;
                    open.Enqueue(next);
                }
            }
        }
    }

    private static GradientStates Apply(GradientStep step, GradientStates states) => step switch
    {
        GradientStep.Fill => GradientStates.Fresh | (states & GradientStates.Unclear),
        GradientStep.Use => GradientStates.Used,
        GradientStep.Clear => Cleared(states),
        GradientStep.Unclear => GradientStates.Unclear,
        _ => states,
    };

    private static GradientStates Cleared(GradientStates states)
    {
        GradientStates wiped = (states & (GradientStates.Fresh | GradientStates.Wiped)) != 0 ? GradientStates.Wiped : GradientStates.None;
        return (states & ~(GradientStates.Fresh | GradientStates.Wiped)) != 0 ? wiped | GradientStates.Empty : wiped;
    }

    /// <summary>What an event does to the gradients as a whole. What happens in a call happens in an order that is not known here.</summary>
    private static GradientStep Classify(FlowEvent happening, GradientKinship kinship)
    {
        GradientStep? only = null;
        foreach (Effect effect in happening.Effects)
        {
            GradientStep step = Classify(effect, happening.Site, kinship);
            if (step != GradientStep.Nothing)
            {
                only = only is null || only == step ? step : GradientStep.Unclear;
            }
        }

        return only ?? GradientStep.Nothing;
    }

    private static GradientStep Classify(Effect effect, SyntaxNode site, GradientKinship kinship)
    {
        GradientStep step = effect.Kind switch
        {
            TrainingActionKind.Backward => GradientStep.Fill,
            TrainingActionKind.Clear => GradientStep.Clear,
            TrainingActionKind.Step => GradientStep.Use,
            TrainingActionKind.HandOver => GradientStep.Unclear,

            // Code that writes into gradients by itself may fill them as well as scale them.
            TrainingActionKind.Clip when !IsLibraryClip(site) => GradientStep.Unclear,
            _ => GradientStep.Nothing,
        };
        if (step is GradientStep.Nothing or GradientStep.Fill)
        {
            return step;
        }

        return kinship.Of(effect.Target) switch
        {
            true => step,
            null => GradientStep.Unclear,
            false => GradientStep.Nothing,
        };
    }

    private static bool IsLibraryClip(SyntaxNode site) =>
        site is InvocationExpressionSyntax call && FileNames.NameOf(call.Expression) is "clip_grad_norm_" or "clip_grad_value_";

    private enum GradientStep
    {
        Nothing,
        Fill,
        Clear,
        Use,
        Unclear,
    }
}

/// <summary>What comes next on some path: before backward adds to the gradients, or after.</summary>
[Flags]
internal enum Sequel
{
    None = 0,
    Step = 1,
    Clear = 2,
    StepAfterBackward = 4,
    ClearAfterBackward = 8,
    SameAgainAfterBackward = 16,
    Unclear = 32,
}
