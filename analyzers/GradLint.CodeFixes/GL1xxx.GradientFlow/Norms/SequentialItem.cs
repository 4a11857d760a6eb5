using System.Linq;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>A module on its way into a Sequential: as an argument, as an element of a list, or appended.</summary>
/// <param name="Module">The module, as it is written.</param>
/// <param name="Element">The element of the list, or the argument, that it is the whole or the second half of.</param>
/// <param name="Append">The call that appends it; null where it is one of many.</param>
internal sealed record SequentialItem(ExpressionSyntax Module, SyntaxNode Element, InvocationExpressionSyntax? Append)
{
    public static SequentialItem? Find(ExpressionSyntax module, SemanticModel model)
    {
        SyntaxNode element = module.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax { Arguments: [{ Expression: LiteralExpressionSyntax or InterpolatedStringExpressionSyntax }, var second] } named } && second == module.Parent
            ? named
            : module;
        if (element.Parent is ArgumentSyntax or ExpressionElementSyntax)
        {
            element = element.Parent;
        }

        switch (element)
        {
            case ArgumentSyntax { NameColon: null, Parent.Parent: InvocationExpressionSyntax call } when IsSequential(call, model):
                return new SequentialItem(module, element, null);
            case ArgumentSyntax { Parent: ArgumentListSyntax { Arguments: { } arguments, Parent: InvocationExpressionSyntax append } } when arguments.Last() == element && Appends(append, model):
                return new SequentialItem(module, element, append);
            case ExpressionElementSyntax { Parent: CollectionExpressionSyntax list } when GoesIntoSequential(list, model):
            case ExpressionSyntax { Parent: InitializerExpressionSyntax { Parent: ExpressionSyntax array } } when GoesIntoSequential(array, model):
                return new SequentialItem(module, element, null);
            default:
                return null;
        }
    }

    /// <summary>Another module behind or in front of this one; null where it cannot be named.</summary>
    public TextChange? With(string creation, bool after)
    {
        if (Append is not null)
        {
            return AppendToo(creation, after);
        }

        TupleExpressionSyntax? tuple = Element as TupleExpressionSyntax ?? (Element as ArgumentSyntax)?.Expression as TupleExpressionSyntax ?? (Element as ExpressionElementSyntax)?.Expression as TupleExpressionSyntax;
        return WrittenLines.BesideElement(Element, tuple is null ? creation : $"({NormNamed(tuple.Arguments[0].Expression)}, {creation})", after);
    }

    private TextChange? AppendToo(string creation, bool after)
    {
        ArgumentSyntax? name = Append!.ArgumentList.Arguments is [var first, _] ? first : null;
        string named = (Element as ArgumentSyntax)?.Expression is TupleExpressionSyntax tuple ? $"({NormNamed(tuple.Arguments[0].Expression)}, {creation})"
            : name is null ? creation
            : $"{NormNamed(name.Expression)}, {creation}";
        var access = (MemberAccessExpressionSyntax)Append.Expression;
        bool isChained = Append.Parent is not ExpressionStatementSyntax { Parent: BlockSyntax or GlobalStatementSyntax };
        return (isChained, after) switch
        {
            (true, true) when access.Name.Identifier.ValueText == "append" => new TextChange(new TextSpan(Append.Span.End, 0), $".append({named})"),
            (true, false) when access.Name.Identifier.ValueText == "append" => new TextChange(new TextSpan(access.OperatorToken.SpanStart, 0), $".append({named})"),
            (false, true) => WrittenLines.After(Append.Parent!, $"{access}({named});"),
            (false, false) => new TextChange(new TextSpan(Append.Parent!.SpanStart, 0), $"{access}({named});{WrittenLines.LineEndOf(Append.Parent)}{WrittenLines.IndentationOf(Append.Parent)}"),
            _ => null,
        };
    }

    /// <summary><c>"fc1"</c> becomes <c>"fc1_norm"</c>.</summary>
    private static string NormNamed(ExpressionSyntax name) => name.ToString() is var text && text.EndsWith("\"", System.StringComparison.Ordinal)
        ? text.Substring(0, text.Length - 1) + "_norm\""
        : text;

    private static bool IsSequential(InvocationExpressionSyntax call, SemanticModel model) =>
        model.GetSymbolInfo(call).Symbol is IMethodSymbol { Name: "Sequential" } method && method.ContainingAssembly?.Name == TorchSharpNames.Assembly;

    private static bool GoesIntoSequential(ExpressionSyntax list, SemanticModel model) =>
        list.Parent is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } && IsSequential(call, model);

    private static bool Appends(InvocationExpressionSyntax call, SemanticModel model) =>
        call.Expression is MemberAccessExpressionSyntax access
        && model.GetSymbolInfo(call).Symbol is IMethodSymbol { Name: var name }
        && (name is "append" or "add_module" ? model.GetTypeInfo(access.Expression).Type is { Name: "Sequential" } type && type.ContainingAssembly?.Name == TorchSharpNames.Assembly
            : name == "Add" && model.GetSymbolInfo(access.Expression).Symbol is { } list && IsListForSequential(access.Expression, list, model));

    /// <summary>A list of modules that is filled, and then handed to a Sequential: nobody else looks at its elements.</summary>
    private static bool IsListForSequential(ExpressionSyntax receiver, ISymbol list, SemanticModel model)
    {
        SyntaxNode scope = receiver.Ancestors().FirstOrDefault(node => list is ILocalSymbol ? node is BaseMethodDeclarationSyntax or CompilationUnitSyntax : node is TypeDeclarationSyntax) ?? receiver.SyntaxTree.GetRoot();
        ITypeSymbol? element = model.GetTypeInfo(receiver).Type is INamedTypeSymbol { Name: "List", TypeArguments: [var only] } ? only : null;
        ITypeSymbol? module = element is INamedTypeSymbol { IsTupleType: true, TupleElements: [_, var second] } ? second.Type : element;
        return module is { Name: "Module" } && module.ContainingAssembly?.Name == TorchSharpNames.Assembly
            && References.To(list, scope, model).All(use =>
                use.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Add" or "Count" or "ToArray" }
                || GoesIntoSequential(use, model))
            && References.To(list, scope, model).Any(use => GoesIntoSequential(use, model)
                || use.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ToArray", Parent: InvocationExpressionSyntax array } && GoesIntoSequential(array, model));
    }
}
