using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.CodeFixes.TrainingLoops;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace GradLint.CodeFixes.Rules;

/// <summary>Sets weight and bias where the norm is held by name.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL5001UninitializedGroupNormCodeFix() : TorchSharpCodeFixProvider(RuleIds.UninitializedGroupNorm)
{
    private static readonly string[] s_namesOfInit = ["init", "nn.init", "torch.nn.init", "TorchSharp.torch.nn.init"];

    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is ExpressionSyntax creation
            && await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false) is { } model
            && Holder.Of(creation) is { } holder
                ? [new DocumentFix("Set the weight to ones and the bias to zeros", RuleIds.UninitializedGroupNorm, editor => holder.AddInitializers(editor, NameOfInit(creation, model)))]
                : [];
    }

    private static string NameOfInit(SyntaxNode position, SemanticModel model)
    {
        INamedTypeSymbol? init = model.Compilation.GetTypeByMetadataName(TorchSharpNames.Init);
        return s_namesOfInit.FirstOrDefault(name => SymbolEqualityComparer.Default.Equals(
            model.GetSpeculativeSymbolInfo(position.SpanStart, SyntaxFactory.ParseExpression(name), SpeculativeBindingOption.BindAsExpression).Symbol, init))
            ?? "global::TorchSharp.torch.nn.init";
    }

    /// <summary>Where the norm can be named once it is there: behind a statement, or at the end of a constructor.</summary>
    private sealed record Holder(string Name, StatementSyntax? After, ConstructorDeclarationSyntax? Constructor)
    {
        public static Holder? Of(ExpressionSyntax creation) => creation.Parent switch
        {
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: LocalDeclarationStatementSyntax local } variable } =>
                new Holder(variable.Identifier.ValueText, local, Constructor: null),
            AssignmentExpressionSyntax { Parent: ExpressionStatementSyntax statement } assignment =>
                new Holder(assignment.Left.ToString(), statement, Constructor: null),
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax } field } =>
                InConstructor(field.Identifier.ValueText, creation),
            EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax property } =>
                InConstructor(property.Identifier.ValueText, creation),
            _ => null,
        };

        public void AddInitializers(DocumentEditor editor, string init)
        {
            StatementSyntax[] calls =
            [
                StatementEdits.Statement($"{init}.ones_({Name}.weight);"),
                StatementEdits.Statement($"{init}.zeros_({Name}.bias);"),
            ];
            if (After is not null)
            {
                foreach (StatementSyntax call in calls.Reverse())
                {
                    editor.AddAfter(After, call);
                }
            }
            else
            {
                editor.ReplaceNode(Constructor!.Body!, (current, _) => ((BlockSyntax)current).AddStatements(calls));
            }
        }

        private static Holder? InConstructor(string name, SyntaxNode creation) =>
            creation.FirstAncestorOrSelf<TypeDeclarationSyntax>()?.Members.OfType<ConstructorDeclarationSyntax>().ToArray() is [{ Body: not null } only]
                ? new Holder(name, After: null, only)
                : null;
    }
}
