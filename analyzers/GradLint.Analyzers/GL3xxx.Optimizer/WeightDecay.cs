using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>Tells optimizers that are created without a word about weight decay.</summary>
internal sealed class WeightDecay(TorchSharpSymbols torchSharp, LearningRates rates, SourceNames names)
{
    public const string Setting = "weight_decay";

    /// <summary>The name of the optimizer whose creation leaves its weight decay out; null where it says it, or may say it elsewhere.</summary>
    public string? OptimizerWithout(IOperation creation, CancellationToken cancellation) =>
        torchSharp.IsOptimizer(creation.Type)
        && rates.OptimizerOf(creation) is { } optimizer
        && OptimizerSetting.Find(creation, Setting) is { IsWritten: false }
        && !GroupsMaySetIt(creation)
        && !names.IsMemberAssigned(Setting, cancellation)
            ? optimizer
            : null;

    /// <summary>Parameter groups have settings of their own; groups that are made elsewhere may have any.</summary>
    private bool GroupsMaySetIt(IOperation creation)
    {
        IOperation? parameters = creation switch
        {
            IInvocationOperation call => call.FirstArgument(),
            IObjectCreationOperation created => created.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0)?.Value,
            _ => null,
        };
        if (parameters is null || !TorchSharpSymbols.Mentions(parameters.WalkDownConversions()?.Type, torchSharp.ParamGroup))
        {
            return false;
        }

        IObjectCreationOperation[] groups = parameters.DescendantsAndSelf()
            .OfType<IObjectCreationOperation>()
            .Where(group => TorchSharpSymbols.IsOrDerivesFrom(group.Type, torchSharp.ParamGroup) || TorchSharpSymbols.IsOrDerivesFrom(group.Type, torchSharp.OptimizerOptions))
            .ToArray();
        return groups.Length == 0 || groups.Any(group => OptimizerSetting.Find(group, Setting) is { IsWritten: true });
    }
}
