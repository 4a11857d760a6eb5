using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>The path for other devices, taken on the CPU: what it finds and does is what the path through memory does.</summary>
[Collection(nameof(OwnRandomNumbers))]
public class FlatGradientsTests
{
    [Theory]
    [InlineData("SGD with momentum")]
    [InlineData("Adam")]
    public void A_training_through_flat_gradients_gets_the_same_losses_and_norms(string optimizer)
    {
        StepVerdict[] near = Train(optimizer, throughMemory: true);
        StepVerdict[] far = Train(optimizer, throughMemory: false);

        Assert.Contains(near, verdict => verdict.Outcome == StepOutcome.Clipped);
        Assert.Equal(near.Select(verdict => verdict.Outcome), far.Select(verdict => verdict.Outcome));
        Assert.All(near.Zip(far), pair =>
        {
            Assert.Equal(1, pair.First.GradientNorm / pair.Second.GradientNorm, 1e-3);
            Assert.Equal(1, pair.First.Loss!.Value / pair.Second.Loss!.Value, 1e-3);
            Assert.Equal(pair.First.LeadingParameters, pair.Second.LeadingParameters);
        });
    }

    [Fact]
    public void Gradients_stay_views_of_the_buffer_through_backward_and_zero_grad()
    {
        using Weights model = Weights.OfZeros(2);
        using optim.Optimizer optimizer = model.Sgd();
        using GradientGuard guard = Guard(model, optimizer);
        (model[0].sum() + model[1].sum()).backward();
        _ = guard.Inspect();
        using Tensor view = model[1].grad!;

        optimizer.zero_grad();
        (model[0].sum() + (3 * model[1].sum())).backward();

        Assert.Equal([3, 3, 3, 3], view.Doubles());
        Assert.Equal(Math.Sqrt(4 + 36), guard.Inspect().GradientNorm, 1e-6);
    }

    [Fact]
    public void Types_may_be_mixed_and_each_element_counts()
    {
        using var model = new Weights(
            zeros(3000), zeros(1, dtype: ScalarType.Float64), zeros([2, 3], dtype: ScalarType.BFloat16), zeros(5, dtype: ScalarType.Float16), zeros(0));
        _ = model.WithGradients(
            full(3000, 0.1), full(1, 3, ScalarType.Float64), full(new long[] { 2, 3 }, 2, ScalarType.BFloat16), full(5, 1, ScalarType.Float16),
            zeros(0));
        using optim.Optimizer optimizer = model.Sgd();
        using GradientGuard guard = Guard(model, optimizer);

        Assert.Equal(Math.Sqrt(30 + 9 + 24 + 5), guard.Inspect().GradientNorm, 1e-5);
        Assert.Equal(1, model.GradientNorm(), 2e-3);
    }

    [Fact]
    public void A_parameter_without_a_gradient_is_not_given_one_and_one_that_lost_its_gradient_no_longer_counts()
    {
        using Weights model = Weights.OfZeros(3).WithGradients(ones(4), ones(4), null);
        using optim.Optimizer optimizer = model.Sgd();
        using GradientGuard guard = Guard(model, optimizer);
        Assert.Equal(Math.Sqrt(8), guard.Inspect().GradientNorm, 1e-6);

        _ = model.WithGradients(ones(4), null, null);

        Assert.Equal(2, guard.Inspect().GradientNorm, 1e-6);
        Assert.Null(model[1].grad);
        Assert.Null(model[2].grad);
    }

    [Fact]
    public void A_gradient_that_someone_puts_in_place_is_taken_in()
    {
        using Weights model = Weights.OfZeros(2).WithGradients(ones(4), ones(4));
        using optim.Optimizer optimizer = model.Sgd();
        using GradientGuard guard = Guard(model, optimizer);
        _ = guard.Inspect();

        model[1].grad = full(4, 10f);

        Assert.Equal(["w1", "w0"], guard.Inspect().LeadingParameters);
        Assert.Equal(1, model.GradientNorm(), 1e-5);
    }

