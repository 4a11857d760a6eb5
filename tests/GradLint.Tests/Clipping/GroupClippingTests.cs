using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

public class GroupClippingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_parameter_group_is_clipped_at_its_own_threshold(bool throughMemory)
    {
        using Weights model = Weights.OfZeros(4).WithGradients(full(4, 5f), full(4, 5f), full(4, 5f), full(4, 5f));
        using optim.Optimizer optimizer = Groups([model[0], model[2]], [model[1]], [model[3]]);
        using var guard = GradientGuard.For(
            model, optimizer, new() { GroupClipping = [new GlobalNormClipping(2), new ValueClipping(1), null] }, throughMemory);

        StepVerdict verdict = guard.Inspect();

        Assert.Equal((StepOutcome.Clipped, 20.0), (verdict.Outcome, Math.Round(verdict.GradientNorm, 5)));
        Assert.Null(verdict.Threshold);
        Assert.Equal(2, Math.Sqrt(8) * model.Gradient(0)[0], 1e-5);
        Assert.Equal(model.Gradient(0), model.Gradient(2));
        Assert.Equal([1, 1, 1, 1], model.Gradient(1));
        Assert.Equal([5, 5, 5, 5], model.Gradient(3));
    }

    [Fact]
    public void Groups_beyond_the_list_are_clipped_together_in_the_usual_way()
    {
        using Weights model = Weights.OfZeros(3).WithGradients(full(4, 5f), full(4, 3f), full(4, 4f));
        using optim.Optimizer optimizer = Groups([model[0]], [model[1]], [model[2]]);
        using var guard = GradientGuard.For(model, optimizer, new() { GroupClipping = [null] });

        Assert.Equal(StepOutcome.Clipped, guard.Inspect().Outcome);

        Assert.Equal([5, 5, 5, 5], model.Gradient(0));
        Assert.Equal(0.3, model.Gradient(1)[0], 1e-6);
        Assert.Equal(0.4, model.Gradient(2)[0], 1e-6);
    }

    [Fact]
    public void A_group_that_is_added_later_joins()
    {
        using Weights model = Weights.OfZeros(2).WithGradients(full(4, 5f), full(4, 5f));
        using optim.Optimizer optimizer = Groups([model[0]]);
        using var guard = GradientGuard.For(model, optimizer, new() { GroupClipping = [null, new GlobalNormClipping(1)] });
        Assert.Equal(StepOutcome.Applied, guard.Inspect().Outcome);

        optimizer.add_param_group(new SGD.ParamGroup([model[1]]));

        Assert.Equal(StepOutcome.Clipped, guard.Inspect().Outcome);
        Assert.Equal(0.5, model.Gradient(1)[0], 1e-6);
    }

    [Fact]
    public void A_threshold_that_makes_no_sense_is_refused()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();

        Assert.Throws<ArgumentException>(() => GradientGuard.For(model, optimizer, new() { GroupClipping = [null, new GlobalNormClipping(-1)] }));
    }

    private static SGD Groups(params Parameter[][] groups) =>
        optim.SGD(Array.ConvertAll(groups, group => new SGD.ParamGroup(group)), 0.1);
}
