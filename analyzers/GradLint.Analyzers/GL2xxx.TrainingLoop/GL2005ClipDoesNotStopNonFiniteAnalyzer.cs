using System.Linq;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL2005: nobody looks at the norm that clipping returns, so one NaN gets through to all weights.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL2005ClipDoesNotStopNonFiniteAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.ClipDoesNotStopNonFinite,
        RuleCategory.TrainingLoop,
        RuleLevel.Off,
        "Clipping does not stop gradients that are not finite",
        "Nothing looks at the norm that '{0}' returns: one gradient of NaN makes all of them NaN, and the step writes that into every weight",
        "clip_grad_norm_ multiplies every gradient with the same factor. Where one of them is NaN the norm and the factor are NaN, and so is every gradient after it.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        context.RegisterCalls(["clip_grad_norm_"], site => Analyze(site, (IInvocationOperation)site.Operation, code));
    }

    private static void Analyze(CodeSite context, IInvocationOperation call, TrainingCode code)
    {
        if (TorchSharpSymbols.IsMethodOf(call.TargetMethod, code.TorchSharp.Utils, "clip_grad_norm_")
            && !call.IsResultUsed()
            && code.FunctionAround(call.Syntax, context.CancellationToken) is { } function
            && !function.Actions.Any(action => action.Kind == TrainingActionKind.Guard))
        {
            context.ReportDiagnostic(s_rule.At(RuleLevel.Advice, call.Syntax.GetLocation(), properties: null, call.TargetMethod.Name));
        }
    }
}
