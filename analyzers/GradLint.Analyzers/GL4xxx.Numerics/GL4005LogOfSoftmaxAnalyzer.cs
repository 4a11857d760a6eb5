using System.Collections.Immutable;
using GradLint.Infrastructure;
using GradLint.Ranges;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL4005: the logarithm of a softmax, which log_softmax computes without rounding to 0 on the way.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL4005LogOfSoftmaxAnalyzer() : NumericsAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.LogOfSoftmax,
        RuleCategory.Numerics,
        RuleLevel.Warning,
        "The logarithm of a softmax",
        "'{0}' is a softmax, whose small probabilities round to 0, where its logarithm is minus infinity or an epsilon stops the gradient: log_softmax is exact",
        "Small probabilities of a softmax round to 0: their logarithm is minus infinity, and an epsilon only stops their gradient. log_softmax computes both in one, exactly.");

    internal static NumericFault? Judge(IOperation operation, NumericSight sight)
    {
        if (sight.FunctionAt(operation) is not { Name: "log" or "log2" or "log10", Input: var input })
        {
            return null;
        }

        TensorRange range = sight.RangeOf(input);
        return range.Kind == TensorKind.Softmax && sight.IsDifferentiated(operation, range)
            ? new NumericFault(
                RuleIds.LogOfSoftmax, RuleLevel.Warning, operation.Syntax, input.Syntax, Repair: null, range.MadeAt, ImmutableArray.Create<object>(NumericSight.Quote(input.Syntax)))
            : null;
    }
}
