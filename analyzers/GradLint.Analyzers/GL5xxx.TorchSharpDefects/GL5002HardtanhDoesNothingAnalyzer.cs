using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL5002: hardtanh returns its input as it is, unless it works in place.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL5002HardtanhDoesNothingAnalyzer() : TorchSharpDefectAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.HardtanhDoesNothing,
        RuleCategory.TorchSharpDefects,
        RuleLevel.Warning,
        "Hardtanh does nothing in this version of TorchSharp",
        "'{0}' hands out its input unclamped in TorchSharp {1}, so the network has no activation here; {2}",
        "Up to TorchSharp 0.107.0 hardtanh returns the tensor that it is given, unclamped, unless it works in place; the module, inside a Sequential, hands "
        + "on a tensor that is disposed of right after.");

    private protected override void RegisterDefect(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp) =>
        context.RegisterCalls(["Hardtanh", "hardtanh"], site => Analyze(site, (IInvocationOperation)site.Operation, torchSharp));

    private static void Analyze(CodeSite context, IInvocationOperation call, TorchSharpSymbols torchSharp)
    {
        IMethodSymbol method = call.TargetMethod;
        bool isModule = TorchSharpSymbols.IsMethodOf(method, torchSharp.Nn, "Hardtanh");
        bool isFunction = TorchSharpSymbols.IsMethodOf(method, torchSharp.Functional, "hardtanh") || TorchSharpSymbols.IsMethodOf(method, torchSharp.Functional, "Hardtanh");
        if (!isModule && !isFunction && !TorchSharpSymbols.IsMethodOf(method, torchSharp.Tensor, "hardtanh"))
        {
            return;
        }

        if (call.ArgumentFor("inplace") is null or { Value.ConstantValue: { HasValue: true, Value: false } })
        {
            context.ReportDiagnostic(s_rule.At(
                RuleLevel.Warning, call.Syntax.GetLocation(), properties: null, method.Name, VersionOf(torchSharp), isModule ? "pass 'inplace: true'" : "use 'clamp'"));
        }
    }
}
