using System.Collections.Immutable;
using GradLint.Infrastructure;
using GradLint.Ranges;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL4006: a sigmoid before the binary cross-entropy, which the form with logits computes in one.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL4006SigmoidBeforeBinaryCrossEntropyAnalyzer() : NumericsAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.SigmoidBeforeBinaryCrossEntropy,
        RuleCategory.Numerics,
        RuleLevel.Advice,
        "A sigmoid before the binary cross-entropy",
        "'{0}' comes from a sigmoid, whose gradient is 0 from 17 on, however wrong the answer: the loss with logits has both in one",
        "A sigmoid rounds to 1 from 17 on and its gradient to 0, so the binary cross-entropy of a wrong but certain answer teaches nothing. "
        + "The loss with logits computes both in one.");

    internal static NumericFault? Judge(IOperation operation, NumericSight sight)
    {
        if (sight.PredictionOf(operation, "binary_cross_entropy", "BCELoss") is not { } prediction)
        {
            return null;
        }

        TensorRange range = sight.RangeOf(prediction);
        return range.Kind == TensorKind.Sigmoid && sight.IsDifferentiated(operation, range)
            ? new NumericFault(
                RuleIds.SigmoidBeforeBinaryCrossEntropy,
                RuleLevel.Advice,
                operation.Syntax,
                prediction.Syntax,
                Repair: null,
                range.MadeAt,
                ImmutableArray.Create<object>(NumericSight.Quote(prediction.Syntax)))
            : null;
    }
}
