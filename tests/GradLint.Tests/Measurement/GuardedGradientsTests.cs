using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>Which gradients a guard measures and clips, of whatever type, size and layout, and how it finds them again in each step.</summary>
public class GuardedGradientsTests
{
    private static readonly GradientGuardOptions s_measureOnly = new() { Clipping = null };

    [Fact]
    public void Gradients_whose_norm_overflows_single_precision_are_clipped_and_keep_their_direction()
    {
        using Weights model = Weights.OfZeros(2, size: 2).WithGradients(tensor(new[] { 3e20f, 0f }), tensor(new[] { 0f, -4e20f }));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Step(tensor(1f));

        Assert.Equal((StepOutcome.Clipped, StepReason.NormOverflow, true), (verdict.Outcome, verdict.Reason, verdict.StepApplied));
        Assert.Equal(1, verdict.GradientNorm / 5e20, 1e-6);
        Assert.Equal(["w1", "w0"], verdict.LeadingParameters);
        Assert.Equal([0.6, 0], model.Gradient(0), Close);
        Assert.Equal([0, -0.8], model.Gradient(1), Close);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_whose_norm_exceeds_the_range_of_double_are_clipped_and_keep_their_direction(bool throughMemory)
    {
        using Weights model = Weights.OfZeros(1, type: ScalarType.Float64).WithGradients(tensor(new[] { 1e308, -1e308, 1e308, 1e308 }));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, null, throughMemory);

        StepVerdict verdict = guard.Inspect();

        Assert.Equal((StepOutcome.Clipped, StepReason.NormOverflow), (verdict.Outcome, verdict.Reason));
        Assert.Equal(double.PositiveInfinity, verdict.GradientNorm);
        Assert.Equal([0.5, -0.5, 0.5, 0.5], model.Gradient(0), Close);
    }

    [Fact]
    public void Gradients_of_double_precision_whose_squares_overflow_have_their_true_norm()
    {
        using Weights model = Weights.OfZeros(1, type: ScalarType.Float64).WithGradients(full(4, 1e200, ScalarType.Float64));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Inspect();

        Assert.Equal((StepOutcome.Clipped, StepReason.NormOverflow), (verdict.Outcome, verdict.Reason));
        Assert.Equal(1, verdict.GradientNorm / 2e200, 1e-12);
        Assert.Equal([0.5, 0.5, 0.5, 0.5], model.Gradient(0), Close);
    }

    public static TheoryData<ScalarType, double> FiniteMagnitudes() => new()
    {
        { ScalarType.Float16, 1 }, { ScalarType.Float16, 3e4 }, { ScalarType.Float16, 6e4 },
        { ScalarType.BFloat16, 1 }, { ScalarType.BFloat16, 1e18 }, { ScalarType.BFloat16, 1e20 }, { ScalarType.BFloat16, 3e38 },
        { ScalarType.Float32, 1 }, { ScalarType.Float32, 1e18 }, { ScalarType.Float32, 1e20 }, { ScalarType.Float32, 3e38 },
        { ScalarType.Float64, 1 }, { ScalarType.Float64, 1e150 }, { ScalarType.Float64, 1e160 },
    };

    [Theory]
    [MemberData(nameof(FiniteMagnitudes))]
    public void The_norm_is_said_to_overflow_exactly_where_TorchSharp_gets_infinity(ScalarType type, double magnitude)
    {
        using Weights model = Weights.OfZeros(1, type: type).WithGradients(full(4, magnitude, type));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, s_measureOnly);

        StepVerdict verdict = guard.Inspect();
        double theirNorm = nn.utils.clip_grad_norm_(model.parameters(), 1);

