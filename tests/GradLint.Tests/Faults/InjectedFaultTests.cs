using GradLint.Faults;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>What becomes of a small training when something goes wrong in the middle of it.</summary>
[Collection(nameof(OwnRandomNumbers))]
public class InjectedFaultTests
{
    private const int Steps = 400;
    private const int FaultAt = 150;

    private static readonly Dictionary<string, Func<nn.Module, optim.Optimizer>> s_optimizers = new()
    {
        ["SGD"] = model => optim.SGD(model.parameters(), 0.1),
        ["momentum"] = model => optim.SGD(model.parameters(), 0.02, momentum: 0.9),
        ["Adam"] = model => optim.Adam(model.parameters(), 0.01),
        ["AdamW"] = model => optim.AdamW(model.parameters(), 0.01, weight_decay: 0.01),
        ["RMSprop"] = model => optim.RMSProp(model.parameters(), 0.01),
    };

    private static readonly Dictionary<string, Fault> s_faults = new()
    {
        ["NaN"] = new(FaultKind.NotANumber, FaultAt),
        ["ten times NaN"] = new(FaultKind.NotANumber, FaultAt, Steps: 10),
        ["Inf"] = new(FaultKind.Infinity, FaultAt),
        ["spike x 100"] = new(FaultKind.Spike, FaultAt, Factor: 100),
        ["spike x 1e6"] = new(FaultKind.Spike, FaultAt, Factor: 1e6),
        ["ten spikes x 1000"] = new(FaultKind.Spike, FaultAt, Steps: 10),
        ["overflow"] = new(FaultKind.Overflow, FaultAt),
        ["corrupt weight"] = new(FaultKind.CorruptWeight, FaultAt, Factor: 1e6),
        ["learning rate x 1000"] = new(FaultKind.LearningRate, FaultAt),
    };

    public static TheoryData<string> Optimizers => [.. s_optimizers.Keys];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_guarded_training_ends_within_5_percent_of_one_where_nothing_went_wrong(string optimizer)
    {
        double clean = FinalLoss(optimizer, fault: null, guarded: true);
        string[] failures =
        [
            .. from fault in s_faults
               let loss = FinalLoss(optimizer, fault.Value, guarded: true)
               where !(loss <= 1.05 * clean)
               select $"{fault.Key}: {loss:G4} after {clean:G4}",
        ];

        Assert.Empty(failures);
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_guard_does_not_harm_a_training_where_nothing_goes_wrong(string optimizer) =>
        Assert.InRange(FinalLoss(optimizer, fault: null, guarded: true), 0, 1.05 * FinalLoss(optimizer, fault: null, guarded: false));

    [Theory]
    [InlineData("NaN")]
    [InlineData("Inf")]
    [InlineData("learning rate x 1000")]
    public void The_faults_do_harm_a_training_that_is_only_clipped(string fault) =>
        Assert.False(FinalLoss("SGD", s_faults[fault], guarded: false) <= 2 * FinalLoss("SGD", fault: null, guarded: false));

    [Fact]
    public void A_fault_that_makes_no_sense_is_refused()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        foreach (Fault fault in (Fault[])[new(FaultKind.Spike, 0), new(FaultKind.Spike, 1, 0), new(FaultKind.Spike, 1, 1, double.NaN)])
        {
            Assert.Throws<ArgumentException>(() => new FaultInjector(model, optimizer, fault));
        }
    }

    /// <summary>On data with noise, whose variance of 0.25 is what a good model reaches.</summary>
    private static double FinalLoss(string optimizerName, Fault? fault, bool guarded)
    {
        _ = manual_seed(10);
        using Sequential model = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 1));
        using optim.Optimizer optimizer = s_optimizers[optimizerName](model);
        using var guard = GradientGuard.For(model, optimizer);
        var faults = new FaultInjector(model, optimizer, fault is null ? [] : [fault]);
        using Tensor x = randn(Steps, 32, 4);
        using Tensor y = Target(x) + (0.5 * randn(Steps, 32, 1));
        for (int step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor loss = nn.functional.mse_loss(model.call(x[step]), y[step]);
            loss.backward();
            loss = faults.Inject(loss);
            if (guarded)
            {
                _ = guard.Step(loss);
            }
            else
            {
                _ = nn.utils.clip_grad_norm_(model.parameters(), 1);
                _ = optimizer.step();
            }
        }

        using var end = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        return nn.functional.mse_loss(model.call(x.reshape(-1, 4)), y.reshape(-1, 1)).item<float>();
    }

    private static Tensor Target(Tensor x) =>
        (2 * x.narrow(-1, 0, 1)) - x.narrow(-1, 1, 1) + (x.narrow(-1, 2, 1) * x.narrow(-1, 3, 1)).tanh();
}
