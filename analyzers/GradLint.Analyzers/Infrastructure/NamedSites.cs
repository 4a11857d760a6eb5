using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Infrastructure;

/// <summary>
/// Rules say what the code that they look at is called. Its meaning is asked for only where a file has such a name: an analyzer that asks to see operations has the
/// meaning of all code found out once more.
/// </summary>
internal static class NamedSites
{
    /// <summary>The action sees the calls of methods of these names with as many arguments, or more.</summary>
    public static void RegisterCalls(
        this CompilationStartAnalysisContext context, IReadOnlyCollection<string> names, Action<CodeSite> action, int leastArguments = 0) =>
        context.RegisterSites((file, _, _) => CallsIn(file, names, leastArguments), action);

    /// <summary>The action sees the creations of objects of the types that the project knows by these names.</summary>
    public static void RegisterCreations(
        this CompilationStartAnalysisContext context, Func<ProjectNames, CancellationToken, IReadOnlyCollection<string>> names, Action<CodeSite> action) =>
        context.RegisterSites((file, project, cancellation) => CreationsIn(file, names(project, cancellation), project.Aliases(cancellation)), action);

    /// <summary>The action sees both.</summary>
    public static void RegisterCallsAndCreations(this CompilationStartAnalysisContext context, IReadOnlyCollection<string> names, Action<CodeSite> action)
    {
        context.RegisterCalls(names, action);
        context.RegisterCreations((_, _) => names, action);
    }

    /// <summary>The action sees what is assigned to variables and members of this name.</summary>
    public static void RegisterAssignments(this CompilationStartAnalysisContext context, string name, Action<CodeSite> action) =>
        context.RegisterSites((file, _, _) => file.AssignmentsTo(name).Select(assigned => assigned.Target.Parent).OfType<AssignmentExpressionSyntax>(), action);

    /// <summary>The action sees the classes that derive from others, a partial one once in each file that has a part of it.</summary>
    public static void RegisterHeirs(this CompilationStartAnalysisContext context, Action<INamedTypeSymbol, SemanticModelAnalysisContext> action)
    {
        SourceModels source = SourceModels.Of(context.Compilation);
        context.RegisterSemanticModelAction(file =>
        {
            IReadOnlyCollection<string> heirs = source.Names.Heirs(file.CancellationToken);
            foreach (INamedTypeSymbol type in FileNames.Of(file.SemanticModel.SyntaxTree, file.CancellationToken).Classes
                .Where(declaration => heirs.Contains(declaration.Identifier.ValueText))
                .Select(declaration => source.SymbolAt(declaration, file.CancellationToken))
                .OfType<INamedTypeSymbol>()
                .Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default))
            {
                action(type, file);
            }
        });
    }

    private static void RegisterSites(
        this CompilationStartAnalysisContext context, Func<FileNames, ProjectNames, CancellationToken, IEnumerable<SyntaxNode>> find, Action<CodeSite> action)
    {
        SourceModels source = SourceModels.Of(context.Compilation);
        context.RegisterSemanticModelAction(file =>
        {
            foreach (SyntaxNode site in find(FileNames.Of(file.SemanticModel.SyntaxTree, file.CancellationToken), source.Names, file.CancellationToken))
            {
                if (source.OperationAt(site, file.CancellationToken) is { } operation and (IInvocationOperation or IObjectCreationOperation or ISimpleAssignmentOperation))
                {
                    action(new CodeSite(operation, file));
                }
            }
        });
    }

    private static IEnumerable<SyntaxNode> CallsIn(FileNames file, IReadOnlyCollection<string> names, int leastArguments) =>
        names.SelectMany(file.CallsOf).Where(site => site is InvocationExpressionSyntax call && call.ArgumentList.Arguments.Count >= leastArguments);

    private static IEnumerable<SyntaxNode> CreationsIn(FileNames file, IReadOnlyCollection<string> names, IReadOnlyCollection<string> aliases) =>
        names.Concat(aliases).Distinct().SelectMany(file.CallsOf).Where(site => site is ObjectCreationExpressionSyntax)
            .Concat(file.CallsOf(FileNames.TargetTyped).Where(site => TypeWrittenFor(site) is not { } type || names.Contains(type) || aliases.Contains(type)));

    /// <summary>The type of the variable or property that starts with <c>new(...)</c>; null where the creation stands elsewhere.</summary>
    private static string? TypeWrittenFor(SyntaxNode creation)
    {
        TypeSyntax? type = creation.Parent?.Parent switch
        {
            VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax declaration } => declaration.Type,
            PropertyDeclarationSyntax property => property.Type,
            _ => null,
        };
        return type is null ? null : FileNames.NameOf(type is NullableTypeSyntax nullable ? nullable.ElementType : type);
    }
}
