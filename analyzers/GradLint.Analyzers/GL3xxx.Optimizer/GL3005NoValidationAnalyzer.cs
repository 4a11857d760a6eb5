using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL3005: a network is trained, and nothing looks at what it does on other data.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL3005NoValidationAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.NoValidation,
        RuleCategory.Optimizer,
        RuleLevel.Off,
        "Nothing evaluates the network on data that it is not trained on",
        "Nothing around the training with '{0}' evaluates the network, neither 'eval()' nor 'no_grad()': overfitting goes unseen",
        "The loss on the training data says nothing about other data. Run the network on data that was held back, after eval() and under no_grad().");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        context.RegisterCalls([OptimizerStep.Method], site => Analyze(site, (InvocationExpressionSyntax)site.Operation.Syntax, code));
    }

    private static void Analyze(CodeSite context, InvocationExpressionSyntax call, TrainingCode code)
    {
        CancellationToken cancellation = context.CancellationToken;
        if (OptimizerStep.Find(call, code, cancellation) is { } step
            && !step.IsRepeated()
            && step.Frames.Any(frame => FunctionBody.LoopsAround(frame.Site).Any())
            && !step.Frames.Any(frame => frame.Sees(TrainingActionKind.Evaluate, TrainingActionKind.HandOver)))
        {
            context.ReportDiagnostic(s_rule.At(RuleLevel.Advice, call.GetLocation(), properties: null, step.OptimizerText));
        }
    }
}
