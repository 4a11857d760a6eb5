using System.Collections.Immutable;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL5006: Softsign and Mish in place overwrite what backward needs.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL5006InPlaceActivationBreaksBackwardAnalyzer() : TorchSharpDefectAnalyzer(s_rule)
{
    private static readonly ImmutableHashSet<string> s_modules = ImmutableHashSet.Create("Softsign", "Mish");
    private static readonly ImmutableHashSet<string> s_functions = ImmutableHashSet.Create("softsign", "mish");

    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.InPlaceActivationBreaksBackward,
        RuleCategory.TorchSharpDefects,
        RuleLevel.Warning,
        "This activation in place makes backward throw in this version of TorchSharp",
        "'{0}' in place makes 'backward' throw in TorchSharp {1}: it overwrites the input that the gradient is computed from; leave 'inplace' out",
        "Up to TorchSharp 0.107.0 Softsign and Mish in place are products of their input with a factor computed from it. The input is overwritten, and backward, which needs it, throws.");

    private protected override void RegisterDefect(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp) =>
        context.RegisterCalls(s_modules.Union(s_functions), site => Analyze(site, (IInvocationOperation)site.Operation, torchSharp), leastArguments: 1);

    private static void Analyze(CodeSite context, IInvocationOperation call, TorchSharpSymbols torchSharp)
    {
        IMethodSymbol method = call.TargetMethod;
        if ((TorchSharpSymbols.IsMethodOf(method, torchSharp.Nn, s_modules) || TorchSharpSymbols.IsMethodOf(method, torchSharp.Functional, s_functions))
            && call.ArgumentFor("inplace") is { Value.ConstantValue: { HasValue: true, Value: true } } inPlace)
        {
            context.ReportDiagnostic(s_rule.At(
                RuleLevel.Warning, inPlace.Syntax.GetLocation(), properties: null, method.Name, VersionOf(torchSharp)));
        }
    }
}
