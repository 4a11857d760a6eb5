using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <summary>Conditions that ask whether a file is there, such as a checkpoint, as they are while there is none.</summary>
internal static class MissingFiles
{
    /// <summary>Whether the condition holds without any file; null where files do not decide it.</summary>
    public static bool? Decide(IOperation? condition) => condition switch
    {
        IInvocationOperation { TargetMethod: { Name: "Exists", ContainingType: { Name: "File" or "Directory", ContainingNamespace: { Name: "IO", ContainingNamespace.Name: "System" } } } } => false,
        IPropertyReferenceOperation { Property: { Name: "Exists", ContainingType: { Name: "FileInfo" or "DirectoryInfo" or "FileSystemInfo", ContainingNamespace: { Name: "IO", ContainingNamespace.Name: "System" } } } } => false,
        IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: var operand } => !Decide(operand),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd } both when Decide(both.LeftOperand) == false || Decide(both.RightOperand) == false => false,
        IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalOr } either when Decide(either.LeftOperand) == true || Decide(either.RightOperand) == true => true,
        IParenthesizedOperation { Operand: var inner } => Decide(inner),
        _ => null,
    };
}
