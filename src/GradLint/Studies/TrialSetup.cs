using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>How one trial of a <see cref="MitigationStudy"/> is trained: what a <see cref="Mitigation"/> changes.</summary>
public sealed record TrialSetup
{
    /// <summary>The model, freshly initialized. Whoever replaces it builds the new one of its layers.</summary>
    public required nn.Module<Tensor, Tensor> Model { get; init; }

    /// <summary>Makes the optimizer.</summary>
    public required Func<IEnumerable<Parameter>, optim.Optimizer> Optimizer { get; init; }

    /// <summary>How gradients are clipped; null not at all.</summary>
    public GradientClipping? Clipping { get; init; }

    /// <summary>See <see cref="TrainerOptions.WeightDecay"/>.</summary>
    public double WeightDecay { get; init; }

    /// <summary>See <see cref="TrainerOptions.GradientPenalty"/>.</summary>
    public double GradientPenalty { get; init; }

    /// <summary>How many samples a batch has.</summary>
    public required int BatchSize { get; init; }
}
