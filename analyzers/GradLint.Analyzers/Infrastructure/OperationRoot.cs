using Microsoft.CodeAnalysis;

namespace GradLint.Infrastructure;

internal static class OperationRoot
{
    /// <summary>The body or initializer that the operation is part of.</summary>
    public static IOperation Root(this IOperation operation)
    {
        IOperation root = operation;
        while (root.Parent is { } parent)
        {
            root = parent;
        }

        return root;
    }
}
