namespace GradLint.SignalPropagation.Tests;

/// <summary>Layers that arrange units, take some of them, or multiply two signals.</summary>
public class ArrangementTests
{
    [Fact]
    public void Moving_the_units_there_and_back_changes_nothing()
    {
        GradientFlow plain = Propagate("""
            input = Input([3, 16])
            conv = Convolution(3 -> 8, [3], weight: KaimingNormal(0)) <- input
            fc = Convolution(8 -> 4, [1], weight: KaimingNormal(0)) <- conv
            """);
        GradientFlow moved = Propagate("""
            input = Input([3, 16])
            conv = Convolution(3 -> 8, [3], weight: KaimingNormal(0)) <- input
            last = Transpose <- conv
            first = Transpose <- last
            fc = Convolution(8 -> 4, [1], weight: KaimingNormal(0)) <- first
            """);

        Assert.Equal(plain.Growth!.Value, moved.Growth!.Value, 1e-9);
    }

    [Fact]
    public void Parts_of_the_units_that_are_added_up_return_the_gradient_of_all()
    {
        GradientFlow flow = Propagate("""
            input = Input([64])
            fc1 = Linear(64 -> 128, weight: Normal(0, 0.125)) <- input
            a = Slice(0.5) <- fc1
            b = Slice(0.5) <- fc1
            sum = Add <- a, b
            fc2 = Linear(64 -> 64, weight: Normal(0, 0.125)) <- sum
            """);

        // dL/dsum reaches each half once: sqrt 2 times its norm, and a gain of 1 through fc2.
        Assert.Equal(Math.Log10(Math.Sqrt(2)), flow.Growth!.Value, 0.03);
    }

    [Fact]
    public void A_product_of_independent_signals_multiplies_their_second_moments()
    {
        GradientFlow flow = Propagate("""
            input = Input([64])
            a = Linear(64 -> 64, weight: Normal(0, 0.25)) <- input
            b = Linear(64 -> 64, weight: Normal(0, 0.25)) <- input
            product = Product <- a, b
            last = Linear(64 -> 64, weight: Normal(0, 0.125)) <- product
            """);

        // Given one sample, 4 * 4. Both factors follow the samples' own second moments, which differ by 2 / 64 of their square.
        Assert.Equal(16 * (1 + (2.0 / 64)), flow.Layers[2].SecondMoment, 0.02);
    }

    [Fact]
    public void A_layer_that_cannot_be_propagated_at_the_input_returns_nothing()
    {
        GradientFlow flow = Propagate("""
            input = Input([64])
            norm = BatchNorm(64, scale: UnknownInitializer("it is assigned")) <- input
            a = Linear(64 -> 64, weight: Normal(0, 0.125)) <- norm
            b = Linear(64 -> 64, weight: Normal(0, 0.125)) <- a
            """);

        Assert.NotNull(flow.Growth);
    }

    private static GradientFlow Propagate(string graph) => SignalPropagator.Propagate(NetworkGraph.Parse(graph), new PropagationOptions { Loss = Loss.RandomDirection });
}
