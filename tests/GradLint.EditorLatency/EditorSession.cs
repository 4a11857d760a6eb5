using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.EditorLatency;

/// <summary>
/// What an editor does with a solution, through the Workspaces API: one document is open and typed into; after each change its diagnostics are asked for,
/// at a position the code actions, and of one of these what it would do everywhere.
/// </summary>
internal sealed class EditorSession : IDisposable
{
    private readonly AdhocWorkspace _workspace = new(MefHostServices.DefaultHost);
    private readonly ImmutableArray<DiagnosticAnalyzer> _analyzers;
    private readonly ImmutableArray<CodeFixProvider> _codeFixes;
    private readonly DocumentId _open;

    /// <param name="analyzers">What gives the diagnostics.</param>
    /// <param name="codeFixes">What gives the code actions.</param>
    /// <param name="projects">The files of each project; the first file of the first project is the one that is open.</param>
    public EditorSession(ImmutableArray<DiagnosticAnalyzer> analyzers, ImmutableArray<CodeFixProvider> codeFixes, params string[][] projects)
    {
        _analyzers = analyzers;
        _codeFixes = codeFixes;
        for (int i = 0; i < projects.Length; i++)
        {
            string name = $"Project{i}";
            Project project = _workspace.AddProject(ProjectInfo.Create(
                ProjectId.CreateNewId(),
                VersionStamp.Default,
                name,
                name,
                LanguageNames.CSharp,
                compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary),
                metadataReferences: References.All));
            for (int file = 0; file < projects[i].Length; file++)
            {
                _workspace.AddDocument(project.Id, $"File{file}.cs", SourceText.From(projects[i][file]));
            }
        }

        _open = _workspace.CurrentSolution.Projects.First().Documents.First().Id;
        _workspace.OpenDocument(_open);
    }

    /// <summary>The document that is open, as it is now.</summary>
    public Document Document => _workspace.CurrentSolution.GetDocument(_open)!;

    public async Task<string> TextAsync(CancellationToken cancellation) => (await Document.GetTextAsync(cancellation)).ToString();

    /// <summary>Changes the open document: a keystroke, or a piece that is pasted or deleted.</summary>
    public async Task TypeAsync(TextChange change, CancellationToken cancellation)
    {
        SourceText text = await Document.GetTextAsync(cancellation);
        Keep(Document.WithText(text.WithChanges(change)).Project.Solution);
    }

    /// <summary>What the rules say about the open document.</summary>
    public async Task<ImmutableArray<Diagnostic>> DiagnosticsAsync(CancellationToken cancellation)
    {
        Compilation compilation = (await Document.Project.GetCompilationAsync(cancellation))!;
        SyntaxTree tree = (await Document.GetSyntaxTreeAsync(cancellation))!;
        return await compilation
            .WithAnalyzers(_analyzers, Document.Project.AnalyzerOptions)
            .GetAnalyzerSemanticDiagnosticsAsync(compilation.GetSemanticModel(tree), filterSpan: null, cancellation);
    }

    /// <summary>What can be done at a position of the open document, each with the diagnostic that it is for.</summary>
    public async Task<IReadOnlyList<OfferedAction>> ActionsAtAsync(int position, CancellationToken cancellation)
    {
        var offers = new List<OfferedAction>();
        foreach (Diagnostic diagnostic in (await DiagnosticsAsync(cancellation)).Where(diagnostic => diagnostic.Location.SourceSpan.IntersectsWith(position)))
        {
            foreach (CodeFixProvider provider in _codeFixes.Where(provider => provider.FixableDiagnosticIds.Contains(diagnostic.Id)))
            {
                var context = new CodeFixContext(Document, diagnostic, (action, _) => offers.Add(new OfferedAction(action, provider, diagnostic.Id)), cancellation);
                await provider.RegisterCodeFixesAsync(context);
            }
        }

        return offers;
    }

    /// <summary>Writes a threshold that GL2003 warns of into the training loop of the open file.</summary>
    public async Task MistypeThresholdAsync(CancellationToken cancellation)
    {
        int start = (await TextAsync(cancellation)).IndexOf(OpenFile.Threshold, StringComparison.Ordinal);
        await TypeAsync(new TextChange(new TextSpan(start, OpenFile.Threshold.Length), OpenFile.WrongThreshold), cancellation);
    }

    /// <summary>What can be done about that.</summary>
    public async Task<IReadOnlyList<OfferedAction>> ActionsAtWrongThresholdAsync(CancellationToken cancellation) =>
        await ActionsAtAsync((await TextAsync(cancellation)).IndexOf(OpenFile.WrongThreshold, StringComparison.Ordinal) + OpenFile.WrongThreshold.Length - 1, cancellation);

    /// <summary>Does what an action offers.</summary>
    public async Task ApplyAsync(OfferedAction offer, CancellationToken cancellation) => Keep(await ChangedBy(offer.Action, cancellation));

    /// <summary>How the solution would look with the action taken wherever it is offered.</summary>
    public async Task<Solution> PreviewFixAllAsync(OfferedAction offer, FixAllScope scope, CancellationToken cancellation)
    {
        var context = new FixAllContext(
            Document, offer.Provider, scope, offer.Action.EquivalenceKey!, [offer.DiagnosticId], new DiagnosticsOfProjects(_analyzers), cancellation);
        CodeAction? all = await offer.Provider.GetFixAllProvider()!.GetFixAsync(context);
        return all is null ? _workspace.CurrentSolution : await ChangedBy(all, cancellation);
    }

    public void Dispose() => _workspace.Dispose();

    private void Keep(Solution changed)
    {
        if (!_workspace.TryApplyChanges(changed))
        {
            throw new InvalidOperationException("The workspace does not take the change.");
        }
    }

    private static async Task<Solution> ChangedBy(CodeAction action, CancellationToken cancellation) =>
        (await action.GetOperationsAsync(cancellation)).OfType<ApplyChangesOperation>().Single().ChangedSolution;

    /// <summary>An editor looks for what to fix when it is asked to: nothing is known of documents that are not open.</summary>
    private sealed class DiagnosticsOfProjects(ImmutableArray<DiagnosticAnalyzer> analyzers) : FixAllContext.DiagnosticProvider
    {
        public override async Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken)
        {
            Compilation compilation = (await project.GetCompilationAsync(cancellationToken))!;
            return await compilation.WithAnalyzers(analyzers, project.AnalyzerOptions).GetAnalyzerDiagnosticsAsync(cancellationToken);
        }

        public override async Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken)
        {
            Compilation compilation = (await document.Project.GetCompilationAsync(cancellationToken))!;
            SyntaxTree tree = (await document.GetSyntaxTreeAsync(cancellationToken))!;
            return await compilation.WithAnalyzers(analyzers, document.Project.AnalyzerOptions)
                .GetAnalyzerSemanticDiagnosticsAsync(compilation.GetSemanticModel(tree), filterSpan: null, cancellationToken);
        }

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}

/// <summary>A code action that is offered, by whom, and for what.</summary>
internal sealed record OfferedAction(CodeAction Action, CodeFixProvider Provider, string DiagnosticId);
