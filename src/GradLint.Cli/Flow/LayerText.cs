using GradLint.SignalPropagation;

namespace GradLint.Cli.Flow;

/// <summary>Layers and initializers in a few words, with TorchSharp's own names.</summary>
internal static class LayerText
{
    /// <summary>Sizes from input to output; ? for those that the code does not tell. <c>3x3 /2 g32</c> is a window with stride 2 and 32 groups.</summary>
    public static string Shape(Layer layer) => layer switch
    {
        LinearLayer linear => Arrow(linear.InFeatures, linear.OutFeatures),
        ConvolutionBase convolution => $"{Arrow(convolution.InChannels, convolution.OutChannels)}, {Window(convolution)}",
        EmbeddingLayer embedding => Arrow(embedding.Count, embedding.Dimension),
        RecurrentLayer recurrent => Arrow(recurrent.InputSize, recurrent.HiddenSize) + (recurrent.Layers > 1 ? $", {recurrent.Layers} layers" : ""),
        MultiheadAttentionLayer attention => $"{Size(attention.EmbedDimension)}, {attention.Heads} heads",
        _ => "",
    };

    /// <summary>How the weights are drawn, "default" where TorchSharp's default was left in place.</summary>
    public static string Initialization(WeightLayer layer)
    {
        Initializer? standard = layer switch
        {
            LinearLayer => LinearLayer.DefaultWeight,
            ConvolutionBase => ConvolutionBase.DefaultWeight,
            EmbeddingLayer => EmbeddingLayer.DefaultWeight,
            RecurrentLayer => RecurrentLayer.DefaultWeight,
            _ => null,
        };
        return layer.Weight == standard ? "default" : Initialization(layer.Weight);
    }

    private static string Initialization(Initializer initializer) => initializer switch
    {
        KaimingUniform { Slope: var slope, Mode: var mode } => "kaiming_uniform_" + Details(slope == 0 ? "" : $"a {slope:0.##}", Fan(mode)),
        KaimingNormal { Slope: var slope, Mode: var mode } => "kaiming_normal_" + Details(slope == 0 ? "" : $"a {slope:0.##}", Fan(mode)),
        KaimingGain { Gain: var gain, Mode: var mode } => "kaiming" + Details($"gain {gain:0.##}", Fan(mode)),
        XavierUniform { Gain: var gain } => "xavier_uniform_" + Details(GainOf(gain)),
        XavierNormal { Gain: var gain } => "xavier_normal_" + Details(GainOf(gain)),
        Orthogonal { Gain: var gain } => "orthogonal_" + Details(GainOf(gain)),
        Normal { MeanValue: var mean, StandardDeviation: var deviation } => $"normal_({mean:0.###}, {deviation:0.###})",
        TruncatedNormal { MeanValue: var mean, StandardDeviation: var deviation } => $"trunc_normal_({mean:0.###}, {deviation:0.###})",
        Uniform { Low: var low, High: var high } => $"uniform_({low:0.###}, {high:0.###})",
        Constant { Value: var value } => $"constant_({value:0.###})",
        Zeros => "zeros_",
        Ones => "ones_",
        Dirac => "dirac_",
        FanInUniform => "uniform_(1/sqrt fan_in)",
        UnknownInitializer => "unknown",
        _ => initializer.GetType().Name,
    };

    private static string Window(ConvolutionBase convolution)
    {
        string window = string.Join('x', convolution.Kernel);
        string stride = convolution.Stride is { } strides && strides.Any(step => step != 1) ? $" /{string.Join('x', strides.Distinct())}" : "";
        string groups = convolution.Groups > 1 ? $" g{convolution.Groups}" : "";
        return window + stride + groups;
    }

    private static string Arrow(int? from, int? to) => $"{Size(from)} -> {Size(to)}";

    private static string Size(int? size) => size?.ToString() ?? "?";

    private static string Fan(FanMode mode) => mode == FanMode.FanOut ? "fan_out" : "";

    private static string GainOf(double gain) => gain == 1 ? "" : $"gain {gain:0.##}";

    private static string Details(params string[] details)
    {
        string text = string.Join(", ", details.Where(detail => detail.Length > 0));
        return text.Length > 0 ? $"({text})" : "";
    }
}
