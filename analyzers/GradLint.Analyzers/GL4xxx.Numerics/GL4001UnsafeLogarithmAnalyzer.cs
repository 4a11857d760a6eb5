using System.Collections.Immutable;
using GradLint.Infrastructure;
using GradLint.Ranges;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL4001: the logarithm of a value that becomes 0 in ordinary training.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL4001UnsafeLogarithmAnalyzer() : NumericsAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.UnsafeLogarithm,
        RuleCategory.Numerics,
        RuleLevel.Warning,
        "The logarithm of a value that can be 0",
        "The logarithm of '{0}' is minus infinity and its gradient infinite or NaN where {1} makes that 0",
        "The logarithm of 0 is minus infinity, and its gradient infinite: one such value turns the loss and all gradients into NaN.");

    internal static NumericFault? Judge(IOperation operation, NumericSight sight)
    {
        if (sight.FunctionAt(operation) is not { Name: "log" or "log2" or "log10" or "log1p", Input: var input } function)
        {
            return null;
        }

        TensorRange range = sight.RangeOf(input);
        TensorRange argument = function.Name == "log1p" ? range.Plus(1) : range;
        return argument.ReachesZero == Reach.Usual && range.Kind != TensorKind.Softmax && !IsMadeSafeAfterwards(operation) && sight.IsDifferentiated(operation, range)
            ? new NumericFault(
                RuleIds.UnsafeLogarithm,
                RuleLevel.Warning,
                operation.Syntax,
                input.Syntax,
                function.Name == "log1p" ? null : NumericRepairs.For(argument),
                Origin: null,
                ImmutableArray.Create<object>(NumericSight.Quote(input.Syntax), NumericSight.InWords(range)))
            : null;
    }

    /// <summary>Whoever clamps or replaces what comes out knows that it can be infinite.</summary>
    private static bool IsMadeSafeAfterwards(IOperation logarithm)
    {
        IOperation? user = logarithm.Parent;
        while (user is IArgumentOperation or IConversionOperation or IParenthesizedOperation)
        {
            user = user.Parent;
        }

        return user is IInvocationOperation { TargetMethod.Name: "clamp" or "clamp_" or "clip" or "clamp_min" or "where" or "nan_to_num" or "nan_to_num_" or "masked_fill" or "masked_fill_" };
    }
}
