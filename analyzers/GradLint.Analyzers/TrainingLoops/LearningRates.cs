using System;
using System.Collections.Immutable;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>Reads the learning rate that an optimizer, a parameter group or an options object is created with.</summary>
internal sealed class LearningRates(TorchSharpSymbols torchSharp, Numbers numbers)
{
    /// <summary>What creates an optimizer or configures one: functions and types have the same names.</summary>
    public static readonly ImmutableHashSet<string> Optimizers = ImmutableHashSet.Create(
        "SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSProp", "Rprop", "Adagrad", "Adadelta", "ASGD", "LBFGS", "ParamGroup", "Options");

    public LearningRate? Find(IOperation creation, CancellationToken cancellation)
    {
        if (OptimizerOf(creation) is not { } optimizer || OptimizerSetting.Find(creation, "lr", "learningRate", "LearningRate") is not { } setting)
        {
            return null;
        }

        if (numbers.Read(setting.Value, cancellation) is not { Value: > 0 } rate || double.IsInfinity(rate.Value))
        {
            return null;
        }

        return new LearningRate(
            optimizer,
            rate.Value,
            rate.Value * MomentumFactor(creation, cancellation),
            setting.IsWritten ? setting.Value.Syntax : creation.Syntax,
            setting.IsWritten ? rate.WrittenAt : creation.Syntax,
            setting.Missing);
    }

    /// <summary>The rate that an assignment gives the groups of an optimizer that is made as told.</summary>
    public LearningRate? FindAssigned(ISimpleAssignmentOperation assignment, IOperation creation, CancellationToken cancellation) =>
        OptimizerOf(creation) is { } optimizer
        && numbers.Read(assignment.Value, cancellation) is { Value: > 0 } rate
        && !double.IsInfinity(rate.Value)
            ? new LearningRate(
                optimizer, rate.Value, rate.Value * MomentumFactor(creation, cancellation), assignment.Value.Syntax, rate.WrittenAt, MissingArgument: null)
            : null;

    /// <summary>The name of the optimizer that is created or configured: <c>SGD</c> for <c>SGD.ParamGroup</c>, too.</summary>
    public string? OptimizerOf(IOperation creation)
    {
        ITypeSymbol? type = creation switch
        {
            IInvocationOperation { Instance: null } call when TorchSharpSymbols.IsMemberOf(call.TargetMethod, torchSharp.Optim) => call.Type,
            IObjectCreationOperation created => created.Type,
            _ => null,
        };
        if (type is null || !torchSharp.Declares(type))
        {
            return null;
        }

        bool configures = TorchSharpSymbols.IsOrDerivesFrom(type, torchSharp.ParamGroup) || TorchSharpSymbols.IsOrDerivesFrom(type, torchSharp.OptimizerOptions);
        return torchSharp.IsOptimizer(type) ? type.Name : configures ? type.ContainingType?.Name : null;
    }

    /// <summary>The number that a setting is given; null where it is not fixed.</summary>
    public double? ReadNumber(OptimizerSetting setting, CancellationToken cancellation) => numbers.Read(setting.Value, cancellation)?.Value;

    /// <summary>What steps add up to once momentum has built up.</summary>
    private double MomentumFactor(IOperation creation, CancellationToken cancellation)
    {
        double momentum = NumberOr(0, OptimizerSetting.Find(creation, "momentum"), cancellation);
        double dampening = NumberOr(0, OptimizerSetting.Find(creation, "dampening"), cancellation);
        return momentum is > 0 and < 1 ? Math.Max(1, (1 - dampening) / (1 - momentum)) : 1;
    }

    private double NumberOr(double fallback, OptimizerSetting? setting, CancellationToken cancellation) =>
        setting is null ? fallback : ReadNumber(setting, cancellation) ?? fallback;
}

/// <summary>A learning rate in the source.</summary>
/// <param name="Optimizer">The name of the optimizer's type.</param>
/// <param name="Value">The rate.</param>
/// <param name="Effective">What it amounts to once momentum has built up.</param>
/// <param name="Site">Where it is passed, or the creation that leaves it out.</param>
/// <param name="WrittenAt">Where the number itself is written.</param>
/// <param name="MissingArgument">The name of the parameter whose default is used; null where the rate is written.</param>
internal sealed record LearningRate(
    string Optimizer, double Value, double Effective, SyntaxNode Site, SyntaxNode WrittenAt, string? MissingArgument);
