using System.Collections.Immutable;
using GradLint.Infrastructure;
using GradLint.Ranges;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL4007: cross-entropy takes a softmax of its own of what has been through one.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL4007SoftmaxBeforeCrossEntropyAnalyzer() : NumericsAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.SoftmaxBeforeCrossEntropy,
        RuleCategory.Numerics,
        RuleLevel.Warning,
        "A softmax before the cross-entropy",
        "'{0}' has been through a {1} and cross-entropy takes a softmax of its own{2}",
        "Cross-entropy takes the softmax itself. A second one before it keeps the loss from getting near 0 and shrinks the gradients.");

    internal static NumericFault? Judge(IOperation operation, NumericSight sight)
    {
        if (sight.PredictionOf(operation, "cross_entropy", "CrossEntropyLoss") is not { } prediction)
        {
            return null;
        }

        TensorRange range = sight.RangeOf(prediction);
        return range.Kind is TensorKind.Softmax or TensorKind.LogSoftmax && sight.IsDifferentiated(operation, range)
            ? new NumericFault(
                RuleIds.SoftmaxBeforeCrossEntropy,
                range.Kind == TensorKind.Softmax ? RuleLevel.Warning : RuleLevel.Advice,
                operation.Syntax,
                prediction.Syntax,
                Repair: null,
                range.MadeAt,
                Message(prediction, range.Kind))
            : null;
    }

    /// <summary>The logarithm of a softmax is its own log_softmax: nothing is lost but time.</summary>
    private static ImmutableArray<object> Message(IOperation prediction, TensorKind kind) => kind == TensorKind.Softmax
        ? ImmutableArray.Create<object>(NumericSight.Quote(prediction.Syntax), "softmax", ": the loss cannot get near 0 and its gradients are small")
        : ImmutableArray.Create<object>(NumericSight.Quote(prediction.Syntax), "log_softmax", ", which leaves it as it is: one of the two is enough");
}