    [Fact]
    public void What_is_not_finite_huge_or_tiny_is_told_as_it_is_in_memory()
    {
        foreach (float value in (float[])[float.NaN, float.NegativeInfinity, 3e38f, 1e-30f, 0])
        {
            using Weights near = Weights.OfZeros(2).WithGradients(ones(4), full(4, value));
            using Weights far = Weights.OfZeros(2).WithGradients(ones(4), full(4, value));
            using optim.Optimizer nearOptimizer = near.Sgd();
            using optim.Optimizer farOptimizer = far.Sgd();
            using var nearGuard = GradientGuard.For(near, nearOptimizer);
            using GradientGuard farGuard = Guard(far, farOptimizer);

            (StepVerdict expected, StepVerdict actual) = (nearGuard.Step(ones(1)), farGuard.Step(ones(1)));

            Assert.Equal(
                (expected.Outcome, expected.Reason, expected.LeadingParameters[0]), (actual.Outcome, actual.Reason, actual.LeadingParameters[0]));
            Assert.Equal(near.Gradient(1), far.Gradient(1), (x, y) => x.Equals(y) || Math.Abs(x - y) <= 1e-6 * Math.Abs(x));
        }
    }

    [Fact]
    public void Tied_and_frozen_parameters_and_those_of_later_groups_are_measured_as_in_memory()
    {
        using Weights model = Weights.OfZeros(3).WithGradients(ones(4), zeros(4), ones(4));
        model[1].requires_grad = false;
        using optim.Optimizer optimizer = optim.SGD([model[0], model[0], model[1]], 0.1);
        using GradientGuard guard = Guard(model, optimizer);
        Assert.Equal(2, guard.Inspect().GradientNorm, 1e-6);

        optimizer.add_param_group(new SGD.ParamGroup([model[2]]));
        _ = model.WithGradients(ones(4), zeros(4), ones(4));

        Assert.Equal(Math.Sqrt(8), guard.Inspect().GradientNorm, 1e-6);
    }

    [Fact]
    public void A_sparse_gradient_stays_where_it_is()
    {
        using Tensor indices = tensor(new long[,] { { 1 } });
        using var model = new Weights(zeros(3, 2), zeros(4));
        _ = model.WithGradients(sparse_coo_tensor(indices, full(new long[] { 1, 2 }, 3f), [3, 2]), ones(4));
        using optim.Optimizer optimizer = model.Sgd();
        using GradientGuard guard = Guard(model, optimizer);

        Assert.Equal(Math.Sqrt(18 + 4), guard.Inspect().GradientNorm, 1e-5);
        Assert.True(model[0].grad!.is_sparse);
        Assert.Equal(1, model.GradientNorm(), 1e-5);
    }

    /// <summary>Each operation gives a tensor, so as many tensors are as many operations.</summary>
    [Fact]
    public void The_number_of_operations_in_a_step_does_not_depend_on_the_number_of_parameters()
    {
        Assert.Equal(TensorsPerStep(parameters: 3), TensorsPerStep(parameters: 200));
        Assert.InRange(TensorsPerStep(parameters: 200), 1, 20);
    }

    private static long TensorsPerStep(int parameters)
    {
        using Weights model = Weights.OfZeros(parameters).WithGradients([.. Enumerable.Range(0, parameters).Select(_ => ones(4))]);
        using optim.Optimizer optimizer = model.Sgd();
        using GradientGuard guard = GradientGuard.For(model, optimizer, new() { Recovery = null }, throughMemory: false);
        using Tensor loss = ones(1);
        _ = guard.Inspect(loss);
        using DisposeScope scope = NewDisposeScope();
        _ = model[0].grad!.mul_(1e6);
        long before = Created();
        Assert.Equal(StepOutcome.Clipped, guard.Inspect(loss).Outcome);
        return Created() - before;
    }

    private static long Created() =>
        DisposeScopeManager.Statistics.TensorStatistics.CreatedInScopeCount
        + DisposeScopeManager.Statistics.TensorStatistics.CreatedOutsideScopeCount;

    private static GradientGuard Guard(nn.Module model, optim.Optimizer optimizer) =>
        GradientGuard.For(model, optimizer, null, throughMemory: false);

    private static StepVerdict[] Train(string optimizer, bool throughMemory)
    {
        _ = manual_seed(3);
        using Sequential model = nn.Sequential(nn.Linear(5, 40), nn.BatchNorm1d(40), nn.ReLU(), nn.Linear(40, 1));
        using optim.Optimizer stepped = Training.Optimizers[optimizer](model);
        using var guard = GradientGuard.For(model, stepped, null, throughMemory);
        var verdicts = new List<StepVerdict>();
        for (int step = 0; step < 40; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            stepped.zero_grad();
            Tensor x = randn(16, 5);
            Tensor loss = nn.functional.mse_loss(model.call(x), 5 * x.sum(1, keepdim: true));
            loss.backward();
            verdicts.Add(guard.Step(loss));
        }

        return [.. verdicts];
    }
}
