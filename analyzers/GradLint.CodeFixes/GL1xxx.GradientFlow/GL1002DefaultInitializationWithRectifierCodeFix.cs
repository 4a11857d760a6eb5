using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Rules;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace GradLint.CodeFixes.Rules;

/// <summary>
/// Initializes all layers for their activation: at the end of the constructor of a class, or behind the variable that
/// holds a Sequential.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1002DefaultInitializationWithRectifierCodeFix : TorchSharpCodeFixProvider
{
    private const string Init = "global::TorchSharp.torch.nn.init.";

    /// <summary>Creates the fix.</summary>
    public GL1002DefaultInitializationWithRectifierCodeFix()
        : base(RuleIds.DefaultInitializationWithRectifier)
    {
    }

    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SyntaxNode? node = root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        StatementSyntax? after = node switch
        {
            ClassDeclarationSyntax type => LastRegistrationIn(type),
            _ => VariableHolding(node),
        };
        string? owner = after is LocalDeclarationStatementSyntax { Declaration.Variables: [var variable] } ? variable.Identifier.ValueText : null;
        if (after is null || Loop(diagnostic, owner, after) is not { } loop)
        {
            return [];
        }

        return [new DocumentFix("Initialize the layers for their activation", "GL1002_FittingInitializer", editor => editor.InsertAfter(after, loop))];
    }

    /// <summary>Before <c>RegisterComponents()</c> a module does not know its parts, so the layers cannot be walked through.</summary>
    private static StatementSyntax? LastRegistrationIn(ClassDeclarationSyntax type) =>
        type.Members.OfType<ConstructorDeclarationSyntax>()
            .SelectMany(constructor => constructor.Body?.Statements ?? default)
            .LastOrDefault(statement => statement is ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { Expression: var called } }
                && (called as IdentifierNameSyntax ?? (called as MemberAccessExpressionSyntax)?.Name)?.Identifier.ValueText == "RegisterComponents");

    private static LocalDeclarationStatementSyntax? VariableHolding(SyntaxNode? factory) =>
        factory?.FirstAncestorOrSelf<InvocationExpressionSyntax>() is { Parent: EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: LocalDeclarationStatementSyntax { Declaration.Variables.Count: 1 } declaration } } }
            ? declaration
            : null;

    private static StatementSyntax? Loop(Diagnostic diagnostic, string? owner, StatementSyntax after)
    {
        if (!diagnostic.Properties.TryGetValue(GL1002DefaultInitializationWithRectifierAnalyzer.LayerTypesKey, out string? types) || string.IsNullOrEmpty(types))
        {
            return null;
        }

        string module = UnusedName("module", after);
        string?[] branches = [.. types!.Split(',').Select(type => Branch(diagnostic, module, type, UnusedName(char.ToLowerInvariant(type[0]) + type.Substring(1), after)))];
        return branches.Contains(null)
            ? null
            : SyntaxFactory.ParseStatement(
                $$"""
                foreach (var {{module}} in {{(owner is null ? "modules()" : $"{owner}.modules()")}})
                {
                    {{string.Join("\nelse ", branches)}}
                }

                """).WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation);
    }

    /// <summary>Initializes the layers of one type; null if the diagnostic does not say how.</summary>
    private static string? Branch(Diagnostic diagnostic, string module, string type, string layer) =>
        InitializerSyntax.Call(diagnostic.Properties, Init, $"{layer}.weight") is { } weight
            ? $$"""
                if ({{module}} is global::TorchSharp.Modules.{{type}} {{layer}})
                {
                    {{weight}};
                    if ({{layer}}.bias is not null)
                    {
                        {{Init}}zeros_({{layer}}.bias);
                    }
                }
                """
            : null;

    private static string UnusedName(string name, SyntaxNode place)
    {
        SyntaxNode scope = place.FirstAncestorOrSelf<MemberDeclarationSyntax>(member => member is not GlobalStatementSyntax) ?? place.SyntaxTree.GetRoot();
        var used = new HashSet<string>(scope.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.ValueText));
        return used.Contains(name) ? Enumerable.Range(2, used.Count + 1).Select(i => name + i).First(candidate => !used.Contains(candidate)) : name;
    }
}
