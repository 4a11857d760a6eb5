using System.Composition;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes.Rules;

/// <summary>Replaces an oversized initializer by the one that fits the activation behind the layer.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1003OversizedInitializationCodeFix() : FittingInitializerCodeFix(RuleIds.OversizedInitialization);
