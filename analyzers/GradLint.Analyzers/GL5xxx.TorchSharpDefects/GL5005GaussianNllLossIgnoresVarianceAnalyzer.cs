using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL5005: gaussian_nll_loss passes no gradient to the variance that a network predicts.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL5005GaussianNllLossIgnoresVarianceAnalyzer() : TorchSharpDefectAnalyzer(s_rule)
{
    private const int DeepestValue = 6;

    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.GaussianNllLossIgnoresVariance,
        RuleCategory.TorchSharpDefects,
        RuleLevel.Warning,
        "gaussian_nll_loss passes no gradient to the variance in this version of TorchSharp",
        "'{0}' passes no gradient to the variance in TorchSharp {1}, so what predicts it never learns; write the loss out",
        "Up to TorchSharp 0.107.0 the Gaussian negative log-likelihood clamps the variance with gradients switched off, so that no gradient reaches it, and adds up the outputs "
        + "of a sample instead of taking their mean.");

    private protected override void RegisterDefect(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        context.RegisterCalls(["gaussian_nll_loss"], site => Analyze(site, (IInvocationOperation)site.Operation, code));
        context.RegisterCalls(["call", "forward"], site => Analyze(site, (IInvocationOperation)site.Operation, code), leastArguments: 3);
    }

    private static void Analyze(CodeSite context, IInvocationOperation call, TrainingCode code)
    {
        TorchSharpSymbols torchSharp = code.TorchSharp;
        bool isFunction = TorchSharpSymbols.IsMethodOf(call.TargetMethod, torchSharp.Functional, "gaussian_nll_loss");
        bool isModule = call.TargetMethod.Name is "call" or "forward" && call.Instance?.Type is { Name: "GaussianNLLLoss" } loss && torchSharp.Declares(loss);
        IOperation? variance = isFunction ? call.ArgumentFor("variance")?.Value : isModule ? call.Arguments.ElementAtOrDefault(2)?.Value : null;
        if (IsPredicted(variance, code, DeepestValue, context.CancellationToken))
        {
            context.ReportDiagnostic(s_rule.At(
                RuleLevel.Warning, call.Syntax.GetLocation(), properties: null, isFunction ? call.TargetMethod.Name : "GaussianNLLLoss", VersionOf(torchSharp)));
        }
    }

    /// <summary>Whether a network or parameter has a part in the value; a given variance needs no gradient.</summary>
    private static bool IsPredicted(IOperation? value, TrainingCode code, int depth, CancellationToken cancellation) =>
        depth > 0 && value?.DescendantsAndSelf().Any(part => part switch
        {
            IInvocationOperation call => code.TorchSharp.IsModule(call.Instance?.Type) && call.TargetMethod.Name is "call" or "forward",
            ILocalReferenceOperation local => code.Names.ValuesOf(local.Local, cancellation)
                .Any(assigned => assigned.Value is { } written && IsPredicted(code.Source.OperationAt(written, cancellation), code, depth - 1, cancellation)),
            _ => TorchSharpSymbols.IsOrDerivesFrom(part.Type, code.TorchSharp.Parameter),
        }) == true;
}
