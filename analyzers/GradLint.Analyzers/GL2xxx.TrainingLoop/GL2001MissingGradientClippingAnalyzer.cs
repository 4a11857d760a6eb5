using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL2001: a network whose gradients are known to explode is trained, and nothing limits them.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL2001MissingGradientClippingAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.MissingGradientClipping,
        RuleCategory.TrainingLoop,
        RuleLevel.Warning,
        "Nothing limits the gradients of a network whose gradients can explode",
        "Nothing limits the gradients before '{0}' steps: {1}; clip them to a norm of 1.0",
        "The gradients of recurrent and attention-based networks, and of networks whose backward signal grows from layer to layer, can explode in a "
        + "single batch. Clip them between backward and step, or let GradLint's guard do it.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        var networks = new TrainedNetworks(code, NetworkModels.Of(context.Compilation, torchSharp));
        context.RegisterCalls([OptimizerStep.Method], site => Analyze(site, (InvocationExpressionSyntax)site.Operation.Syntax, code, networks));
    }

    private static void Analyze(CodeSite context, InvocationExpressionSyntax call, TrainingCode code, TrainedNetworks networks)
    {
        if (OptimizerStep.Find(call, code, context.CancellationToken) is not { } step || step.IsRepeated() || IsLineSearch(step, code, context.CancellationToken))
        {
            return;
        }

        AnalyzerConfigOptions options = context.Options.AnalyzerConfigOptionsProvider.GetOptions(call.SyntaxTree);
        if (Worst(networks.Find(step, context.CancellationToken), networks, options, context.CancellationToken) is { } risk && !IsLimited(step))
        {
            context.ReportDiagnostic(s_rule.At(
                risk.Level, call.GetLocation(), Facts(step, code, context.CancellationToken), step.OptimizerText, risk.Reason));
        }
    }

    private static bool IsLimited(OptimizerStep step) =>
        step.Frames.Any(frame => frame.Sees(TrainingActionKind.Clip, TrainingActionKind.Guard, TrainingActionKind.HandOver));

    /// <summary>LBFGS chooses the length of its step itself, from gradients that must be the true ones.</summary>
    private static bool IsLineSearch(OptimizerStep step, TrainingCode code, CancellationToken cancellation) =>
        step.Operation.Instance?.Type?.Name == "LBFGS"
        || step.Frames.SelectMany(frame => frame.Optimizers)
            .SelectMany(optimizer => code.Optimizers.OriginOf(optimizer, cancellation).Creations)
            .Any(creation => creation.Type?.Name == "LBFGS");

    private static Risk? Worst(
        IReadOnlyList<NetworkModel> trained, TrainedNetworks networks, AnalyzerConfigOptions options, CancellationToken cancellation)
    {
        Risk? worst = RuleOptions.GL2001Always.In(options)
            ? new Risk(RuleLevel.Advice, $"every loop is to do so where '{RuleOptions.GL2001Always.Key}' is set")
            : null;
        foreach (NetworkModel network in trained)
        {
            if (RiskOf(network, networks, options, cancellation) is { } risk && (worst is null || risk.Level >= worst.Level))
            {
                worst = risk;
            }
        }

        return worst;
    }

    private static Risk? RiskOf(NetworkModel network, TrainedNetworks networks, AnalyzerConfigOptions options, CancellationToken cancellation) => network switch
    {
        // Normalization without skips grows too, at initialization, but such networks train well as they are.
        { Growth: { } growth, IsNormalized: false } when growth >= RuleOptions.GL2001Decades.In(options) => new Risk(
            RuleLevel.Warning, $"gradients of '{network.Name}' are predicted to grow by about {Magnitude.OfDecades(growth)} times on their way back through its layers"),
        _ when networks.IsRecurrent(network, cancellation) => new Risk(RuleLevel.Warning, $"'{network.Name}' is recurrent, and gradients through many time steps can explode in a single batch"),
        _ when networks.HasAttention(network, cancellation) => new Risk(RuleLevel.Warning, $"'{network.Name}' is attention-based, and its gradients can spike in a single batch"),
        { WeightLayerCount: var layers, HasSkips: false, Graph: { } graph } when layers >= RuleOptions.GL2001Layers.In(options) && !new SkipStructure(graph).HasSkips => new Risk(
            RuleLevel.Advice, $"'{network.Name}' has {layers} weight layers and no skip connections"),
        _ => null,
    };

    /// <summary>What the code fixes need to know.</summary>
    private static ImmutableDictionary<string, string?> Facts(OptimizerStep step, TrainingCode code, CancellationToken cancellation) =>
        ImmutableDictionary<string, string?>.Empty
            .Add(GL2001Facts.Model, VisibleModel(step, code, cancellation))
            .Add(GL2001Facts.Loss, LossBefore(step));

    /// <summary>How the step's surroundings name the one network that it trains; null where they cannot.</summary>
    private static string? VisibleModel(OptimizerStep step, TrainingCode code, CancellationToken cancellation)
    {
        ImmutableArray<Place> models = step.Frames[0].Models;
        if (models.IsEmpty)
        {
            models = step.Function.Actions
                .Where(action => action.Kind == TrainingActionKind.Forward && action.Target?.Type?.BaseType?.Name != "Loss")
                .Select(action => action.Target)
                .OfType<Place>()
                .Distinct()
                .ToImmutableArray();
        }

        cancellation.ThrowIfCancellationRequested();
        Place[] visible = models
            .Where(model => code.TorchSharp.IsModule(model.Type) && (model.IsThis || code.Source.IsVisible(model.Root.IsThis ? model.Symbol : model.Root.Symbol, step.Call)))
            .ToArray();
        return visible.Length == 1 ? visible[0].ToString() : null;
    }

    /// <summary>The <c>loss</c> of the last <c>loss.backward()</c> before the step.</summary>
    private static string? LossBefore(OptimizerStep step) =>
        step.Function.Actions
            .Where(action => action.Kind == TrainingActionKind.Backward && action.Site.SpanStart < step.Call.SpanStart)
            .OrderBy(action => action.Site.SpanStart)
            .Select(action => (action.Operation as IInvocationOperation)?.Instance?.Syntax as IdentifierNameSyntax)
            .LastOrDefault()?.Identifier.ValueText;

    private sealed record Risk(RuleLevel Level, string Reason);
}

/// <summary>The names under which a GL2001 diagnostic carries facts to its code fixes.</summary>
internal static class GL2001Facts
{
    /// <summary>The trained network, as the code at the step can name it.</summary>
    public const string Model = "Model";

    /// <summary>The loss that backward was called on.</summary>
    public const string Loss = "Loss";
}
