using System.Collections.Immutable;
using System.Linq;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>What happens to learning rates: schedules are made and move on, rates are assigned.</summary>
internal sealed partial class FunctionReader
{
    /// <summary>The property of parameter groups that holds their rate.</summary>
    public const string LearningRate = "LearningRate";

    private static readonly ImmutableHashSet<string> s_schedulersWithOwnRate =
        ImmutableHashSet.Create("LambdaLR", "MultiplicativeLR", "OneCycleLR", "CyclicLR");

    private bool IsAboutSchedules(IMethodSymbol method) =>
        TorchSharpSymbols.IsMemberOf(method, _torchSharp.Schedulers) || TorchSharpSymbols.IsOrDerivesFrom(method.ContainingType, _torchSharp.Scheduler);

    private void AddScheduleAction(IInvocationOperation call, IMethodSymbol method)
    {
        if (TorchSharpSymbols.IsMemberOf(method, _torchSharp.Schedulers))
        {
            Place? optimizer = _places.Find(call.FirstArgument(), _cancellation);
            Add(s_schedulersWithOwnRate.Contains(method.Name) ? TrainingActionKind.OverrideRate : TrainingActionKind.Schedule, optimizer, call);
        }
        else if (method.Name == "step")
        {
            Add(TrainingActionKind.AdvanceSchedule, FindScheduled(call.Instance), call);
        }
    }

    /// <summary>
    /// The optimizer that a variable's or field's schedule was made for; null where the making cannot be seen, and the schedule itself where it was made
    /// for an optimizer that no variable holds.
    /// </summary>
    private Place? FindScheduled(IOperation? scheduler) =>
        CreationOf(scheduler) is { } creation && TorchSharpSymbols.IsMemberOf(creation.TargetMethod, _torchSharp.Schedulers)
            ? _places.Find(creation.FirstArgument(), _cancellation) ?? _places.Find(scheduler, _cancellation)
            : null;

    /// <summary>Whether the target of an assignment is the learning rate of parameter groups in use.</summary>
    internal static bool IsLearningRate(IOperation target, TorchSharpSymbols torchSharp) =>
        target is IPropertyReferenceOperation { Property: { Name: LearningRate, ContainingType: { } type } property, Instance: not null }
        && torchSharp.Declares(property)
        && (SymbolEqualityComparer.Default.Equals(type, torchSharp.RateController) || type.AllInterfaces.Contains(torchSharp.RateController!, SymbolEqualityComparer.Default));

    private void AddRateAction(IAssignmentOperation assignment) =>
        Add(TrainingActionKind.SetRate, _places.Find(((IPropertyReferenceOperation)assignment.Target).Instance, _cancellation), assignment);
}
