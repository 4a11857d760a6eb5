using System.Collections.Immutable;
using GradLint.Cli.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.Cli.Checking;

/// <summary>
/// Applies the rules' fixes, all hits of one rule at once, as an editor's "fix all" does. After each rule the code is asked again: one repair can take away
/// another's reason.
/// </summary>
internal static class Fixer
{
    /// <summary>The code after the fixes of all rules, in the order of their IDs. Nothing is written.</summary>
    public static async Task<SourceCode> FixAsync(SourceCode code, DiagnosticSeverity least, Action<string> progress, CancellationToken cancellation)
    {
        IReadOnlyList<Finding> findings = await Linter.FindAsync(code, least, cancellation);
        foreach (string rule in findings.Select(finding => finding.RuleId).Distinct().Order(StringComparer.Ordinal).ToList())
        {
            progress($"Fixing {rule}");
            foreach (IGrouping<ProjectId, Finding> hits in findings.Where(finding => finding.RuleId == rule).GroupBy(finding => finding.Project))
            {
                code = code with { Solution = await FixAsync(code.Solution, hits.Key, [.. hits], cancellation) };
            }

            findings = await Linter.FindAsync(code, least, cancellation);
        }

        return code;
    }

    private static async Task<Solution> FixAsync(Solution solution, ProjectId projectId, IReadOnlyList<Finding> hits, CancellationToken cancellation)
    {
        Project project = solution.GetProject(projectId)!;
        var diagnostics = new GivenDiagnostics(hits, project);
        foreach (Finding hit in hits)
        {
            if (diagnostics.DocumentOf(hit) is not { } document || await FirstOfferAsync(document, hit.Diagnostic, cancellation) is not { } offer)
            {
                continue;
            }

            var all = new FixAllContext(
                document, offer.Provider, FixAllScope.Project, offer.Fix.EquivalenceKey, [hit.RuleId], diagnostics, cancellation);
            CodeAction? action = offer.Provider.GetFixAllProvider() is { } fixAll ? await fixAll.GetFixAsync(all) : offer.Fix;
            if (action is not null)
            {
                ImmutableArray<CodeActionOperation> operations = await action.GetOperationsAsync(cancellation);
                return await SpreadAsync(solution, operations.OfType<ApplyChangesOperation>().Single().ChangedSolution, cancellation);
            }
        }

        return solution;
    }

    private static async Task<(CodeFixProvider Provider, CodeAction Fix)?> FirstOfferAsync(Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        foreach (CodeFixProvider provider in RuleSet.CodeFixes.Where(provider => provider.FixableDiagnosticIds.Contains(diagnostic.Id)))
        {
            CodeAction? first = null;
            await provider.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (offered, _) => first ??= offered, cancellation));
            if (first is not null)
            {
                return (provider, first);
            }
        }

        return null;
    }

    /// <summary>A file that is part of several projects, or of one project for several frameworks, changes in all of them.</summary>
    private static async Task<Solution> SpreadAsync(Solution before, Solution after, CancellationToken cancellation)
    {
        Solution spread = after;
        foreach (DocumentId changed in after.GetChanges(before).GetProjectChanges().SelectMany(changes => changes.GetChangedDocuments()))
        {
            Document document = after.GetDocument(changed)!;
            foreach (DocumentId same in after.GetDocumentIdsWithFilePath(document.FilePath).Where(same => same != changed))
            {
                spread = spread.WithDocumentText(same, await document.GetTextAsync(cancellation));
            }
        }

        return spread;
    }

    /// <summary>The diagnostics to fix, as they were found.</summary>
    private sealed class GivenDiagnostics(IReadOnlyList<Finding> findings, Project project) : FixAllContext.DiagnosticProvider
    {
        public Document? DocumentOf(Finding finding) => project.GetDocument(finding.Diagnostic.Location.SourceTree);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            Task.FromResult(findings.Where(finding => DocumentOf(finding)?.Id == document.Id).Select(finding => finding.Diagnostic));

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult(Enumerable.Empty<Diagnostic>());

        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult(findings.Select(finding => finding.Diagnostic));
    }
}
