using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>A loop over the layers of a network that initializes them: at the end of the constructor of a class, or behind the variable that holds a Sequential.</summary>
internal static class InitializerLoop
{
    /// <summary>The loop for the network at the node; null where it has no place, or the diagnostic does not name an initializer.</summary>
    public static TextChange? For(SyntaxNode? network, ImmutableDictionary<string, string?> properties, SemanticModel model) => network switch
    {
        ClassDeclarationSyntax type when LastRegistrationIn(type) is { } statement && Lines(properties, "modules()", statement, model) is { } loop
            => WrittenLines.After(statement, loop),
        ClassDeclarationSyntax type when ArrowRegistrationIn(type) is { } arrow && Lines(properties, "modules()", arrow, model) is { } loop
            => InBlock(arrow, loop),
        ClassDeclarationSyntax => null,
        _ when VariableHolding(network) is { Declaration.Variables: [var variable] } declaration
            && Lines(properties, $"{variable.Identifier.ValueText}.modules()", declaration, model) is { } loop => WrittenLines.After(declaration, loop),
        _ => null,
    };

    /// <summary>Before <c>RegisterComponents()</c> a module does not know its parts, so the layers cannot be walked through.</summary>
    private static StatementSyntax? LastRegistrationIn(ClassDeclarationSyntax type) =>
        type.Members.OfType<ConstructorDeclarationSyntax>()
            .SelectMany(constructor => constructor.Body?.Statements ?? default)
            .LastOrDefault(statement => statement is ExpressionStatementSyntax { Expression: var expression } && IsRegistration(expression));

    /// <summary><c>Net() : base("net") => RegisterComponents();</c></summary>
    private static ArrowExpressionClauseSyntax? ArrowRegistrationIn(ClassDeclarationSyntax type) =>
        type.Members.OfType<ConstructorDeclarationSyntax>()
            .Select(constructor => constructor.ExpressionBody)
            .LastOrDefault(body => body is not null && IsRegistration(body.Expression));

    private static bool IsRegistration(ExpressionSyntax expression) =>
        expression is InvocationExpressionSyntax { Expression: var called }
        && (called as IdentifierNameSyntax ?? (called as MemberAccessExpressionSyntax)?.Name)?.Identifier.ValueText == "RegisterComponents";

    private static TextChange InBlock(ArrowExpressionClauseSyntax arrow, string loop)
    {
        SyntaxNode constructor = arrow.Parent!;
        string newLine = WrittenLines.LineEndOf(constructor) + WrittenLines.IndentationOf(constructor);
        string[] body = [$"{arrow.Expression};", .. loop.Split('\n')];
        string block = string.Concat(body.Select(line => $"{newLine}    {line}"));
        int start = arrow.ArrowToken.GetPreviousToken().Span.End;
        return new TextChange(TextSpan.FromBounds(start, constructor.Span.End), $"{newLine}{{{block}{newLine}}}");
    }

    private static LocalDeclarationStatementSyntax? VariableHolding(SyntaxNode? factory) =>
        factory?.FirstAncestorOrSelf<InvocationExpressionSyntax>() is { Parent: EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: LocalDeclarationStatementSyntax { Declaration.Variables.Count: 1 } declaration } } }
            ? declaration
            : null;

    private static string? Lines(ImmutableDictionary<string, string?> properties, string modules, SyntaxNode place, SemanticModel model)
    {
        if (!properties.TryGetValue(FittingInitializerCall.LayerTypesKey, out string? types) || string.IsNullOrEmpty(types))
        {
            return null;
        }

        string module = UnusedName("module", place);
        string init = ShortName.OfInit(place.SpanStart, model) + ".";
        string?[] branches = [.. types!.Split(',').Select(type =>
            Branch(properties, init, module, NameOfType(type, place.SpanStart, model), UnusedName(char.ToLowerInvariant(type[0]) + type.Substring(1), place)))];
        return branches.Contains(null) ? null : $"foreach (var {module} in {modules})\n{{\n{string.Join("\n    else ", branches.Select(branch => branch!.Replace("\n", "\n    "))).Insert(0, "    ")}\n}}";
    }

    /// <summary>Initializes the layers of one type; null if the diagnostic does not say how.</summary>
    private static string? Branch(ImmutableDictionary<string, string?> properties, string init, string module, string type, string layer) =>
        InitializerSyntax.Call(properties, init, $"{layer}.weight") is { } weight
            ? $"if ({module} is {type} {layer})\n{{\n    {weight};\n    if ({layer}.bias is not null)\n    {{\n        {init}zeros_({layer}.bias);\n    }}\n}}"
            : null;

    private static string NameOfType(string type, int position, SemanticModel model)
    {
        string full = $"TorchSharp.Modules.{type}";
        INamedTypeSymbol? wanted = model.Compilation.GetTypeByMetadataName(full);
        return SymbolEqualityComparer.Default.Equals(
            model.GetSpeculativeSymbolInfo(position, SyntaxFactory.ParseTypeName(type), SpeculativeBindingOption.BindAsTypeOrNamespace).Symbol, wanted)
                ? type
                : $"global::{full}";
    }

    private static string UnusedName(string name, SyntaxNode place)
    {
        SyntaxNode scope = place.FirstAncestorOrSelf<MemberDeclarationSyntax>(member => member is not GlobalStatementSyntax) ?? place.SyntaxTree.GetRoot();
        var used = new HashSet<string>(scope.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.ValueText));
        return used.Contains(name) ? Enumerable.Range(2, used.Count + 1).Select(i => name + i).First(candidate => !used.Contains(candidate)) : name;
    }
}
