namespace GradLint.SignalPropagation.Tests;

/// <summary>Thresholds, saturation and rounding: a network may be dead, or explode, but what is said of it is a number or a stop.</summary>
public class WeightScaleTests
{
    public static TheoryData<string> All => ActivationTests.All;

    [Theory]
    [MemberData(nameof(All))]
    public void No_scale_of_the_weights_breaks_the_prediction(string name)
    {
        List<string> broken = [];
        for (double deviation = 1e-3; deviation < 1e3; deviation *= 1.3)
        {
            foreach (int layers in new[] { 4, 20 })
            {
                try
                {
                    GradientFlow flow = SignalPropagator.Propagate(Networks.Stack(layers, 64, ActivationTests.Named(name), new Normal(0, deviation), outputs: 10));
                    if (flow.Growth is double.NaN || flow.Low is double.NaN || flow.Layers.Any(layer => double.IsNaN(layer.Log10GradientNorm)))
                    {
                        broken.Add($"deviation {deviation:g3}, {layers} layers: NaN");
                    }
                }
                catch (ArithmeticException error)
                {
                    broken.Add($"deviation {deviation:g3}, {layers} layers: {error.Message}");
                }
            }
        }

        Assert.Empty(broken);
    }
}
