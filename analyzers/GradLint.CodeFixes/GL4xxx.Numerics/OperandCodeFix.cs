using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace GradLint.CodeFixes.Rules;

/// <summary>Keeps operands away from 0: those of all the faults that a diagnostic reports on its line.</summary>
public abstract class OperandCodeFix : TorchSharpCodeFixProvider
{
    private const string Epsilon = "1e-8";

    private readonly string _ruleId;

    private protected OperandCodeFix(string ruleId)
        : base(ruleId) => _ruleId = ruleId;

    private protected sealed override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        string[] repairs = (diagnostic.Properties[NumericRepairs.Property] ?? string.Empty).Split(NumericRepairs.Separator[0]);
        var operands = new List<(ExpressionSyntax Operand, string Repair)>();
        for (int i = 0; root is not null && i < repairs.Length && 2 * i < diagnostic.AdditionalLocations.Count; i++)
        {
            if (repairs[i].Length > 0 && OperandSyntax.Find(root, diagnostic.AdditionalLocations[2 * i]) is { } operand)
            {
                operands.Add((operand, repairs[i]));
            }
        }

        return operands.Count == 0 ? [] :
        [
            new DocumentFix(
                operands.TrueForAll(one => one.Repair == NumericRepairs.Offset) ? $"Add {Epsilon}" : $"Keep it above {Epsilon}",
                _ruleId,
                editor => operands.ForEach(one => Repair(editor, one.Operand, one.Repair))),
        ];
    }

    private static void Repair(DocumentEditor editor, ExpressionSyntax operand, string repair)
    {
        if (repair == NumericRepairs.Offset)
        {
            OperandSyntax.Add(editor, operand, Epsilon);
        }
        else
        {
            OperandSyntax.Limit(editor, operand, "clamp_min", Epsilon);
        }
    }
}
