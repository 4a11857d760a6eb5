// PLACEHOLDER. It looks at the declared types of a module's fields and nothing else, so that the rules about training loops can
// be built and tested. The extraction of network graphs replaces this file as a whole.
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

internal sealed class NetworkModels
{
    private static readonly ConditionalWeakTable<Compilation, NetworkModels> s_ofCompilation = new();

    private readonly TorchSharpSymbols _torchSharp;

    private NetworkModels(TorchSharpSymbols torchSharp) => _torchSharp = torchSharp;

    public static NetworkModels Of(Compilation compilation, TorchSharpSymbols torchSharp) =>
        s_ofCompilation.GetValue(compilation, _ => new NetworkModels(torchSharp));

    public NetworkModel? Find(IOperation module, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (module.Type is not INamedTypeSymbol type || !_torchSharp.IsModule(type) || (_torchSharp.Declares(type) && !IsRecurrent(type) && !HasAttention(type)))
        {
            return null;
        }

        List<ITypeSymbol> layers = type.GetMembers().OfType<IFieldSymbol>().Select(field => field.Type).Prepend(type).ToList();
        return new NetworkModel(
            type.Name,
            layers.Any(IsRecurrent),
            layers.Any(HasAttention),
            layers.Any(layer => layer.Name.Contains("Norm")),
            HasSkips: false,
            layers.Count(layer => layer.Name.StartsWith("Linear", System.StringComparison.Ordinal) || layer.Name.StartsWith("Conv", System.StringComparison.Ordinal)),
            GrowthWrittenIn(type));
    }

    /// <summary>For tests: a constant of this name in the module's class stands for the prediction.</summary>
    private static double? GrowthWrittenIn(INamedTypeSymbol type) =>
        type.GetMembers("PlaceholderGrowth").OfType<IFieldSymbol>().FirstOrDefault()?.ConstantValue as double?;

    private bool IsRecurrent(ITypeSymbol type) => _torchSharp.Declares(type) && type.Name is "LSTM" or "GRU" or "RNN" or "LSTMCell" or "GRUCell" or "RNNCell";

    private bool HasAttention(ITypeSymbol type) =>
        _torchSharp.Declares(type) && (type.Name == "MultiheadAttention" || type.Name.StartsWith("Transformer", System.StringComparison.Ordinal));
}

internal sealed record NetworkModel(
    string Name, bool IsRecurrent, bool HasAttention, bool IsNormalized, bool HasSkips, int WeightLayerCount, double? Growth);
