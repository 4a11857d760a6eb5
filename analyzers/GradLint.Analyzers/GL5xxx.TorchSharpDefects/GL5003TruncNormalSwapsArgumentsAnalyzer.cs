using System.Globalization;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL5003: trunc_normal_ takes the mean for the standard deviation and the other way around.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL5003TruncNormalSwapsArgumentsAnalyzer() : TorchSharpDefectAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.TruncNormalSwapsArguments,
        RuleCategory.TorchSharpDefects,
        RuleLevel.Warning,
        "trunc_normal_ swaps mean and standard deviation in this version of TorchSharp",
        "'trunc_normal_' swaps mean and standard deviation in TorchSharp {0}: {1}; use 'normal_' and 'clamp_'",
        "Up to TorchSharp 0.107.0 init.trunc_normal_ draws with the mean as its standard deviation and the standard deviation as its mean. With mean 0 all weights "
        + "are equal, and the units of a layer stay copies of each other.");

    private protected override void RegisterDefect(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        var numbers = new Numbers(SourceModels.Of(context.Compilation), TrainingCode.Of(context.Compilation, torchSharp).Names);
        context.RegisterCalls(["trunc_normal_"], site => Analyze(site, (IInvocationOperation)site.Operation, torchSharp, numbers));
    }

    private static void Analyze(CodeSite context, IInvocationOperation call, TorchSharpSymbols torchSharp, Numbers numbers)
    {
        if (!TorchSharpSymbols.IsMethodOf(call.TargetMethod, torchSharp.Init, "trunc_normal_")
            || call.ArgumentFor("mean") is not { } meanArgument
            || call.ArgumentFor("std") is not { } stdArgument)
        {
            return;
        }

        CancellationToken cancellation = context.CancellationToken;
        double? mean = numbers.Read(meanArgument.Value, cancellation)?.Value;
        double? std = numbers.Read(stdArgument.Value, cancellation)?.Value;
        if (mean is null || mean != std)
        {
            context.ReportDiagnostic(s_rule.At(
                RuleLevel.Warning, call.Syntax.GetLocation(), properties: null, VersionOf(torchSharp), Consequence(mean, std)));
        }
    }

    private static string Consequence(double? mean, double? std) => (mean, std) switch
    {
        (0, { } value) => $"every weight becomes {Written(value)}, and all units stay the same",
        (0, null) => "every weight becomes the standard deviation, and all units stay the same",
        ({ } center, { } width) => $"the weights get mean {Written(width)} and standard deviation {Written(center)}",
        _ => "the weights get the one for the other",
    };

    private static string Written(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
