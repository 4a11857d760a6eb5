using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>A small model that is trained under a guard: with random numbers in the forward pass, and buffers that change in it.</summary>
internal sealed class Training : IDisposable
{
    public Training(string optimizer, int seed = 6, RecoveryOptions? recovery = null)
    {
        _ = manual_seed(seed);
        Model = nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3), nn.Linear(6, 1));
        Optimizer = Optimizers[optimizer](Model);
        Guard = GradientGuard.For(Model, Optimizer, new() { Recovery = recovery ?? new() });
    }

    public static IReadOnlyDictionary<string, Func<nn.Module, optim.Optimizer>> Optimizers { get; } =
        new Dictionary<string, Func<nn.Module, optim.Optimizer>>
        {
            ["SGD"] = model => optim.SGD(model.parameters(), 0.01),
            ["SGD with momentum"] = model => optim.SGD(model.parameters(), 0.01, momentum: 0.9),
            ["Adam"] = model => optim.Adam(model.parameters(), 0.01),
            ["Adam with amsgrad"] = model => optim.Adam(model.parameters(), 0.01, amsgrad: true),
            ["AdamW"] = model => optim.AdamW(model.parameters(), 0.01, weight_decay: 0.1),
            ["RMSprop"] = model => optim.RMSProp(model.parameters(), 0.01, momentum: 0.9, centered: true),
            ["Adagrad"] = model => optim.Adagrad(model.parameters(), 0.01),
            ["Adadelta"] = model => optim.Adadelta(model.parameters(), 0.01),
            ["Adamax"] = model => optim.Adamax(model.parameters(), 0.01),
            ["NAdam"] = model => optim.NAdam(model.parameters(), 0.01),
            ["RAdam"] = model => optim.RAdam(model.parameters(), 0.01),
            ["ASGD"] = model => optim.ASGD(model.parameters(), 0.01),
            ["Rprop"] = model => optim.Rprop(model.parameters(), 0.01),
        };

    public Sequential Model { get; }

    public optim.Optimizer Optimizer { get; }

    public GradientGuard Guard { get; }

    /// <summary>Parameters and buffers, to the bit.</summary>
    public byte[][] Bits => [.. Model.state_dict().Values.Select(tensor => tensor.Bits())];

    public byte[] GuardState
    {
        get
        {
            using var stream = new MemoryStream();
            Guard.SaveState(stream);
            return stream.ToArray();
        }
    }

    /// <summary>On batches that torch's own random numbers give.</summary>
    public void Train(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            using var scope = NewDisposeScope();
            _ = Next(randn(8, 5));
        }
    }

    public StepVerdict Next(Tensor batch)
    {
        using var scope = NewDisposeScope();
        Optimizer.zero_grad();
        Tensor loss = Model.call(batch).square().mean();
        loss.backward();
        return Guard.Step(loss);
    }

    public void Dispose()
    {
        Guard.Dispose();
        Optimizer.Dispose();
        Model.Dispose();
    }
}
