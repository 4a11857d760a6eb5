using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Tests.Flow;

[Collection(nameof(OwnRandomNumbers))]
public class FlowMeasurementTests
{
    [Fact]
    public void Gradient_norms_are_those_of_backward()
    {
        manual_seed(2);
        using Sequential model = Models.ReluStack(3, 8);
        Tensor x = randn(16, 8);

        FlowMeasurement flow = FlowMeasurement.Of(model, x, output => output.square().mean());

        model.call(x).square().mean().backward();
        string[] names = ["fc1", "fc2", "fc3"];
        Assert.Equal(names, flow.Layers.Select(layer => layer.Name));
        Assert.All(flow.Layers, layer => Assert.Equal(Log10Norm(model.get_parameter($"{layer.Name}.weight")!.grad!), layer.Log10GradientNorm!.Value, 5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Growth_and_second_moments_are_those_at_the_layers_outputs(bool inPlace)
    {
        manual_seed(3);
        using Sequential model = Models.ReluStack(2, 8, inPlace: inPlace);
        Tensor x = randn(16, 8);

        FlowMeasurement flow = FlowMeasurement.Of(model, x, output => output.pow(3).sum());

        Tensor first = ((Linear)model[0]).forward(x).detach().requires_grad_();
        Tensor last = ((Linear)model[2]).forward(relu(first));
        Tensor atLast = 3 * last.square();
        last.pow(3).sum().backward();
        Assert.Equal(Log10Norm(first.grad!) - Log10Norm(atLast), flow.Growth!.Value, 5);
        Assert.Equal(Math.Log10(first.square().mean().item<float>()), flow.Layers[0].Log10SecondMoment!.Value, 5);
        Assert.Equal(last.pow(3).sum().item<float>(), flow.Loss, 3);
    }

    [Fact]
    public void The_model_stays_as_it_was()
    {
        manual_seed(4);
        using Sequential model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 1));
        byte[][] before = Bits(model);

        FlowMeasurement.Of(model, randn(8, 4) + 3, output => output.mean());

        Assert.Equal(before, Bits(model));
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void Nothing_listens_any_more_after_a_measurement_that_failed()
    {
        manual_seed(4);
        using Sequential model = Models.ReluStack(3, 4);
        Assert.Throws<NotSupportedException>(() => FlowMeasurement.Of(model, randn(2, 4), _ => throw new NotSupportedException()));

        FlowMeasurement flow = FlowMeasurement.Of(model, randn(2, 4), output => output.mean());

        Assert.Equal(3, flow.Layers.Count);
        Assert.NotNull(flow.Growth);
    }

    [Fact]
    public void A_layer_that_is_called_by_forward_has_a_gradient_but_no_signal()
    {
        manual_seed(5);
        using TwoLayers seen = new();
        using TwoLayers unseen = new(byCall: false);

        Assert.NotNull(FlowMeasurement.Of(seen, randn(4, 3), output => output.mean()).Growth);
        FlowMeasurement flow = FlowMeasurement.Of(unseen, randn(4, 3), output => output.mean());
        Assert.Null(flow.Growth);
        MeasuredLayer last = flow.Layers[^1];
        Assert.Equal(("_first", null), (last.Name, last.Log10SignalNorm));
        Assert.NotNull(last.Log10GradientNorm);
    }

    [Fact]
    public void Weights_outside_of_known_layers_are_measured_too()
    {
        manual_seed(6);
        using OwnMatrix model = new();

        MeasuredLayer layer = Assert.Single(FlowMeasurement.Of(model, randn(4, 3), output => output.mean()).Layers);

        Assert.Equal(("_matrix", "Parameter"), (layer.Name, layer.Kind));
        Assert.NotNull(layer.Log10GradientNorm);
    }

    [Fact]
    public void A_layer_that_is_used_twice_is_listed_twice_with_the_gradient_of_both()
    {
        manual_seed(7);
        using Linear linear = nn.Linear(3, 3);
        using Sequential model = nn.Sequential(("a", linear), ("b", nn.Tanh()), ("c", linear));

        FlowMeasurement flow = FlowMeasurement.Of(model, randn(4, 3), output => output.mean());

        Assert.Equal(["a", "c"], flow.Layers.Select(layer => layer.Name));
        Assert.Equal(flow.Layers[0].Log10GradientNorm, flow.Layers[1].Log10GradientNorm);
        Assert.NotEqual(flow.Layers[0].Log10SignalNorm, flow.Layers[1].Log10SignalNorm);
    }

    [Fact]
    public void Recurrent_layers_and_attention_are_listened_to()
    {
        manual_seed(8);
        using LSTM lstm = nn.LSTM(3, 4);
        using GRU gru = nn.GRU(3, 4);
        using RNN rnn = nn.RNN(3, 4);
        using MultiheadAttention attention = nn.MultiheadAttention(4, 2);
        Tensor x = randn(5, 2, 3);
        Tensor tokens = randn(5, 2, 4);

        FlowMeasurement[] flows =
        [
            FlowMeasurement.Of(lstm, () => lstm.call(x).Item1.square().mean()),
            FlowMeasurement.Of(gru, () => gru.call(x).Item1.square().mean()),
            FlowMeasurement.Of(rnn, () => rnn.call(x).Item1.square().mean()),
            FlowMeasurement.Of(attention, () => attention.call(tokens, tokens, tokens).Item1.square().mean()),
        ];

        Assert.All(flows, flow => Assert.NotNull(Assert.Single(flow.Layers).Log10SignalNorm));
        Assert.All(flows, flow => Assert.NotNull(flow.Layers[0].Log10GradientNorm));
    }

    [Fact]
    public void Frozen_weights_have_a_signal_but_no_gradient()
    {
        manual_seed(9);
        using Sequential model = Models.ReluStack(3, 4);
        model.get_parameter("fc2.weight")!.requires_grad = false;

        MeasuredLayer layer = FlowMeasurement.Of(model, randn(4, 4), output => output.mean()).Layers[1];

        Assert.Null(layer.Log10GradientNorm);
        Assert.NotNull(layer.Log10SignalNorm);
    }

    [Fact]
    public void A_model_of_vectors_has_no_layers()
    {
        using BatchNorm1d model = nn.BatchNorm1d(3);

        Assert.Empty(FlowMeasurement.Of(model, randn(4, 3), output => output.square().mean()).Layers);
    }

    [Fact]
    public void A_loss_that_is_none_is_refused()
    {
        using Linear model = nn.Linear(3, 3);

        Assert.StartsWith("The loss has 12 elements", Assert.Throws<ArgumentException>("loss", () => FlowMeasurement.Of(model, randn(4, 3), output => output)).Message);
        Assert.StartsWith("No trainable parameter", Assert.Throws<ArgumentException>("loss", () => FlowMeasurement.Of(model, () => zeros(1))).Message);
        Assert.False(model.call(randn(1, 3)).IsInvalid);
    }

    private static byte[][] Bits(nn.Module model) => [.. model.state_dict().Values.Select(tensor => tensor.Bits())];

    private static double Log10Norm(Tensor tensor) => Math.Log10(tensor.norm().item<float>());
}
