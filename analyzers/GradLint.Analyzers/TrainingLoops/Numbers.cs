using System;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>
/// Numbers that the source fixes: literals, constants, readonly fields, locals that are assigned once, the defaults of parameters, and
/// arithmetic on these.
/// </summary>
internal sealed class Numbers(SourceModels source, SourceNames names)
{
    private const int DeepestValue = 8;

    /// <summary>The value; null where it is not the same each time, or not to be seen.</summary>
    public FixedNumber? Read(IOperation? operation, CancellationToken cancellation) => Read(operation, DeepestValue, cancellation);

    private FixedNumber? Read(IOperation? operation, int depth, CancellationToken cancellation)
    {
        if (operation is null || depth == 0)
        {
            return null;
        }

        return operation switch
        {
            IConversionOperation { OperatorMethod: null } conversion => Converted(conversion, depth, cancellation),
            IParenthesizedOperation parenthesized => Read(parenthesized.Operand, depth, cancellation),
            ILocalReferenceOperation local => Stored(local.Local, depth, cancellation) ?? Constant(operation),
            IFieldReferenceOperation field when field.Field.IsConst || field.Field.IsReadOnly => Stored(field.Field, depth, cancellation) ?? Constant(operation),
            IParameterReferenceOperation parameter => Default(parameter.Parameter, cancellation),
            _ => Constant(operation) ?? Computed(operation, depth, cancellation),
        };
    }

    private FixedNumber? Converted(IConversionOperation conversion, int depth, CancellationToken cancellation)
    {
        FixedNumber? operand = Read(conversion.Operand, depth, cancellation);
        return Constant(conversion) is { } converted && operand is not null ? operand with { Value = converted.Value } : operand;
    }

    private FixedNumber? Stored(ISymbol symbol, int depth, CancellationToken cancellation)
    {
        AssignedValue[] values = names.ValuesOf(symbol, cancellation).ToArray();
        return values is [{ Share: ValueShare.Whole, Value: { } value }] ? Read(source.OperationAt(value, cancellation), depth - 1, cancellation) : null;
    }

    /// <summary>What a parameter is where a caller leaves it out: the code counts on that value to work.</summary>
    private FixedNumber? Default(IParameterSymbol parameter, CancellationToken cancellation)
    {
        if (!parameter.HasExplicitDefaultValue || AsDouble(parameter.ExplicitDefaultValue) is not { } value || !names.ValuesOf(parameter, cancellation).IsEmpty)
        {
            return null;
        }

        SyntaxNode? declaration = parameter.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation);
        return declaration is ParameterSyntax { Default.Value: { } written } ? new FixedNumber(value, written) : null;
    }

    private FixedNumber? Computed(IOperation operation, int depth, CancellationToken cancellation)
    {
        switch (operation)
        {
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Minus, OperatorMethod: null } minus
                when Read(minus.Operand, depth - 1, cancellation) is { } operand:
                return new FixedNumber(-operand.Value, operation.Syntax);
            case IBinaryOperation { OperatorMethod: null } binary
                when Read(binary.LeftOperand, depth - 1, cancellation) is { } left && Read(binary.RightOperand, depth - 1, cancellation) is { } right:
                return Combine(binary, left.Value, right.Value) is { } value ? new FixedNumber(value, operation.Syntax) : null;
            default:
                return null;
        }
    }

    private static double? Combine(IBinaryOperation binary, double left, double right)
    {
        bool whole = binary.Type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64;
        return binary.OperatorKind switch
        {
            BinaryOperatorKind.Add => left + right,
            BinaryOperatorKind.Subtract => left - right,
            BinaryOperatorKind.Multiply => left * right,
            BinaryOperatorKind.Divide when whole => right == 0 ? null : Math.Truncate(left / right),
            BinaryOperatorKind.Divide => left / right,
            _ => null,
        };
    }

    private static FixedNumber? Constant(IOperation operation) =>
        operation.ConstantValue is { HasValue: true, Value: var value } && AsDouble(value) is { } number ? new FixedNumber(number, operation.Syntax) : null;

    private static double? AsDouble(object? value) => value switch
    {
        double or float or int or long or short or byte or uint or ulong or sbyte or ushort or decimal => Convert.ToDouble(value),
        _ => null,
    };
}

/// <summary>A number, and the code in which it is written.</summary>
internal sealed record FixedNumber(double Value, SyntaxNode WrittenAt);
