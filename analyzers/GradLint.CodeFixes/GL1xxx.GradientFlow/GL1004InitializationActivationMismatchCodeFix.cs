using System.Composition;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes.Rules;

/// <summary>Replaces an initializer for another activation by the one that fits.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1004InitializationActivationMismatchCodeFix() : FittingInitializerCodeFix(RuleIds.InitializationActivationMismatch);
