using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Something that people are told to try against exploding gradients, as a change of a training.</summary>
/// <param name="Name">A few words, for the table.</param>
/// <param name="Apply">Changes the training. <see cref="NotSupportedException"/> says that it does not apply to this model, and why.</param>
public sealed record Mitigation(string Name, Func<TrialSetup, TrialSetup> Apply)
{
    /// <summary>The training as it is, with nothing done about gradients. The guard measures and steps, whatever it sees.</summary>
    public static Mitigation None { get; } = new("none", setup => setup);

    /// <summary>All that this library knows, <see cref="None"/> first, with their usual settings.</summary>
    /// <param name="learningRate">The rate of the optimizers that adapt it. Default 0.001, the usual one of Adam.</param>
    public static IReadOnlyList<Mitigation> All(double learningRate = 1e-3) =>
    [
        None,
        Clip("clip global norm 1", new GlobalNormClipping()),
        Clip("clip per layer", new PerLayerNormClipping()),
        Clip("clip by value", new ValueClipping()),
        Clip("adaptive clipping", new AdaptiveGradientClipping()),
        Clip("clip at percentile", new PercentileClipping()),
        Clip("clip at z-score", new ZScoreClipping()),
        Clip("clip at baseline", new BaselineClipping()),
        Change("He initialization", ModelChanges.InitializeHe),
        Change("Xavier initialization", ModelChanges.InitializeXavier),
        Rebuild("batch norm", ModelChanges.WithBatchNorm),
        Rebuild("layer norm", ModelChanges.WithLayerNorm),
        Optimize("Adam", parameters => optim.Adam(parameters, learningRate)),
        Optimize("RMSprop", parameters => optim.RMSProp(parameters, learningRate)),
        Optimize("AdaGrad", parameters => optim.Adagrad(parameters, learningRate)),
        Rebuild("leaky ReLU", model => ModelChanges.WithRectifier(model, () => nn.LeakyReLU(0.01))),
        Rebuild("ELU", model => ModelChanges.WithRectifier(model, () => nn.ELU())),
        new("gradient penalty 0.1", setup => setup with { GradientPenalty = 0.1 }),
        new("weight decay 0.01", setup => setup with { WeightDecay = 0.01 }),
        Rebuild("half the depth", ModelChanges.WithHalfTheDepth),
        Rebuild("skip connections", ModelChanges.WithSkips),
        new("batch size x 4", setup => setup with { BatchSize = 4 * setup.BatchSize }),
    ];

    private static Mitigation Clip(string name, GradientClipping clipping) => new(name, setup => setup with { Clipping = clipping });

    private static Mitigation Optimize(string name, Func<IEnumerable<Parameter>, optim.Optimizer> optimizer) =>
        new(name, setup => setup with { Optimizer = optimizer });

    private static Mitigation Rebuild(string name, Func<nn.Module, nn.Module<Tensor, Tensor>> change) =>
        new(name, setup => setup with { Model = change(setup.Model) });

    private static Mitigation Change(string name, Action<nn.Module> change) => new(name, setup =>
    {
        change(setup.Model);
        return setup;
    });
}
