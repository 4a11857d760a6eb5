using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

public class GradientGuardTests
{
    private static readonly GradientGuardOptions s_measureOnly = new() { Clipping = null };

    [Fact]
    public void A_small_gradient_is_applied_as_it_is()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(tensor(new[] { 0.1f, -0.2f, 0.3f, 0f }));
        using optim.Optimizer optimizer = model.Sgd(learningRate: 1);
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Step(tensor(0.5f));

        Assert.Equal((StepOutcome.Applied, StepReason.Finite, true), (verdict.Outcome, verdict.Reason, verdict.StepApplied));
        Assert.Equal(Math.Sqrt(0.14), verdict.GradientNorm, 1e-7);
        Assert.Equal((0.5, 1.0, 1L), (verdict.Loss, verdict.Threshold, verdict.Step));
        Assert.Equal([0.1f, -0.2f, 0.3f, 0f], model.Gradient(0).Select(x => (float)x));
        Assert.Equal([-0.1f, 0.2f, -0.3f, 0f], model.Values(0).Select(x => (float)x));
    }

    [Fact]
    public void A_large_gradient_is_clipped_to_the_threshold_and_keeps_its_direction()
    {
        using Weights model = Weights.OfZeros(1, size: 2).WithGradients(tensor(new[] { 30f, -40f }));
        using optim.Optimizer optimizer = model.Sgd(learningRate: 1);
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = new GlobalNormClipping(5) });

        StepVerdict verdict = guard.Step(tensor(1f));

        Assert.Equal((StepOutcome.Clipped, StepReason.Finite, true), (verdict.Outcome, verdict.Reason, verdict.StepApplied));
        Assert.Equal((50, 5), (verdict.GradientNorm, verdict.Threshold));
        Assert.Equal([3f, -4f], model.Gradient(0).Select(x => (float)x));
        Assert.Equal([-3f, 4f], model.Values(0).Select(x => (float)x));
    }

    [Fact]
    public void A_norm_at_the_threshold_is_not_clipped()
    {
        using Weights model = Weights.OfZeros(1, size: 2).WithGradients(tensor(new[] { 3f, 4f }));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = new GlobalNormClipping(5) });

        Assert.Equal(StepOutcome.Applied, guard.Inspect().Outcome);
        Assert.Equal([3d, 4d], model.Gradient(0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clipping_agrees_with_TorchSharp_in_the_ordinary_case(bool throughMemory)
    {
        manual_seed(1);
        using var ours = new Mlp();
        using var theirs = new Mlp();
        _ = theirs.load_state_dict(ours.state_dict());
        using Tensor x = randn(32, 20) * 10;
        using Tensor y = randn(32, 3) * 10;
        foreach (Mlp model in (Mlp[])[ours, theirs])
        {
            nn.functional.mse_loss(model.call(x), y).backward();
        }

        using optim.Optimizer optimizer = optim.SGD(ours.parameters(), 0.1);
        using var guard = GradientGuard.For(ours, optimizer, new() { Clipping = new GlobalNormClipping(0.5) }, throughMemory);
        StepVerdict verdict = guard.Inspect();
        double norm = nn.utils.clip_grad_norm_(theirs.parameters(), 0.5);

        Assert.Equal(StepOutcome.Clipped, verdict.Outcome);
        Assert.Equal(1, verdict.GradientNorm / norm, 1e-6);
        foreach ((Parameter mine, Parameter other) in ours.parameters().Zip(theirs.parameters()))
        {
            // clip_grad_norm_ adds 1e-6 to the norm that it divides by.
            Assert.True(allclose(mine.grad!, other.grad! * ((norm + 1e-6) / norm), rtol: 1e-6, atol: 1e-12));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_gradient_that_is_not_finite_is_skipped_and_named_and_nothing_else_changes(float bad)
    {
        using Weights model = Weights.OfZeros(3).WithGradients(ones(4), tensor(new[] { 1f, bad, 1f, 1f }), ones(4));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Step(tensor(1f));

        Assert.Equal((StepOutcome.Skipped, StepReason.NonFiniteGradient, false), (verdict.Outcome, verdict.Reason, verdict.StepApplied));
        Assert.Equal(["w1"], verdict.LeadingParameters);
        Assert.Equal(double.NaN, verdict.GradientNorm);
        Assert.Equal([1, 1, 1, 1], model.Gradient(0));
        Assert.Equal([1, bad, 1, 1], model.Gradient(1));
        Assert.All(Enumerable.Range(0, 3), i => Assert.All(model.Values(i), value => Assert.Equal(0, value)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_loss_that_is_not_finite_is_skipped_although_the_gradients_are_finite(float loss)
    {
        using Weights model = Weights.OfZeros(1).WithGradients(ones(4));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Step(tensor(loss));

        Assert.Equal((StepOutcome.Skipped, StepReason.NonFiniteLoss, false), (verdict.Outcome, verdict.Reason, verdict.StepApplied));
        Assert.Equal(2, verdict.GradientNorm);
        Assert.Equal([0, 0, 0, 0], model.Values(0));
    }

    [Fact]
    public void A_skipped_step_leaves_parameters_and_the_state_of_Adam_bit_for_bit()
    {
        manual_seed(2);
        using var model = new Mlp();
        using Adam optimizer = optim.Adam(model.parameters(), 0.01, weight_decay: 0.1);
        using var guard = GradientGuard.For(model, optimizer);
        using Tensor x = randn(8, 20);
        StepVerdict Train(float scale)
        {
            optimizer.zero_grad();
            Tensor loss = model.call(x).square().mean() * scale;
            loss.backward();
            return guard.Step(loss);
        }

        Assert.True(Train(1).StepApplied);
        byte[][] before = Snapshot(model, optimizer);

        Assert.Equal(StepOutcome.Skipped, Train(float.NaN).Outcome);
        Assert.Equal(before, Snapshot(model, optimizer));

        Assert.True(Train(1).StepApplied);
        Assert.NotEqual(before, Snapshot(model, optimizer));
    }

    [Fact]
    public void A_step_before_any_backward_changes_nothing()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Step(tensor(1f));

        Assert.Equal((StepOutcome.Applied, 0), (verdict.Outcome, verdict.GradientNorm));
        Assert.Empty(verdict.LeadingParameters);
    }

    [Theory]
    [InlineData(0.1f, StepOutcome.Applied)]
    [InlineData(10f, StepOutcome.Clipped)]
    [InlineData(float.NaN, StepOutcome.Skipped)]
    public void Inspect_never_steps(float gradient, StepOutcome expected)
    {
        using Weights model = Weights.OfZeros(1).WithGradients(full(4, gradient));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Inspect();

        Assert.Equal((expected, false, null), (verdict.Outcome, verdict.StepApplied, verdict.Loss));
        Assert.Equal([0, 0, 0, 0], model.Values(0));
    }

    [Fact]
    public void Without_a_threshold_the_guard_measures_and_leaves_finite_gradients_alone()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(full(4, 1e20));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, s_measureOnly);

        StepVerdict verdict = guard.Inspect();

        Assert.Equal((StepOutcome.Applied, StepReason.NormOverflow), (verdict.Outcome, verdict.Reason));
        Assert.Equal([1e20f, 1e20f, 1e20f, 1e20f], model.Gradient(0).Select(x => (float)x));
    }

    [Fact]
    public void Told_not_to_skip_the_guard_reports_what_is_not_finite_and_steps()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(full(4, float.NaN));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { SkipNonFinite = false });

        StepVerdict verdict = guard.Step(tensor(1f));

        Assert.Equal((StepOutcome.Applied, StepReason.NonFiniteGradient, true), (verdict.Outcome, verdict.Reason, verdict.StepApplied));
    }

    [Fact]
    public void Told_not_to_skip_the_guard_still_clips_finite_gradients_of_a_loss_that_is_not_finite()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(ones(4));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { SkipNonFinite = false });

        StepVerdict verdict = guard.Step(tensor(float.NaN));

        Assert.Equal((StepOutcome.Clipped, StepReason.NonFiniteLoss), (verdict.Outcome, verdict.Reason));
        Assert.Equal([0.5, 0.5, 0.5, 0.5], model.Gradient(0), Close);
    }

    [Fact]
    public void Leading_parameters_are_those_with_the_largest_norms()
    {
        using Weights model = Weights.OfZeros(5, size: 1).WithGradients(
            full(1, 2f), full(1, 5f), full(1, 1f), full(1, 4f), full(1, 3f));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);
        using var terse = GradientGuard.For(model, optimizer, new() { LeadingParameters = 0 });

        Assert.Equal(["w1", "w3", "w4"], guard.Inspect().LeadingParameters);
        Assert.Empty(terse.Inspect().LeadingParameters);
    }

    [Fact]
    public void Of_many_parameters_that_are_not_finite_the_last_in_the_model_are_named()
    {
        using Weights model = Weights.OfZeros(5).WithGradients([.. Enumerable.Repeat(full(4, float.NaN), 4), ones(4)]);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        Assert.Equal(["w3", "w2", "w1"], guard.Inspect().LeadingParameters);
    }

    [Fact]
    public void Each_optimizer_of_a_model_gets_its_own_guard()
    {
        using Weights model = Weights.OfZeros(2).WithGradients(full(4, 5f), full(4, float.NaN));
        using optim.Optimizer first = optim.SGD([model[0]], 0.1);
        using optim.Optimizer second = optim.SGD([model[1]], 0.1);
        using var firstGuard = GradientGuard.For(model, first);
        using var secondGuard = GradientGuard.For(model, second);

        StepVerdict verdict = firstGuard.Step(tensor(1f));
        Assert.Equal((StepOutcome.Clipped, 10), (verdict.Outcome, verdict.GradientNorm));
        Assert.Equal(StepOutcome.Skipped, secondGuard.Step(tensor(1f)).Outcome);
        Assert.Equal(["w1"], firstGuard.UnguardedParameters);
    }

    [Fact]
    public void A_step_allocates_nothing_once_the_guard_is_warm()
    {
        using Weights model = Weights.OfZeros(20).WithGradients([.. Enumerable.Range(0, 20).Select(i => full(4, (i * 7 % 20) + 1f))]);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = new GlobalNormClipping(1) });
        using Tensor loss = tensor(1f);
        long Allocated(int steps)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < steps; i++)
            {
                _ = guard.Inspect(loss);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // Memory for the second snapshot is taken in step 101, for the third, which reuses the first one's, none.
        _ = Allocated(150);

        // What the runtime allocates on the thread while it recompiles hot code comes once, and a snapshot, which takes a little, in every second round;
        // what a step allocated would come in all of them.
        Assert.Equal(0, Enumerable.Range(0, 6).Min(_ => Allocated(50)));
    }

    [Fact]
    public void A_forgotten_backward_is_told()
    {
        using Weights model = Weights.OfZeros(2);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        StepVerdict verdict = guard.Step(tensor(0.7f));

        Assert.Equal((StepOutcome.Applied, StepReason.NoGradient, true), (verdict.Outcome, verdict.Reason, verdict.StepApplied));
        Assert.Equal(
            "step 1: applied, but no parameter has a gradient (was backward() called?), loss 0.7", verdict.ToString());
        Assert.Equal(StepReason.Finite, guard.Inspect(model.WithGradients(zeros(4))[0].sum()).Reason);
    }

    public static TheoryData<string> Optimizers => [.. Training.Optimizers.Keys];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_step_without_gradients_changes_nothing(string optimizer)
    {
        using var training = new Training(optimizer);
        byte[][] before = training.Bits;

        Assert.Equal(StepReason.NoGradient, training.Guard.Step(tensor(0.7f)).Reason);

        Assert.Equal(before, training.Bits);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void A_loss_of_any_type_is_read(ScalarType type)
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        Assert.Equal(1.5, guard.Step(full(1, 1.5, type)).Loss);
        Assert.Equal(StepReason.NonFiniteLoss, guard.Step(full(1, double.NaN, type)).Reason);
    }

    [Fact]
    public void A_guard_whose_model_was_moved_says_so()
    {
        using Linear model = nn.Linear(3, 2);
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);
        using var guard = GradientGuard.For(model, optimizer);
        _ = model.to(ScalarType.Float64);

        string message = Assert.Throws<InvalidOperationException>(() => guard.Inspect()).Message;

        Assert.StartsWith("The model's parameters were replaced or disposed since the guard was attached", message);
    }

    [Fact]
    public void A_loss_with_several_elements_is_refused()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        var error = Assert.Throws<ArgumentException>(() => guard.Step(ones(3)));

        Assert.StartsWith("The loss has 3 elements; the guard needs the one that backward() was called on.", error.Message);
    }

    [Fact]
    public void A_complex_loss_is_refused()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);

        Assert.StartsWith("The loss is a complex number", Assert.Throws<ArgumentException>(() => guard.Step(ones(1, ScalarType.ComplexFloat32))).Message);
    }

    [Fact]
    public void A_disposed_guard_cannot_be_used()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        var guard = GradientGuard.For(model, optimizer);
        guard.Dispose();

        Assert.Throws<ObjectDisposedException>(() => guard.Step(tensor(1f)));
        Assert.Throws<ObjectDisposedException>(() => guard.Inspect());
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-6;

    private static byte[][] Snapshot(Mlp model, Adam optimizer) =>
        [.. model.parameters().Select(p => p.Bits()), .. optimizer.state_dict().State.Cast<Adam.State>().SelectMany(BitsOf)];

    private static byte[][] BitsOf(Adam.State state) =>
        [BitConverter.GetBytes(state.step), state.exp_avg.Bits(), state.exp_avg_sq.Bits()];

    private sealed class Mlp : nn.Module<Tensor, Tensor>
    {
        private readonly Linear _hidden = nn.Linear(20, 30);
        private readonly Linear _output = nn.Linear(30, 3);

        public Mlp()
            : base("mlp") => RegisterComponents();

        public override Tensor forward(Tensor input) => _output.call(nn.functional.relu(_hidden.call(input)));
    }
}
