using System.Collections.Generic;
using System.Linq;
using GradLint.CodeFixes.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>A field of a module class that holds a layer, with all that a change to it has to reach: declaration, constructor and forward.</summary>
internal sealed class LayerField
{
    private readonly FieldDeclarationSyntax _declaration;
    private readonly InvocationExpressionSyntax _creation;
    private readonly ExpressionStatementSyntax? _assignment;
    private readonly SemanticModel _model;

    private LayerField(IFieldSymbol symbol, FieldDeclarationSyntax declaration, InvocationExpressionSyntax creation, ExpressionStatementSyntax? assignment, SemanticModel model)
    {
        Symbol = symbol;
        _declaration = declaration;
        _creation = creation;
        _assignment = assignment;
        _model = model;
    }

    public IFieldSymbol Symbol { get; }

    /// <summary>The class.</summary>
    public TypeDeclarationSyntax Type => (TypeDeclarationSyntax)_declaration.Parent!;

    /// <summary>The field that is given the layer in its declaration, or once in the constructor; null where it is not so plain.</summary>
    public static LayerField? Holding(InvocationExpressionSyntax creation, SemanticModel model)
    {
        ExpressionStatementSyntax? assignment = (creation.Parent as AssignmentExpressionSyntax)?.Parent as ExpressionStatementSyntax;
        ISymbol? symbol = creation.Parent switch
        {
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax variable } => model.GetDeclaredSymbol(variable),
            AssignmentExpressionSyntax { Left: IdentifierNameSyntax or MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } } set when set.IsKind(SyntaxKind.SimpleAssignmentExpression)
                && assignment is { Parent: BlockSyntax { Parent: ConstructorDeclarationSyntax } } => model.GetSymbolInfo(set.Left).Symbol,
            _ => null,
        };
        return symbol is IFieldSymbol { IsStatic: false, ContainingType.DeclaringSyntaxReferences.Length: 1, DeclaringSyntaxReferences: [var reference] } field
            && reference.SyntaxTree == creation.SyntaxTree
            && reference.GetSyntax() is VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax { Parent: TypeDeclarationSyntax } declaration }
                ? new LayerField(field, declaration, creation, assignment, model)
                : null;
    }

    /// <summary>A field for the norm, its creation, and its call in forward. Null where the layer is used in any other way than by being called once.</summary>
    public IEnumerable<TextChange>? WithNorm(NormFactory norm, bool after)
    {
        string name = NameOfNorm();
        InvocationExpressionSyntax? call = null;
        var changes = new List<TextChange>();
        foreach (ExpressionSyntax use in References.To(Symbol, Type, _model))
        {
            switch (use.Parent)
            {
                case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "call" or "forward", Parent: InvocationExpressionSyntax { ArgumentList.Arguments.Count: 1 } found } when call is null:
                    call = found;
                    break;
                case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "weight" or "bias" }:
                case AssignmentExpressionSyntax set when set.Parent == _assignment && set.Left == use:
                case ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } } }:
                    break;
                case ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "register_module" }, Parent: ExpressionStatementSyntax registration } }:
                    changes.Add(WrittenLines.After(registration, $"register_module(nameof({name}), {name});"));
                    break;
                default:
                    return null;
            }
        }

        if (call is null || TypeOfNorm(norm) is not { } type || Symbol.ContainingType.GetMembers(name).Length > 0)
        {
            return null;
        }

        string modifiers = string.Concat(_declaration.Modifiers.Select(modifier => modifier.Text + " "));
        changes.Add(WrittenLines.After(_declaration, _assignment is null ? $"{modifiers}{type} {name} = {norm.Creation};" : $"{modifiers}{type} {name};"));
        if (_assignment is not null)
        {
            string self = ((AssignmentExpressionSyntax)_assignment.Expression).Left is MemberAccessExpressionSyntax ? "this." : "";
            changes.Add(WrittenLines.After(_assignment, $"{self}{name} = {norm.Creation};"));
        }

        SyntaxNode wrapped = after ? call : call.ArgumentList.Arguments[0];
        string method = ((MemberAccessExpressionSyntax)call.Expression).Name.ToString();
        changes.Add(new TextChange(new TextSpan(wrapped.SpanStart, 0), $"{name}.{method}("));
        changes.Add(new TextChange(new TextSpan(wrapped.Span.End, 0), ")"));
        return changes;
    }

    /// <summary>The name of the module's own type in the declaration, which has to change with the module; null where the declared type fits all modules.</summary>
    public SimpleNameSyntax? TypeToChange => Symbol.Type.Name != LayerName ? null : _declaration.Declaration.Type switch
    {
        QualifiedNameSyntax qualified => qualified.Right,
        var type => type as SimpleNameSyntax,
    };

    /// <summary>A line at the end of the one constructor; null where the class has no such.</summary>
    public TextChange? AtEndOfConstructor(string line) =>
        Type.Members.OfType<ConstructorDeclarationSyntax>().ToArray() is [{ Body.Statements: [.., var last] }] ? WrittenLines.After(last, line) : null;

    /// <summary>As the layer's: <c>fc1</c> becomes <c>fc1Norm</c>, <c>fc_1</c> becomes <c>fc_1_norm</c>.</summary>
    private string NameOfNorm() => Symbol.Name + (Symbol.Name.TrimStart('_').Contains('_') ? "_norm" : "Norm");

    /// <summary>The layer's declared type is either the layer's own, which the norm's takes the place of, or one for all modules.</summary>
    private string? TypeOfNorm(NormFactory norm) => _declaration.Declaration.Type switch
    {
        GenericNameSyntax or QualifiedNameSyntax { Right: GenericNameSyntax } => _declaration.Declaration.Type.ToString(),
        SimpleNameSyntax when Symbol.Type.Name == LayerName => norm.Kind,
        QualifiedNameSyntax qualified when Symbol.Type.Name == LayerName => $"{qualified.Left}.{norm.Kind}",
        _ => null,
    };

    private string LayerName => (_creation.Expression as MemberAccessExpressionSyntax)?.Name.ToString() ?? _creation.Expression.ToString();
}
