using System.Collections.Immutable;
using System.Globalization;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL1005: a leaky rectifier whose negative slope is so high that it is hardly a rectifier, or the wrong way round.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1005NegativeSlopeTooHighAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly ImmutableArray<string> s_activations = ImmutableArray.Create("LeakyReLU", "leaky_relu", "leaky_relu_", "PReLU");

    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.NegativeSlopeTooHigh,
        RuleCategory.GradientFlow,
        RuleLevel.Warning,
        "Negative slope too high",
        "A negative slope of {0} {1}; 0.01 is the usual one",
        "A leaky rectifier passes negative inputs with a small slope. Above 1 it enlarges them, and with them the gradient, in every layer; near 1 it is hardly nonlinear.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        var numbers = new Numbers(SourceModels.Of(context.Compilation), TrainingCode.Of(context.Compilation, torchSharp).Names);
        context.RegisterCalls(s_activations, site => Analyze(site, (IInvocationOperation)site.Operation, torchSharp, numbers), leastArguments: 1);
    }

    private static void Analyze(CodeSite context, IInvocationOperation call, TorchSharpSymbols torchSharp, Numbers numbers)
    {
        IArgumentOperation? slope = call.TargetMethod.Name switch
        {
            "LeakyReLU" or "leaky_relu" or "leaky_relu_" => call.ArgumentFor("negative_slope"),
            "PReLU" => call.ArgumentFor("init"),
            _ => null,
        };
        if (slope is null || slope.IsImplicit || !torchSharp.Declares(call.TargetMethod) || numbers.Read(slope.Value, context.CancellationToken) is not { } number)
        {
            return;
        }

        double warning = RuleOptions.GL1005Slope.In(call.Syntax.SyntaxTree, context.Options);
        if (number.Value > warning || number.Value > RuleOptions.GL1005AdviceSlope.In(call.Syntax.SyntaxTree, context.Options))
        {
            context.ReportDiagnostic(s_rule.At(
                number.Value > warning ? RuleLevel.Warning : RuleLevel.Advice,
                slope.Value.Syntax.GetLocation(),
                properties: null,
                number.Value.ToString("G3", CultureInfo.InvariantCulture),
                number.Value > 1 ? $"enlarges negative inputs, and the gradient with them, up to {number.Value.ToString("G3", CultureInfo.InvariantCulture)} times in every layer" : "leaves the activation nearly linear"));
        }
    }
}
