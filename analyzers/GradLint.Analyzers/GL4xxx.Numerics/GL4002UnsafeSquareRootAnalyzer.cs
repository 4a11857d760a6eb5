using System.Collections.Immutable;
using GradLint.Infrastructure;
using GradLint.Ranges;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL4002: the square root of a value that becomes 0, where its gradient is infinite.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL4002UnsafeSquareRootAnalyzer() : NumericsAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.UnsafeSquareRoot,
        RuleCategory.Numerics,
        RuleLevel.Warning,
        "The square root of a value that can be 0",
        "The gradient of the square root of '{0}' is infinite or NaN where {1} makes that 0",
        "The square root has an infinite slope at 0: where the loss passes through it, one such value turns all gradients into NaN.");

    internal static NumericFault? Judge(IOperation operation, NumericSight sight)
    {
        if (RootAt(operation, sight) is not { } root)
        {
            return null;
        }

        TensorRange range = sight.RangeOf(root.Input);
        if (range.ReachesZero == Reach.Unknown || !sight.IsDifferentiated(operation, range))
        {
            return null;
        }

        // A degenerate case that a quotient makes infinite, such as a feature that is the same everywhere, is fatal at once.
        bool certain = range.ReachesZero == Reach.Usual || root.IsInverse || IsDivisor(operation);
        return new NumericFault(
            RuleIds.UnsafeSquareRoot,
            certain ? RuleLevel.Warning : RuleLevel.Advice,
            operation.Syntax,
            root.Input.Syntax,
            NumericRepairs.For(range),
            Origin: null,
            ImmutableArray.Create<object>(NumericSight.Quote(root.Input.Syntax), NumericSight.InWords(range)));
    }

    private static (IOperation Input, bool IsInverse)? RootAt(IOperation operation, NumericSight sight) => sight.FunctionAt(operation) switch
    {
        { Name: "sqrt", Input: var input } => (input, false),
        { Name: "rsqrt", Input: var input } => (input, true),
        { Name: "pow", Input: var input } when sight.NumberOf(((IInvocationOperation)operation).Arguments[((IInvocationOperation)operation).Arguments.Length - 1].Value) is { } exponent
            && System.Math.Abs(exponent) == 0.5 => (input, exponent < 0),
        _ => null,
    };

    private static bool IsDivisor(IOperation root)
    {
        IOperation divisor = root;
        while (divisor.Parent is IConversionOperation or IParenthesizedOperation)
        {
            divisor = divisor.Parent;
        }

        return divisor.Parent is IBinaryOperation { OperatorKind: BinaryOperatorKind.Divide } division && division.RightOperand == divisor
            || divisor.Parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "div" or "div_" or "divide" or "true_divide" } };
    }
}
