using System.Composition;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes.Rules;

/// <summary>Adds an epsilon inside the root, or clamps where the value can be negative.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL4002UnsafeSquareRootCodeFix() : OperandCodeFix(RuleIds.UnsafeSquareRoot);
