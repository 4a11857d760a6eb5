using System;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;

namespace GradLint.Rules;

/// <summary>An initializer made for one activation in front of another, and the decades that it costs.</summary>
/// <param name="Call">The call.</param>
/// <param name="Growth">The growth as it stands.</param>
/// <param name="Repaired">The growth with the initializer that fits.</param>
internal sealed record MismatchedInitialization(InitializerCall Call, double Growth, double Repaired) : FlowFinding(Call.Location, RuleLevel.Advice)
{
    /// <summary>Judged in the network whose slopes are repaired: an initializer does not have to fit a slope that is a mistake.</summary>
    public static MismatchedInitialization? Find(InitializerCall call, NetworkGraph graph, GradientFlow flow, double decades) =>
        call.Initializer is XavierUniform or XavierNormal or KaimingUniform or KaimingNormal or KaimingGain
        && call.Activation != Activation.Identity
        && flow.Growth is { } growth
        && Math.Abs(growth) >= decades
        && call.Model.Predict(call.Repair(graph)).Growth is { } repaired
        && Math.Abs(growth) - Math.Abs(repaired) >= decades
            ? new MismatchedInitialization(call, growth, repaired)
            : null;
}
