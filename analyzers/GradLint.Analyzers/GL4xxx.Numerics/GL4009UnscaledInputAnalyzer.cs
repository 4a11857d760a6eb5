using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.Ranges;
using GradLint.SignalPropagation;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL4009: a network is fed bytes, 0 to 255, where its initialization counts on inputs near 1.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL4009UnscaledInputAnalyzer() : NumericsAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.UnscaledInput,
        RuleCategory.Numerics,
        RuleLevel.Advice,
        "A network is fed bytes that are not scaled",
        "'{0}' holds bytes, 0 to 255, and goes unscaled into the first layer of {1}, whose gradient it makes about 128 times larger than inputs near 1 would",
        "Initializations count on inputs near 1. Bytes, 0 to 255, make the first layer's outputs and gradients more than a hundred times larger.");

    private protected override ImmutableArray<NumericFault> FaultsIn(NumericFaults faults, SyntaxTree file, CancellationToken cancellation) => faults.OfBytesIn(file, cancellation);

    internal static NumericFault? Judge(IOperation operation, NumericSight sight)
    {
        if (operation is not IInvocationOperation { TargetMethod.Name: "call" or "forward", Instance: { } module } call
            || !sight.TorchSharp.IsModule(module.Type)
            || call.FirstArgument() is not { } input
            || sight.RangeOf(input).Kind != TensorKind.Bytes
            || sight.NetworkOf(module) is not { } network
            || !TakesInputsAsTheyAre(network)
            || !sight.IsDifferentiated(operation, TensorRange.Unknown with { IsFromNetwork = true }))
        {
            return null;
        }

        return new NumericFault(
            RuleIds.UnscaledInput,
            RuleLevel.Advice,
            operation.Syntax,
            input.Syntax,
            Repair: null,
            Origin: null,
            ImmutableArray.Create<object>(NumericSight.Quote(input.Syntax), network.Name));
    }

    /// <summary>Whether a layer with weights comes first; a norm there would scale the bytes, an embedding takes them as numbers of rows.</summary>
    private static bool TakesInputsAsTheyAre(NetworkModel network)
    {
        if (network.Graph is not { } graph)
        {
            return false;
        }

        string[] inputs = graph.Nodes.Where(node => node.Layer is InputLayer).Select(node => node.Name).ToArray();
        for (int depth = 0; depth < graph.Nodes.Count; depth++)
        {
            GraphNode[] users = graph.Nodes.Where(node => node.Inputs.Any(inputs.Contains)).ToArray();
            if (users.Length == 0 || !users.All(user => user.Layer is LinearLayer or ConvolutionBase or FlattenLayer))
            {
                return false;
            }

            if (users.All(user => user.Layer is LinearLayer or ConvolutionBase))
            {
                return true;
            }

            inputs = users.Select(user => user.Name).ToArray();
        }

        return false;
    }
}
