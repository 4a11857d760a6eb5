using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

[Collection(nameof(OwnRandomNumbers))]
public class FailureLocatorTests
{
    [Fact]
    public void The_first_layer_whose_output_is_not_finite_is_named()
    {
        using Sequential model = Model(nn.ReLU());
        using (no_grad())
        {
            _ = model.get_parameter("first.weight")!.fill_(0.5);
            _ = model.get_parameter("first.bias")!.zero_();
            _ = model.get_parameter("second.weight")!.fill_(3e38);
        }

        FailureOrigin origin = Locate(model, () => model.call(ones(2, 4)).sum());

        Assert.Equal((true, "second"), (origin.Reproduced, origin.OutputOf));
        Assert.StartsWith("The output of second is the first that is not finite; the largest magnitude in its input is 2.", origin.Report);
    }

    [Fact]
    public void The_layer_in_whose_backward_pass_the_gradient_explodes_is_named()
    {
        // The square root's derivative at 0 is infinite; its value is not.
        using Sequential model = Model(new Root());
        using (no_grad())
        {
            _ = model.get_parameter("first.weight")!.zero_();
            _ = model.get_parameter("first.bias")!.zero_();
        }

        FailureOrigin origin = Locate(model, () => model.call(ones(2, 4)).sum());

        Assert.Equal((true, null, "activation"), (origin.Reproduced, origin.OutputOf, origin.GradientOf));
        Assert.Equal(
            "Every layer's output and the loss are finite. The gradient is not finite from the backward pass of activation on.",
            origin.Report);
    }

    [Fact]
    public void A_gradient_that_explodes_after_the_last_layer_is_told_from_one_that_does_within()
    {
        using Sequential model = Model(nn.ReLU());

        FailureOrigin origin = Locate(model, () => (model.call(ones(2, 4)) * 0).sqrt().sum());

        Assert.Equal((true, null), (origin.Reproduced, origin.GradientOf));
        Assert.EndsWith("The gradient is not finite from what follows second on.", origin.Report);
    }

    [Fact]
    public void A_batch_that_is_in_order_when_it_is_repeated_does_not_reproduce_the_failure()
    {
        using Sequential model = Model(nn.ReLU(inplace: true));

        FailureOrigin origin = Locate(model, () => model.call(ones(2, 4)).sum());

        Assert.Equal((false, null, null), (origin.Reproduced, origin.OutputOf, origin.GradientOf));
    }

    [Fact]
    public void Nothing_is_changed_by_looking()
    {
        using Sequential model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 1));
        model.call(randn(8, 4)).sum().backward();
        byte[][] State() =>
        [
            .. model.state_dict().Values.Select(tensor => tensor.Bits()),
            .. model.parameters().Select(parameter => parameter.grad!.Bits()),
            get_rng_state().Bits(),
        ];
        byte[][] before = State();

        _ = Locate(model, () => model.call(full(new long[] { 8, 4 }, float.NaN)).sum());

        Assert.Equal(before, State());
        Assert.True(model.call(randn(8, 4)).isfinite().all().item<bool>());
    }

    private static FailureOrigin Locate(nn.Module model, Func<Tensor> loss)
    {
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);
        using var guard = GradientGuard.For(model, optimizer, new() { MaxInitialWeight = double.PositiveInfinity });
        return guard.Locate(loss);
    }

    private static Sequential Model(nn.Module<Tensor, Tensor> activation) =>
        nn.Sequential(("first", nn.Linear(4, 3)), ("activation", activation), ("second", nn.Linear(3, 2)));

    private sealed class Root() : nn.Module<Tensor, Tensor>("root")
    {
        public override Tensor forward(Tensor input) => input.sqrt();
    }
}
