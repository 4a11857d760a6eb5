using System.Globalization;
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
        ((string Name, Parameter Parameter) Named, TensorStatistics Weights)[] absurd =
            [.. named.Zip(statistics).Where(pair => pair.Second.NonFinite > 0 || pair.Second.Largest > maxWeight)];
        if (absurd.Length > 0)
        {
            string names = string.Join(", ", absurd.Select(found => Describe(found.Named.Name, found.Weights, found.Named.Parameter.numel())));
            throw new ArgumentException(
                $"{model.GetName()} has parameters that cannot be meant: {names}. {string.Join(" ", Advice(model, absurd))}", nameof(model));
        }
    }

    private static IEnumerable<string> Advice(
        nn.Module model, ((string Name, Parameter Parameter) Named, TensorStatistics Weights)[] absurd)
    {
        HashSet<nint> ofGroupNorm =
        [
            .. model.modules().Append(model).OfType<GroupNorm>()
                .SelectMany(norm => norm.parameters()).Select(parameter => parameter.Handle),
        ];
        if (absurd.Any(found => ofGroupNorm.Contains(found.Named.Parameter.Handle)))
        {
            yield return "TorchSharp 0.107 leaves weight and bias of GroupNorm uninitialized: "
                + "call init.ones_(weight) and init.zeros_(bias) on them.";
        }

        if (absurd.Any(found => !ofGroupNorm.Contains(found.Named.Parameter.Handle)))
        {
            yield return "Such values come from memory that was never initialized, as torch.empty gives it: "
                + "initialize them, with torch.nn.init or zeros. "
                + "Or from a checkpoint of a training that had diverged: load an earlier one.";
        }

        if (absurd.Any(found => found.Weights.NonFinite == 0))
        {
            yield return $"If large values are meant, raise {nameof(GradientGuardOptions)}.{nameof(GradientGuardOptions.MaxInitialWeight)}.";
        }
    }

    private static string Describe(string name, TensorStatistics weights, long elements) => weights.NonFinite > 0
        ? $"{name} ({weights.NonFinite} of {elements} elements are not finite)"
        : string.Create(CultureInfo.InvariantCulture, $"{name} (magnitude {weights.Largest:G3})");
}
