using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL5001: a GroupNorm whose weight and bias nobody sets has whatever was in memory.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL5001UninitializedGroupNormAnalyzer() : TorchSharpDefectAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.UninitializedGroupNorm,
        RuleCategory.TorchSharpDefects,
        RuleLevel.Warning,
        "GroupNorm starts with uninitialized memory in this version of TorchSharp",
        "The weight and bias of this 'GroupNorm' are uninitialized memory in TorchSharp {0}, and nothing sets them; set them to ones and zeros",
        "Up to TorchSharp 0.107.0 GroupNorm creates its weight and bias with torch.empty and leaves them so: they hold whatever was in memory, up to 1e13 and NaN.");

    private protected override void RegisterDefect(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        SourceNames names = TrainingCode.Of(context.Compilation, torchSharp).Names;
        context.RegisterCalls(["GroupNorm"], site => Analyze(site, (IInvocationOperation)site.Operation, torchSharp, names));
    }

    private static void Analyze(CodeSite context, IInvocationOperation call, TorchSharpSymbols torchSharp, SourceNames names)
    {
        if (!TorchSharpSymbols.IsMethodOf(call.TargetMethod, torchSharp.Nn, "GroupNorm")
            || call.ArgumentFor("affine") is not { Value.ConstantValue: { HasValue: true, Value: true } })
        {
            return;
        }

        CancellationToken cancellation = context.CancellationToken;
        GroupNormSetters setters = GroupNormSetters.Of(context.Compilation, torchSharp, cancellation);
        if (!setters.MayReachAny && !HoldersOf(call, names, cancellation).Any(setters.Reach))
        {
            context.ReportDiagnostic(s_rule.At(RuleLevel.Warning, call.Syntax.GetLocation(), properties: null, VersionOf(torchSharp)));
        }
    }

    /// <summary>The variable, field or property that gets the norm, and those that get it from that one.</summary>
    private static IEnumerable<ISymbol> HoldersOf(IInvocationOperation call, SourceNames names, CancellationToken cancellation)
    {
        IOperation? user = call.Parent;
        while (user is IConversionOperation or IVariableInitializerOperation or IParenthesizedOperation)
        {
            user = user.Parent;
        }

        ISymbol? holder = user switch
        {
            IVariableDeclaratorOperation declarator => declarator.Symbol,
            IFieldInitializerOperation { InitializedFields: [var field] } => field,
            IPropertyInitializerOperation { InitializedProperties: [var property] } => property,
            ISimpleAssignmentOperation { Target: IMemberReferenceOperation target } => target.Member,
            ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } => target.Local,
            _ => null,
        };
        return holder is ILocalSymbol local ? names.MembersAssignedFrom(local, cancellation).Prepend(local) : holder is null ? [] : [holder];
    }
}
