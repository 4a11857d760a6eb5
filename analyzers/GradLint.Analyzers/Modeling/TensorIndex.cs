using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <summary>What one index of <c>x[a, b]</c> asks for.</summary>
internal enum TensorIndexKind
{
    /// <summary>All places along the axis.</summary>
    All,

    /// <summary>One place.</summary>
    One,

    /// <summary>All axes that are not named.</summary>
    Ellipsis,

    /// <summary>A new axis.</summary>
    NewAxis,

    /// <summary>Some places, or those where a mask holds.</summary>
    Some,
}

/// <summary>One index of a tensor.</summary>
/// <param name="Kind">What it asks for.</param>
/// <param name="Place">The place, where it asks for one that is known.</param>
internal readonly record struct TensorIndex(TensorIndexKind Kind, int? Place = null)
{
    public static TensorIndex Of(IOperation index, Func<IOperation, Value> evaluate)
    {
        IOperation operation = index;
        while (operation is IConversionOperation { Operand: var operand })
        {
            operation = operand;
        }

        return operation switch
        {
            IRangeOperation range => new TensorIndex(range.LeftOperand is null && range.RightOperand is null ? TensorIndexKind.All : TensorIndexKind.Some),
            ITupleOperation tuple => new TensorIndex(tuple.Elements.All(IsNull) ? TensorIndexKind.All : TensorIndexKind.Some),
            IMemberReferenceOperation { Member.Name: "Ellipsis" } => new TensorIndex(TensorIndexKind.Ellipsis),
            IMemberReferenceOperation { Member.Name: "Colon" } => new TensorIndex(TensorIndexKind.All),
            IMemberReferenceOperation { Member.Name: "Null" or "None" } => new TensorIndex(TensorIndexKind.NewAxis),
            IInvocationOperation { TargetMethod.Name: "Slice" } slice => new TensorIndex(
                slice.Arguments.All(argument => IsNull(argument.Value)) ? TensorIndexKind.All : TensorIndexKind.Some),
            IInvocationOperation { TargetMethod.Name: "Single", Arguments: [var place] } => new TensorIndex(TensorIndexKind.One, evaluate(place.Value).Integer),
            _ when operation.Type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64 => new TensorIndex(TensorIndexKind.One, evaluate(operation).Integer),
            _ => new TensorIndex(TensorIndexKind.Some),
        };
    }

    /// <summary>The indices one by one, where the compiler puts them into an array.</summary>
    public static IEnumerable<IOperation> Written(IOperation index) =>
        index is IArrayCreationOperation { Initializer.ElementValues: var elements } ? elements.AsEnumerable() : [index];

    private static bool IsNull(IOperation operation) => operation switch
    {
        IConversionOperation { Operand: var operand } => IsNull(operand),
        IDefaultValueOperation => true,
        _ => operation.ConstantValue is { HasValue: true, Value: null },
    };
}
