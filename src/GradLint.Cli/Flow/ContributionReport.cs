using GradLint.Modeling;
using GradLint.SignalPropagation;

namespace GradLint.Cli.Flow;

/// <summary>How much a choice contributes to the growth, in words.</summary>
internal sealed record ContributionReport(double Decades, string Choice)
{
    /// <summary>Less than that is not worth a line.</summary>
    private const double LeastDecades = 0.05;

    public static IReadOnlyList<ContributionReport> Of(NetworkModel model, GradientFlow flow) =>
    [
        .. flow.Contributions
            .Where(contribution => Math.Abs(contribution.Decades) >= LeastDecades)
            .Select(contribution => new ContributionReport(contribution.Decades, Describe(contribution, model.Graph!))),
    ];

    private static string Describe(Contribution contribution, NetworkGraph graph) => contribution.Kind switch
    {
        ContributionKind.Initialization => $"{Initialization(contribution, graph)} of {Count(contribution, "layer")}",
        ContributionKind.Normalization => $"{contribution.Choice}, {Count(contribution, "layer")}",
        ContributionKind.Residual => $"residual sums, {Count(contribution, "place")}",
        ContributionKind.Activation => $"{contribution.Choice}, {Count(contribution, "place")}",
        _ => "structure: widths, pooling, recurrence",
    };

    private static string Initialization(Contribution contribution, NetworkGraph graph)
    {
        Layer? layer = graph.Nodes.FirstOrDefault(node => node.Name == contribution.Nodes[0])?.Layer;
        string text = layer is WeightLayer weights ? LayerText.Initialization(weights) : contribution.Choice;
        return text == "default" ? "default initialization" : text;
    }

    private static string Count(Contribution contribution, string what) =>
        contribution.Nodes.Count == 1 ? $"1 {what}" : $"{contribution.Nodes.Count} {what}s";
}
