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

    /// <summary>The action sees these calls, and the creations of objects of types of these names.</summary>
    public static void RegisterCallsAndCreations(this CompilationStartAnalysisContext context, IReadOnlyCollection<string> names, Action<CodeSite> action) =>
        context.RegisterSites((file, project, cancellation) => CallsIn(file, names, leastArguments: 0).Concat(file.CreationsOf(names.Contains, project.Aliases(cancellation))), action);

    /// <summary>The action sees what is assigned to variables and members of this name.</summary>
    public static void RegisterAssignments(this CompilationStartAnalysisContext context, string name, Action<CodeSite> action) =>
        context.RegisterSites((file, _, _) => file.AssignmentsTo(name).Select(assigned => assigned.Target.Parent).OfType<AssignmentExpressionSyntax>(), action);

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
}
