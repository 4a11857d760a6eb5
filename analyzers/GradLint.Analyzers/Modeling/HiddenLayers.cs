using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

/// <summary>Layers that a network may have, but that do not show in its graph.</summary>
internal static class HiddenLayers
{
    /// <summary>Whether the module has weight layers beside those in the graph, or parts of which nobody knows whether they have any.</summary>
    public static bool MayBeIn(ModuleValue root, IEnumerable<LayerModule> inGraph, TorchSharpSymbols torchSharp)
    {
        var used = new HashSet<LayerModule>(inGraph);
        return root.SelfAndDescendants().Any(module => module switch
        {
            LayerModule { Layer: WeightLayer } layer => !used.Contains(layer),
            OpaqueModule or SequentialModule { Doubt: not null } => true,
            ClassModule { Members: var members } => members.Any(member =>
                member is { Key: IFieldSymbol field, Value: UnknownValue or SequenceValue { Doubt: not null } or DictionaryValue { Doubt: not null } }
                && TorchSharpSymbols.Mentions(field.Type, torchSharp.Module)),
            _ => false,
        });
    }
}
