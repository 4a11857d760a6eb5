using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Host.Mef;

namespace GradLint.Proofs;

/// <summary>The source of one program, as an editor holds it: it can be linted, repaired by a rule's own code fix, and compiled.</summary>
internal sealed class ProgramSource
{
    private readonly Document _document;

    private ProgramSource(Document document) => _document = document;

    /// <param name="name">What the file and the program are called, without an ending.</param>
    /// <param name="text">The source.</param>
    /// <param name="switchedOn">Rules that speak even where they are off by default.</param>
    /// <param name="surroundings">Another file of the same project, in which no rule is asked to speak.</param>
    public static ProgramSource Of(string name, string text, IEnumerable<string> switchedOn, string? surroundings = null)
    {
        bool runs = CSharpSyntaxTree.ParseText(text).GetCompilationUnitRoot().Members.Any(SyntaxKind.GlobalStatement);
        var options = new CSharpCompilationOptions(
            runs ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            nullableContextOptions: NullableContextOptions.Enable,
            specificDiagnosticOptions: switchedOn.Where(rule => !Rules.Descriptors[rule].IsEnabledByDefault).Select(rule => KeyValuePair.Create(rule, ReportDiagnostic.Warn)));
        var workspace = new AdhocWorkspace(MefHostServices.DefaultHost);
        Project project = workspace.AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, name, name, LanguageNames.CSharp,
            compilationOptions: options, metadataReferences: References()));
        if (surroundings is not null)
        {
            project = project.AddDocument("Surroundings.cs", surroundings, filePath: "Surroundings.cs").Project;
        }

        return new ProgramSource(project.AddDocument(name + ".cs", text, filePath: name + ".cs"));
    }

    public async Task<string> TextAsync(CancellationToken cancellation) => (await _document.GetTextAsync(cancellation)).ToString();

    /// <summary>What all rules say, in the order of the lines.</summary>
    public async Task<ImmutableArray<Diagnostic>> LintAsync(CancellationToken cancellation)
    {
        Compilation compilation = await CompilationAsync(cancellation);
        ImmutableArray<Diagnostic> diagnostics =
            await compilation.WithAnalyzers(Rules.Analyzers, new AnalyzerOptions([])).GetAnalyzerDiagnosticsAsync(cancellation);
        SyntaxTree? own = await _document.GetSyntaxTreeAsync(cancellation);
        return [.. diagnostics.Where(diagnostic => !diagnostic.IsSuppressed && diagnostic.Location.SourceTree == own).OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)];
    }

    /// <summary>What the compiler refuses.</summary>
    public async Task<ImmutableArray<Diagnostic>> ErrorsAsync(CancellationToken cancellation) =>
        [.. (await CompilationAsync(cancellation)).GetDiagnostics(cancellation).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];

    /// <summary>The source after "fix all in document" with the first repair that is offered.</summary>
    /// <exception cref="ProofException">No repair is offered.</exception>
    public async Task<ProgramSource> FixAllAsync(ImmutableArray<Diagnostic> diagnostics, CancellationToken cancellation)
    {
        string ruleId = diagnostics[0].Id;
        foreach (CodeFixProvider provider in Rules.CodeFixes.Where(provider => provider.FixableDiagnosticIds.Contains(ruleId)))
        {
            if (await FirstOfferAsync(provider, diagnostics[0], cancellation) is { } offer)
            {
                var context = new FixAllContext(
                    _document, provider, FixAllScope.Document, offer.EquivalenceKey!, [ruleId], new Known(diagnostics), cancellation);
                CodeAction fixAll = (await provider.GetFixAllProvider()!.GetFixAsync(context))!;
                ApplyChangesOperation change = (await fixAll.GetOperationsAsync(cancellation)).OfType<ApplyChangesOperation>().Single();
                return new ProgramSource(change.ChangedSolution.GetDocument(_document.Id)!);
            }
        }

        throw new ProofException($"{ruleId} offers no code fix at {diagnostics[0].Location.GetLineSpan()}.");
    }

    /// <summary>Writes the program to a file.</summary>
    /// <exception cref="ProofException">It does not compile.</exception>
    public async Task EmitAsync(string path, CancellationToken cancellation)
    {
        Compilation compilation = await CompilationAsync(cancellation);
        await using FileStream image = File.Create(path);
        var result = compilation.Emit(image, cancellationToken: cancellation);
        if (!result.Success)
        {
            throw new ProofException($"It does not compile: {string.Join("; ", result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))}");
        }
    }

    private async Task<CodeAction?> FirstOfferAsync(CodeFixProvider provider, Diagnostic diagnostic, CancellationToken cancellation)
    {
        CodeAction? first = null;
        await provider.RegisterCodeFixesAsync(new CodeFixContext(_document, diagnostic, (offer, _) => first ??= offer, cancellation));
        return first;
    }

    private async Task<Compilation> CompilationAsync(CancellationToken cancellation) =>
        (await _document.Project.GetCompilationAsync(cancellation))!;

    /// <summary>What a program gets that references the package: the framework, TorchSharp and the guard, but not this program.</summary>
    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var file && (file.StartsWith("System.", StringComparison.Ordinal) || file is "TorchSharp.dll" or "GradLint.dll" or "SkiaSharp.dll" or "netstandard.dll" or "mscorlib.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));

    private sealed class Known(ImmutableArray<Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
