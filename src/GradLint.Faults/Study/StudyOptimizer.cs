using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>An optimizer that a study trains with.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Create">Makes it for a model's parameters.</param>
public sealed record StudyOptimizer(string Name, Func<nn.Module, optim.Optimizer> Create)
{
    /// <summary>SGD, SGD with momentum, Adam, AdamW and RMSprop, with rates that suit <see cref="StandardModels"/>.</summary>
    public static IReadOnlyList<StudyOptimizer> Standard { get; } =
    [
        new("SGD", model => optim.SGD(model.parameters(), 0.1)),
        new("momentum", model => optim.SGD(model.parameters(), 0.01, momentum: 0.9)),
        new("Adam", model => optim.Adam(model.parameters(), 0.005)),
        new("AdamW", model => optim.AdamW(model.parameters(), 0.005, weight_decay: 0.01)),
        new("RMSprop", model => optim.RMSProp(model.parameters(), 0.003)),
    ];
}