        Assert.Equal(double.IsInfinity(theirNorm), verdict.Reason == StepReason.NormOverflow);
        Assert.Equal(1, verdict.GradientNorm / (2 * magnitude), 0.01);
    }

    [Theory]
    [InlineData(ScalarType.Float16, 1e4, 1e-3)]
    [InlineData(ScalarType.BFloat16, 1e4, 1e-2)]
    [InlineData(ScalarType.BFloat16, 1e38, 1e-2)]
    public void Sixteen_bit_gradients_are_clipped(ScalarType type, double magnitude, double tolerance)
    {
        using Weights model = Weights.OfZeros(1, size: 100, type: type).WithGradients(full(100, magnitude, type));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        Assert.Equal(StepOutcome.Clipped, guard.Inspect().Outcome);
        Assert.Equal(1, model.GradientNorm(), tolerance);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_may_mix_types(bool throughMemory)
    {
        using var model = new Weights(zeros(1), zeros(1, dtype: ScalarType.Float64), zeros(1, dtype: ScalarType.BFloat16));
        _ = model.WithGradients(tensor(new[] { 2f }), tensor(new[] { 3d }), full(1, 6, ScalarType.BFloat16));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, null, throughMemory);

        Assert.Equal(7, guard.Inspect().GradientNorm, 1e-6);
        Assert.Equal(1, model.GradientNorm(), 2e-3);
    }

    [Fact]
    public void A_parameter_that_is_used_twice_counts_once()
    {
        using Tensor value = zeros(4);
        var shared = new Parameter(value);
        using var model = new Tied(shared);
        shared.grad = ones(4) * 3;
        using optim.Optimizer optimizer = optim.SGD([shared, shared], 0.1);
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Inspect();

        Assert.Equal(6, verdict.GradientNorm, 1e-6);
        Assert.Equal(["first"], verdict.LeadingParameters);
        Assert.Equal([0.5, 0.5, 0.5, 0.5], shared.grad!.Doubles(), Close);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_output_layer_that_is_tied_to_an_embedding_counts_once(bool throughMemory)
    {
        using Embedding embedding = nn.Embedding(4, 3);
        using Linear output = nn.Linear(3, 4, hasBias: false);
        output.weight = embedding.weight!;
        using Sequential model = nn.Sequential(("embedding", embedding), ("output", output));
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);
        using Tensor batch = arange(4);
        (model.call(batch).sum() * 100).backward();
        double norm = embedding.weight!.grad!.norm().ToDouble();
        using var guard = GradientGuard.For(model, optimizer, null, throughMemory);

        StepVerdict verdict = guard.Inspect();

        Assert.Equal(norm, verdict.GradientNorm, 1e-4 * norm);
        Assert.Equal(["embedding.weight"], verdict.LeadingParameters);
        Assert.Equal(1, embedding.weight!.grad!.norm().ToDouble(), 1e-5);
    }

    [Fact]
    public void Gradients_of_several_micro_batches_are_judged_together()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, s_measureOnly);

        for (int microBatch = 0; microBatch < 2; microBatch++)
        {
            (model[0] * 3).sum().backward();
        }

        StepVerdict verdict = guard.Step(tensor(1f));

        Assert.Equal((12, 1L), (verdict.GradientNorm, verdict.Step));
    }

    [Fact]
    public void Parameters_without_a_gradient_are_passed_over()
    {
        using Weights model = Weights.OfZeros(3).WithGradients(null, ones(4), null);
        model[2].requires_grad = false;
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Step(tensor(1f));

        Assert.Equal((StepOutcome.Clipped, 2), (verdict.Outcome, verdict.GradientNorm));
        Assert.Equal(["w1"], verdict.LeadingParameters);
    }

    [Fact]
    public void Parameters_that_are_added_to_the_optimizer_later_are_guarded_too()
    {
        using Weights model = Weights.OfZeros(2).WithGradients(ones(4), full(4, float.NaN));
        using SGD optimizer = optim.SGD([model[0]], 0.1);
        using var guard = GradientGuard.For(model, optimizer);
        Assert.Equal(StepOutcome.Clipped, guard.Inspect().Outcome);

        optimizer.add_param_group(new SGD.ParamGroup([model[1]], new SGD.Options()));

        Assert.Equal(StepOutcome.Skipped, guard.Inspect().Outcome);
        Assert.Empty(guard.UnguardedParameters);
    }

    [Fact]
    public void Sparse_gradients_are_measured_and_clipped()
    {
        using Embedding model = nn.Embedding(10, 2, sparse: true);
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);
        using var guard = GradientGuard.For(model, optimizer);

        // Row 3 twice: its two entries add up.
        model.call(tensor(new long[] { 3, 3, 5 })).sum().backward();
        StepVerdict verdict = guard.Inspect();

        Assert.Equal(Math.Sqrt(10), verdict.GradientNorm, 1e-6);
        Assert.Equal(1, model.weight!.grad!.to_dense().norm().item<float>(), 1e-6);
    }

    [Fact]
    public void Every_gradient_handle_is_given_back()
    {
        using Weights model = Weights.OfZeros(20).WithGradients([.. Enumerable.Range(0, 20).Select(_ => ones(4))]);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);
        using Tensor loss = tensor(1f);
        using DisposeScope scope = NewDisposeScope();

        StepVerdict verdict = guard.Inspect(loss);

        Assert.Equal(StepOutcome.Clipped, verdict.Outcome);
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void A_gradient_that_was_replaced_is_noticed()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(ones(4));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, s_measureOnly);
        Assert.Equal(2, guard.Inspect().GradientNorm);

        model[0].grad = full(4, 3f);
        Assert.Equal(6, guard.Inspect().GradientNorm);

        model[0].grad = null;
        Assert.Equal(0, guard.Inspect().GradientNorm);

        (model[0] * 5).sum().backward();
        Assert.Equal(10, guard.Inspect().GradientNorm);
    }

    [Fact]
    public void Gradients_are_found_again_after_the_scope_of_the_training_loop_has_ended()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(ones(4));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, s_measureOnly);
        for (int i = 0; i < 3; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Assert.Equal(2, guard.Inspect().GradientNorm);
        }
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-6;

    private sealed class Tied : nn.Module
    {
        public Tied(Parameter shared)
            : base("tied")
        {
            register_parameter("first", shared);
            register_parameter("second", shared);
        }
    }
}
