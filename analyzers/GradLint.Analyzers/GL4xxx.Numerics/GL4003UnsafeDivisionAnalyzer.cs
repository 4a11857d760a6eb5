using System.Collections.Immutable;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Ranges;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL4003: a division by a value that can be 0.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL4003UnsafeDivisionAnalyzer() : NumericsAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.UnsafeDivision,
        RuleCategory.Numerics,
        RuleLevel.Advice,
        "A division by a value that can be 0",
        "The division by '{0}' gives infinity or NaN where {1} makes that 0",
        "Where a divisor becomes 0, the quotient is infinite or NaN, and with it the loss and all gradients.");

    internal static NumericFault? Judge(IOperation operation, NumericSight sight)
    {
        if (DivisionAt(operation, sight) is not { } division)
        {
            return null;
        }

        TensorRange range = sight.RangeOf(division.Divisor);
        return range is { Lower: 0, ReachesZero: not Reach.Unknown, IsConstant: false, Kind: not TensorKind.Root }
            && sight.IsDifferentiated(operation, range with { IsFromNetwork = range.IsFromNetwork || sight.RangeOf(division.Dividend).IsFromNetwork })
                ? new NumericFault(
                    RuleIds.UnsafeDivision,
                    RuleLevel.Advice,
                    operation.Syntax,
                    division.Divisor.Syntax,
                    NumericRepairs.Offset,
                    Origin: null,
                    ImmutableArray.Create<object>(NumericSight.Quote(division.Divisor.Syntax), NumericSight.InWords(range)))
                : null;
    }

    private static (IOperation? Dividend, IOperation Divisor)? DivisionAt(IOperation operation, NumericSight sight) => operation switch
    {
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Divide } division => (division.LeftOperand, division.RightOperand),
        ICompoundAssignmentOperation { OperatorKind: BinaryOperatorKind.Divide } division => (division.Target, division.Value),
        IInvocationOperation call => sight.FunctionAt(call) switch
        {
            { Name: "div" or "divide" or "true_divide", Input: var input } when DivisorOf(call, input) is { } divisor => (input, divisor),
            { Name: "reciprocal", Input: var input } => (null, input),
            _ => null,
        },
        _ => null,
    };

    private static IOperation? DivisorOf(IInvocationOperation call, IOperation dividend) =>
        call.Arguments.Select(argument => argument.Value).FirstOrDefault(value => value != dividend && value.WalkDownConversions() != dividend.WalkDownConversions());
}
