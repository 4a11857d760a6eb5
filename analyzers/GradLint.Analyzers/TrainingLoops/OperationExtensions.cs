using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

internal static class OperationExtensions
{
    public static IOperation? WalkDownConversions(this IOperation? operation)
    {
        while (operation is IConversionOperation or IParenthesizedOperation)
        {
            operation = operation is IConversionOperation conversion ? conversion.Operand : ((IParenthesizedOperation)operation).Operand;
        }

        return operation;
    }

    /// <summary>The value for the parameter, wherever in the call it is written; null where the call is not complete.</summary>
    public static IArgumentOperation? ArgumentFor(this IInvocationOperation call, string parameter) =>
        call.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == parameter);

    public static IOperation? FirstArgument(this IInvocationOperation call) =>
        call.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0)?.Value;

    /// <summary>Whether anything looks at what the call returns.</summary>
    public static bool IsResultUsed(this IInvocationOperation call) =>
        call.Parent is not (null or IExpressionStatementOperation) && call.Parent is not ISimpleAssignmentOperation { Target: IDiscardOperation };
}
