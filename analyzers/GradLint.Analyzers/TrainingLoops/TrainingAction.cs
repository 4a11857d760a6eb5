using Microsoft.CodeAnalysis;

namespace GradLint.TrainingLoops;

/// <summary>What a piece of training code does, to gradients above all.</summary>
internal enum TrainingActionKind
{
    /// <summary>Sets gradients to zero or null.</summary>
    Clear,

    /// <summary>Runs a module.</summary>
    Forward,

    /// <summary>Adds to the gradients of everything that the loss depends on.</summary>
    Backward,

    /// <summary>Limits or scales gradients, with the library's functions or by hand.</summary>
    Clip,

    /// <summary>Lets GradLint's guard look after the gradients.</summary>
    Guard,

    /// <summary>Lets an optimizer change the weights.</summary>
    Step,

    /// <summary>Gives an optimizer a schedule that computes the learning rate by itself, so that the rate it was created with says little.</summary>
    OverrideRate,

    /// <summary>Gives an optimizer a schedule.</summary>
    Schedule,

    /// <summary>Lets a schedule move on: <c>scheduler.step()</c>.</summary>
    AdvanceSchedule,

    /// <summary>Assigns an optimizer a learning rate while it is in use.</summary>
    SetRate,

    /// <summary>Gets ready to only look at what a network does: <c>eval()</c>, <c>no_grad()</c>.</summary>
    Evaluate,

    /// <summary>Hands a model or an optimizer to a library whose code cannot be read: it may do anything.</summary>
    HandOver,
}

/// <summary>What happens, and to what; no place means that it cannot be told to what, so it may be anything.</summary>
internal readonly record struct Effect(TrainingActionKind Kind, Place? Target);

/// <summary>An effect at the very spot in a function's own code that causes it.</summary>
internal sealed record TrainingAction(Effect Effect, IOperation Operation)
{
    public TrainingActionKind Kind => Effect.Kind;

    public Place? Target => Effect.Target;

    public SyntaxNode Site => Operation.Syntax;
}
