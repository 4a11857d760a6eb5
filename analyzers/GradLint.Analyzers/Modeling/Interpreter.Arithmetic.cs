using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Arithmetic on numbers, strings and tensors.</content>
internal sealed partial class Interpreter
{
    private Value Combine(BinaryOperatorKind kind, Value left, Value right, IOperation operation) => (left, right) switch
    {
        ({ Number: { } a }, { Number: { } b }) => Calculate(kind, a, b, operation),
        (ConstantValue { Constant: bool a }, ConstantValue { Constant: bool b }) => Calculate(kind, a, b, operation),
        (ConstantValue { Constant: var a }, ConstantValue { Constant: var b }) when kind == BinaryOperatorKind.Add => Text($"{a}{b}"),
        (ConstantValue { Constant: var a }, ConstantValue { Constant: var b }) when kind == BinaryOperatorKind.Equals => new ConstantValue(Equals(a, b)),
        (ConstantValue { Constant: var a }, ConstantValue { Constant: var b }) when kind == BinaryOperatorKind.NotEquals => new ConstantValue(!Equals(a, b)),
        (TypeValue a, TypeValue b) when kind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals =>
            new ConstantValue(SymbolEqualityComparer.Default.Equals(a.Type, b.Type) == (kind == BinaryOperatorKind.Equals)),
        (not UnknownValue, ConstantValue { Constant: null }) when kind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals => new ConstantValue(kind == BinaryOperatorKind.NotEquals),
        (TensorValue or HeldTensorValue or { Number: not null }, TensorValue or HeldTensorValue or { Number: not null }) => TensorArithmetic(kind, left, right, operation),
        (TensorValue, UnknownValue { Reason: var reason }) => Opaque(reason, operation.Syntax, left, right),
        (UnknownValue { Reason: var reason }, TensorValue) => Opaque(reason, operation.Syntax, left, right),
        (TensorValue, _) or (_, TensorValue) => Opaque($"the operator in '{Shortened(operation.Syntax)}' is not modelled", operation.Syntax, left, right),
        (HeldTensorValue, _) or (_, HeldTensorValue) => new HeldTensorValue(null, null),
        (UnknownValue, _) => left,
        (_, UnknownValue) => right,
        _ => NotUnderstood(operation),
    };

    private static Value Calculate(BinaryOperatorKind kind, double a, double b, IOperation operation)
    {
        bool whole = operation.Type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64;
        return kind switch
        {
            BinaryOperatorKind.Add => new ConstantValue(a + b),
            BinaryOperatorKind.Subtract => new ConstantValue(a - b),
            BinaryOperatorKind.Multiply => new ConstantValue(a * b),
            BinaryOperatorKind.Divide when b != 0 => new ConstantValue(whole ? System.Math.Truncate(a / b) : a / b),
            BinaryOperatorKind.Remainder when b != 0 => new ConstantValue(a % b),
            BinaryOperatorKind.LeftShift => new ConstantValue(a * System.Math.Pow(2, b)),
            BinaryOperatorKind.RightShift => new ConstantValue(System.Math.Floor(a / System.Math.Pow(2, b))),
            BinaryOperatorKind.LessThan => new ConstantValue(a < b),
            BinaryOperatorKind.LessThanOrEqual => new ConstantValue(a <= b),
            BinaryOperatorKind.GreaterThan => new ConstantValue(a > b),
            BinaryOperatorKind.GreaterThanOrEqual => new ConstantValue(a >= b),
            BinaryOperatorKind.Equals => new ConstantValue(a == b),
            BinaryOperatorKind.NotEquals => new ConstantValue(a != b),
            _ => NotUnderstood(operation),
        };
    }

    private static Value Calculate(BinaryOperatorKind kind, bool a, bool b, IOperation operation) => kind switch
    {
        BinaryOperatorKind.And or BinaryOperatorKind.ConditionalAnd => new ConstantValue(a && b),
        BinaryOperatorKind.Or or BinaryOperatorKind.ConditionalOr => new ConstantValue(a || b),
        BinaryOperatorKind.Equals => new ConstantValue(a == b),
        BinaryOperatorKind.NotEquals => new ConstantValue(a != b),
        _ => NotUnderstood(operation),
    };

    private static Normal Scaled(Normal fill, double factor) => new(fill.MeanValue * factor, fill.StandardDeviation * System.Math.Abs(factor));

    private Value TensorArithmetic(BinaryOperatorKind kind, Value left, Value right, IOperation operation) => (kind, left, right) switch
    {
        _ when _recorder is null && (left is TensorValue || right is TensorValue) => NotUnderstood(operation),
        (BinaryOperatorKind.Multiply, HeldTensorValue { Fill: Normal fill } held, { Number: { } factor }) => new HeldTensorValue(Scaled(fill, factor), held.Sizes),
        (BinaryOperatorKind.Multiply, { Number: { } factor }, HeldTensorValue { Fill: Normal fill } held) => new HeldTensorValue(Scaled(fill, factor), held.Sizes),
        (_, not TensorValue, not TensorValue) => new HeldTensorValue(null, null),
        (BinaryOperatorKind.Add, TensorValue a, TensorValue or HeldTensorValue) => Sum(a, right, operation.Syntax),
        (BinaryOperatorKind.Add, HeldTensorValue, TensorValue b) => Sum(b, left, operation.Syntax),
        (BinaryOperatorKind.Subtract, TensorValue a, TensorValue or HeldTensorValue) => Sum(a, Negative(right, operation.Syntax), operation.Syntax),
        (BinaryOperatorKind.Multiply, TensorValue a, TensorValue or HeldTensorValue) => Product(a, right, operation.Syntax),
        (BinaryOperatorKind.Multiply, HeldTensorValue, TensorValue b) => Product(b, left, operation.Syntax),
        (BinaryOperatorKind.Multiply, TensorValue a, { Number: { } factor }) => Node("scale", new ScaleLayer(factor), operation.Syntax, a),
        (BinaryOperatorKind.Multiply, { Number: { } factor }, TensorValue a) => Node("scale", new ScaleLayer(factor), operation.Syntax, a),
        (BinaryOperatorKind.Divide, TensorValue a, { Number: { } divisor }) when divisor != 0 => Node("scale", new ScaleLayer(1 / divisor), operation.Syntax, a),
        _ => Opaque($"the operator in '{Shortened(operation.Syntax)}' is not modelled", operation.Syntax, left, right),
    };
}
