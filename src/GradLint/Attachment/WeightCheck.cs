using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Finds parameters that no initialization gives: not finite, or absurdly large.</summary>
internal static class WeightCheck
{
    /// <exception cref="ArgumentException">There are such parameters; the message names them.</exception>
    public static void Run(nn.Module model, double maxWeight, StatisticsReader reader)
    {
        (string Name, Parameter Parameter)[] named = [.. model.named_parameters()];
        var statistics = new TensorStatistics[named.Length];
        reader.Read(Array.ConvertAll(named, n => (Tensor?)n.Parameter), statistics);
        string[] absurd =
            [.. named.Zip(statistics, (n, s) => Describe(n.Name, s, n.Parameter.numel(), maxWeight)).OfType<string>()];
        if (absurd.Length > 0)
        {
            throw new ArgumentException(
                $"{model.GetName()} has parameters that cannot be meant: {string.Join(", ", absurd)}. "
                + "TorchSharp 0.107 leaves weight and bias of GroupNorm uninitialized: "
                + "call init.ones_(weight) and init.zeros_(bias) on them. "
                + "A checkpoint that holds such values is broken. "
                + $"If they are meant, raise {nameof(GradientGuardOptions.MaxInitialWeight)}.",
                nameof(model));
        }
    }

    private static string? Describe(string name, TensorStatistics weights, long elements, double maxWeight) => weights switch
    {
        { NonFinite: > 0 } => $"{name} ({weights.NonFinite} of {elements} elements are not finite)",
        _ when weights.Largest > maxWeight => $"{name} (magnitude {weights.Largest:G3})",
        _ => null,
    };
}
