using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>One guard for each optimizer, as in a generative adversarial network.</summary>
[Collection(nameof(OwnRandomNumbers))]
public class SeveralOptimizersTests
{
    [Fact]
    public void Generator_and_discriminator_are_each_guarded_with_their_own_optimizer()
    {
        _ = manual_seed(5);
        using Sequential generator = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1));
        using Sequential discriminator = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1));
        using optim.Optimizer ofGenerator = optim.Adam(generator.parameters(), 0.01);
        using optim.Optimizer ofDiscriminator = optim.Adam(discriminator.parameters(), 0.01);
        using var generatorGuard = GradientGuard.For(generator, ofGenerator);
        using var discriminatorGuard = GradientGuard.For(discriminator, ofDiscriminator);
        Tensor Loss(Tensor judged, double truth) =>
            nn.functional.binary_cross_entropy_with_logits(judged, full_like(judged, truth));
        for (int step = 0; step < 300; step++)
        {
            using var scope = NewDisposeScope();
            bool isBad = step == 100;
            Tensor fake = generator.call(randn(32, 2));
            ofDiscriminator.zero_grad();
            Tensor loss = Loss(discriminator.call((0.5 * randn(32, 1)) + 2), 1) + Loss(discriminator.call(fake.detach()), 0);
            (isBad ? loss * double.NaN : loss).backward();
            Assert.Equal(!isBad, discriminatorGuard.Step(loss).StepApplied);
            // Its gradients are those of the generator's loss, too: the discriminator's own step comes after a zero_grad.
            ofGenerator.zero_grad();
            loss = Loss(discriminator.call(fake), 1);
            loss.backward();
            Assert.True(generatorGuard.Step(loss).StepApplied);
        }

        using IDisposable noGradient = no_grad();
        Assert.InRange(generator.call(randn(1000, 2)).mean().item<float>(), 1f, 3f);
        Assert.Equal((300, 1), (discriminatorGuard.Summary.Steps, discriminatorGuard.Summary.Skipped));
        Assert.Equal(0, generatorGuard.Summary.Skipped);
    }

    [Fact]
    public void Of_a_model_with_several_optimizers_each_guard_measures_and_restores_what_its_own_steps()
    {
        using Weights model = Weights.OfZeros(2).WithGradients(full(4, 0.1), full(4, 0.2));
        using optim.Optimizer first = optim.SGD([model[0]], 0.1);
        using optim.Optimizer second = optim.SGD([model[1]], 0.1);
        using var firstGuard = GradientGuard.For(model, first);
        using var secondGuard = GradientGuard.For(model, second);

        Assert.Equal(0.2, firstGuard.Step(ones(1)).GradientNorm, 1e-6);
        Assert.Equal(0.4, secondGuard.Step(ones(1)).GradientNorm, 1e-6);
        Assert.Equal(["w1"], firstGuard.UnguardedParameters);
        Assert.Equal(-0.01, model.Values(0)[0], 1e-8);
        Assert.Equal(-0.02, model.Values(1)[0], 1e-8);

        using (no_grad())
        {
            _ = model[0].fill_(double.NaN);
        }

        _ = firstGuard.Step(full(1, double.NaN));
        Assert.Equal(StepOutcome.RolledBack, firstGuard.Step(full(1, double.NaN)).Outcome);
        Assert.Equal(0, model.Values(0)[0], 1e-8);
        Assert.Equal(-0.02, model.Values(1)[0], 1e-8);
    }

    [Fact]
    public void A_poisoned_micro_batch_costs_its_step_and_no_other()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);
        StepVerdict[] verdicts =
        [
            .. Enumerable.Range(0, 3).Select(step =>
            {
                optimizer.zero_grad();
                for (int microBatch = 0; microBatch < 4; microBatch++)
                {
                    ((model[0] + 1).sum() * (step == 1 && microBatch == 2 ? float.NaN : 0.05f)).backward();
                }

                return guard.Step(ones(1));
            }),
        ];

        Assert.Equal([StepOutcome.Applied, StepOutcome.Skipped, StepOutcome.Applied], verdicts.Select(verdict => verdict.Outcome));
        Assert.Equal([0.4, 0.4], [Math.Round(verdicts[0].GradientNorm, 5), Math.Round(verdicts[2].GradientNorm, 5)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Layers_may_be_frozen_and_unfrozen_while_training(bool throughMemory)
    {
        _ = manual_seed(5);
        using Sequential model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1));
        using optim.Optimizer optimizer = optim.Adam(model.parameters(), 0.01);
        using var guard = GradientGuard.For(model, optimizer, null, throughMemory);
        using Tensor x = randn(8, 3);
        double Train(bool frozen)
        {
            foreach (Parameter parameter in model.parameters().Take(2))
            {
                parameter.requires_grad = !frozen;
            }

            optimizer.zero_grad();
            using Tensor loss = model.call(x).square().mean();
            loss.backward();
            StepVerdict verdict = guard.Step(loss);
            Assert.True(verdict.StepApplied);
            double expected = Math.Sqrt(model.parameters().Where(p => p.requires_grad).Sum(p => p.grad!.Doubles().Sum(g => g * g)));
            Assert.Equal(Math.Min(1, verdict.GradientNorm), expected, 1e-5);
            return expected;
        }

        Assert.All((bool[])[true, false, true, false], frozen => Train(frozen));
    }
}
