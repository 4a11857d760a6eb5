using System.Collections.Immutable;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Ranges;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL4004: the exponential of what a layer puts out, which has no bounds.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL4004UnboundedExponentialAnalyzer() : NumericsAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.UnboundedExponential,
        RuleCategory.Numerics,
        RuleLevel.Advice,
        "The exponential of a value without bounds",
        "The exponential of '{0}', the output of a layer without bounds, overflows from 89 on: the loss and the gradients then become infinite or NaN",
        "The exponential overflows a 32-bit number from 89 on, and multiplies the gradient by its value long before.");

    internal static NumericFault? Judge(IOperation operation, NumericSight sight)
    {
        if (sight.FunctionAt(operation) is not { Name: "exp" or "exp2" or "expm1", Input: var input })
        {
            return null;
        }

        TensorRange range = sight.RangeOf(input);
        return range.Kind == TensorKind.LinearOutput && double.IsPositiveInfinity(range.Upper) && !IsHeldInCheck(operation, input) && sight.IsDifferentiated(operation, range)
            ? new NumericFault(
                RuleIds.UnboundedExponential,
                RuleLevel.Advice,
                operation.Syntax,
                input.Syntax,
                Repair: null,
                Origin: null,
                ImmutableArray.Create<object>(NumericSight.Quote(input.Syntax)))
            : null;
    }

    /// <summary>
    /// A log-variance: a divergence or likelihood in which it also stands by itself pulls it back, and the half of one makes the standard deviation for a
    /// sample.
    /// </summary>
    private static bool IsHeldInCheck(IOperation exponential, IOperation input)
    {
        if (IsHalf(input))
        {
            return true;
        }

        IOperation expression = exponential;
        while (expression.Parent is IBinaryOperation or IUnaryOperation or IConversionOperation or IParenthesizedOperation or IArgumentOperation or IInvocationOperation { Type: not null })
        {
            expression = expression.Parent;
        }

        ISymbol? variable = Tensors.RootOf(input);
        return variable is not null && expression.DescendantsAndSelf().Any(part =>
            part is ILocalReferenceOperation or IParameterReferenceOperation
            && SymbolEqualityComparer.Default.Equals(Tensors.RootOf(part), variable)
            && !input.Syntax.Span.Contains(part.Syntax.Span)
            && !IsExponent(part));
    }

    private static bool IsHalf(IOperation input) => input.WalkDownConversions() switch
    {
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Multiply or BinaryOperatorKind.Divide } => true,
        IInvocationOperation { TargetMethod.Name: "mul" or "mul_" or "div" or "div_" } => true,
        _ => false,
    };

    private static bool IsExponent(IOperation part)
    {
        IOperation? user = part.Parent;
        while (user is IConversionOperation or IArgumentOperation)
        {
            user = user.Parent;
        }

        return user is IInvocationOperation { TargetMethod.Name: "exp" or "exp_" };
    }
}
