using System.Composition;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes.Rules;

/// <summary>Adds an epsilon to the divisor.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL4003UnsafeDivisionCodeFix() : OperandCodeFix(RuleIds.UnsafeDivision);
