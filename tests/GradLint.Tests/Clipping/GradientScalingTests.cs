using static TorchSharp.torch;

namespace GradLint.Tests;

public class GradientScalingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_element_is_multiplied_whatever_the_length(bool throughMemory)
    {
        for (int length = 0; length < 40; length++)
        {
            Tensor gradient = arange(length, ScalarType.Float32);

            GradientScaling.Scale([gradient, null], 0.5, throughMemory);

            Assert.Equal(Enumerable.Range(0, length).Select(i => i * 0.5), gradient.Doubles());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_factor_too_small_for_the_type_loses_no_digits(bool throughMemory)
    {
        Tensor gradient = full(10, 3e38f);

        GradientScaling.Scale([gradient], 1e-41, throughMemory);

        Assert.All(gradient.Doubles(), value => Assert.Equal(1, value / 3e-3, 1e-6));
    }

    [Fact]
    public void A_view_is_scaled_and_its_surroundings_are_not()
    {
        Tensor whole = ones(4, 4);

        GradientScaling.Scale([whole.narrow(1, 1, 2)], 0.5, throughMemory: true);

        Assert.Equal([1, 0.5, 0.5, 1], whole[2].Doubles());
    }
}
