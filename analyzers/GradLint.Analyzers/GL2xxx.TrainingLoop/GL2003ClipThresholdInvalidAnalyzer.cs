using System.Globalization;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL2003: gradients are clipped at a threshold that destroys them, or that they never reach.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL2003ClipThresholdInvalidAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.ClipThresholdInvalid,
        RuleCategory.TrainingLoop,
        RuleLevel.Warning,
        "The clipping threshold destroys the gradients or never applies",
        "A clipping threshold of {0} {1}; 1.0 is the usual value",
        "Gradients are clipped at a positive threshold near their usual size. At zero, below zero or at NaN clipping destroys them; "
        + "far above their size it does nothing, and they can explode.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        SourceModels source = SourceModels.Of(context.Compilation);
        var numbers = new Numbers(source, TrainingCode.Of(context.Compilation, torchSharp).Names);
        context.RegisterCalls(FunctionReader.Clips, site => Analyze(site, (IInvocationOperation)site.Operation, torchSharp, numbers));
    }

    private static void Analyze(CodeSite context, IInvocationOperation call, TorchSharpSymbols torchSharp, Numbers numbers)
    {
        if (!FunctionReader.IsClip(call.TargetMethod, torchSharp)
            || (call.ArgumentFor("max_norm") ?? call.ArgumentFor("clip_value")) is not { } threshold
            || numbers.Read(threshold.Value, context.CancellationToken) is not { } number)
        {
            return;
        }

        bool clipsNorm = call.TargetMethod.Name == "clip_grad_norm_";
        if (Consequence(number.Value, clipsNorm, RuleOptions.GL2003Highest.In(call.Syntax.SyntaxTree, context.Options)) is { } consequence && !(double.IsPositiveInfinity(number.Value) && call.IsResultUsed()))
        {
            RuleLevel level = double.IsPositiveInfinity(number.Value) ? RuleLevel.Advice : RuleLevel.Warning;
            context.ReportDiagnostic(s_rule.At(
                level, threshold.Value.Syntax.GetLocation(), properties: null, Written(number.Value), consequence));
        }
    }

    /// <summary>What the call does to the gradients; null where the threshold is a sound one.</summary>
    private static string? Consequence(double threshold, bool clipsNorm, double highest) => threshold switch
    {
        double.NaN => "turns every gradient into NaN",
        0 => "sets every gradient to zero, so nothing is learned",
        double.NegativeInfinity when clipsNorm => "makes every gradient infinite",
        < 0 when clipsNorm => "flips the sign of every gradient, so training climbs instead of descending",
        < 0 => "sets every gradient to that same number",
        double.PositiveInfinity => "never clips",
        _ when threshold > highest => "lets gradients explode long before it applies",
        _ => null,
    };

    private static string Written(double value) => value switch
    {
        double.PositiveInfinity => "infinity",
        double.NegativeInfinity => "minus infinity",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
