using System.Linq;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.CodeFixes.Rules;

/// <summary>The norm that fits a layer, written as the layer is: with the same way to name the factory, size, device and type.</summary>
/// <param name="Kind">Such as <c>LayerNorm</c>.</param>
/// <param name="Creation">The code that creates it.</param>
internal sealed record NormFactory(string Kind, string Creation)
{
    private static readonly string[] s_options = ["device", "dtype"];

    /// <summary>Null where the layer's size cannot be written a second time.</summary>
    /// <param name="layer">The creation of a linear or convolutional layer.</param>
    /// <param name="after">Behind the layer, of its outputs; else in front of it, of its inputs.</param>
    /// <param name="model">The meaning of the file.</param>
    public static NormFactory? For(InvocationExpressionSyntax layer, bool after, SemanticModel model)
    {
        if (model.GetOperation(layer) is not IInvocationOperation { TargetMethod.Name: var name } operation || KindFor(name) is not { } kind)
        {
            return null;
        }

        string parameter = (kind == "LayerNorm", after) switch
        {
            (true, true) => "outputSize",
            (true, false) => "inputSize",
            (false, true) => "out_channels",
            (false, false) => "in_channels",
        };
        if (operation.ArgumentFor(parameter)?.Value.Syntax is not ExpressionSyntax size || !CanBeRepeated(size))
        {
            return null;
        }

        string factory = layer.Expression.ToString();
        string prefix = factory.Substring(0, factory.Length - name.Length);
        string options = string.Concat(s_options
            .Select(option => (option, operation.ArgumentFor(option)))
            .Where(option => option.Item2 is { IsImplicit: false, ArgumentKind: ArgumentKind.Explicit })
            .Select(option => $", {option.option}: {option.Item2!.Value.Syntax}"));
        return new NormFactory(kind, $"{prefix}{kind}({size}{options})");
    }

    private static string? KindFor(string layer) => layer switch
    {
        "Linear" => "LayerNorm",
        "Conv1d" or "ConvTranspose1d" => "BatchNorm1d",
        "Conv2d" or "ConvTranspose2d" => "BatchNorm2d",
        "Conv3d" or "ConvTranspose3d" => "BatchNorm3d",
        _ => null,
    };

    /// <summary>Whether evaluating the code a second time does nothing but give the same value.</summary>
    private static bool CanBeRepeated(ExpressionSyntax size) => size.DescendantNodesAndSelf().All(node =>
        node is LiteralExpressionSyntax or SimpleNameSyntax or MemberAccessExpressionSyntax or ElementAccessExpressionSyntax or BracketedArgumentListSyntax or ArgumentSyntax
            or BinaryExpressionSyntax or ParenthesizedExpressionSyntax or CastExpressionSyntax or TypeSyntax or ThisExpressionSyntax
        || node is PrefixUnaryExpressionSyntax prefix && (prefix.IsKind(SyntaxKind.IndexExpression) || prefix.IsKind(SyntaxKind.UnaryMinusExpression)));
}
