using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL4008: what looks like a norm's momentum is passed as its epsilon.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL4008EpsilonMistakenForMomentumAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private const double LargestEpsilon = 0.01;

    private static readonly ImmutableHashSet<string> s_norms = ImmutableHashSet.Create(
        "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "LayerNorm", "GroupNorm", "RMSNorm");

    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.EpsilonMistakenForMomentum,
        RuleCategory.Numerics,
        RuleLevel.Warning,
        "An epsilon so large that it was meant as something else",
        "{0} of {1} is used as the epsilon of {2}{3}",
        "The epsilon of a normalization keeps it from dividing by 0 and is tiny. A large one adds to the variance, so the layer no longer normalizes.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        var numbers = new Numbers(SourceModels.Of(context.Compilation), TrainingCode.Of(context.Compilation, torchSharp).Names);
        context.RegisterCalls(s_norms, site => Analyze(site, torchSharp, numbers), leastArguments: 2);
    }

    /// <summary>Who writes <c>eps: 0.8</c> means it; the second argument by position is where PyTorch's users expect other things.</summary>
    private static void Analyze(CodeSite context, TorchSharpSymbols torchSharp, Numbers numbers)
    {
        var creation = (IInvocationOperation)context.Operation;
        IMethodSymbol norm = creation.TargetMethod;
        if (!TorchSharpSymbols.IsMethodOf(norm, torchSharp.Nn, s_norms)
            || creation.ArgumentFor("eps") is not { Syntax: ArgumentSyntax { NameColon: null } } epsilon
            || numbers.Read(epsilon.Value, context.CancellationToken) is not { Value: > LargestEpsilon and var value })
        {
            return;
        }

        bool hasMomentum = value <= 1 && norm.Parameters.Any(parameter => parameter.Name == "momentum");
        context.ReportDiagnostic(s_rule.At(
            RuleLevel.Warning,
            epsilon.Syntax.GetLocation(),
            properties: null,
            hasMomentum ? "What looks like the momentum" : "A value",
            value.ToString("G3", CultureInfo.InvariantCulture),
            norm.Name,
            hasMomentum ? ", which has momentum as its third parameter" : ", where 1e-5 is usual"));
    }
}
