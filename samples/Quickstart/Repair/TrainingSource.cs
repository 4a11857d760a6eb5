using System.Collections.Immutable;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.Text;

namespace Quickstart;

/// <summary>The source text of a network and its training loop: it can be linted, repaired, compiled in memory and run.</summary>
internal sealed class TrainingSource
{
    private readonly Document _document;

    public TrainingSource(string name, string text)
    {
        string assembly = Path.GetFileNameWithoutExtension(name);
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            nullableContextOptions: NullableContextOptions.Enable);
        var workspace = new AdhocWorkspace(MefHostServices.DefaultHost);
        Project project = workspace.AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, assembly, assembly, LanguageNames.CSharp,
            compilationOptions: options, metadataReferences: References()));
        _document = project.AddDocument(name, text, filePath: name);
    }

    private TrainingSource(Document document) => _document = document;

    /// <summary>The file that this program was built with, as it lies beside it.</summary>
    public static TrainingSource RiskyNet =>
        new("RiskyNet.cs", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Network", "RiskyNet.cs")));

    /// <summary>What the rules say, in the order of the lines.</summary>
    public async Task<ImmutableArray<Diagnostic>> LintAsync(RuleSet rules, CancellationToken cancellation)
    {
        if (rules.Analyzers.IsEmpty)
        {
            return [];
        }

        Compilation compilation = await CompilationAsync(cancellation);
        ImmutableArray<Diagnostic> diagnostics =
            await compilation.WithAnalyzers(rules.Analyzers, new AnalyzerOptions([])).GetAnalyzerDiagnosticsAsync(cancellation);
        return [.. diagnostics.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)];
    }

    /// <summary>Applies the code fix of each diagnostic.</summary>
    /// <remarks>
    /// All of them to the source as it was linted, as an editor's "fix all" does: one repair can take away another's reason,
    /// because gradients that no longer explode need no clipping to train. Of two fixes that overlap the first is taken.
    /// </remarks>
    public async Task<TrainingSource> RepairAsync(IEnumerable<Diagnostic> diagnostics, RuleSet rules, CancellationToken cancellation)
    {
        var changes = new List<TextChange>();
        foreach (Diagnostic diagnostic in diagnostics)
        {
            if (await rules.FixAsync(_document, diagnostic, cancellation) is { } repaired)
            {
                IEnumerable<TextChange> fix = await repaired.GetTextChangesAsync(_document, cancellation);
                changes.AddRange(fix.Where(change => !changes.Any(earlier => earlier.Span.IntersectsWith(change.Span))));
            }
        }

        SourceText text = await _document.GetTextAsync(cancellation);
        return new TrainingSource(_document.WithText(text.WithChanges(changes.OrderBy(change => change.Span.Start))));
    }

    /// <summary>Compiles the source and hands out its static method <c>Train</c>.</summary>
    public async Task<TrainingLoop> CompileAsync(CancellationToken cancellation)
    {
        Compilation compilation = await CompilationAsync(cancellation);
        using var image = new MemoryStream();
        var result = compilation.Emit(image, cancellationToken: cancellation);
        if (!result.Success)
        {
            IEnumerable<Diagnostic> errors = result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
            throw new InvalidOperationException($"{_document.Name} does not compile: {string.Join("; ", errors)}");
        }

        image.Position = 0;
        Type model = new AssemblyLoadContext(_document.Name).LoadFromStream(image).GetExportedTypes().Single();
        return model.GetMethod("Train")!.CreateDelegate<TrainingLoop>();
    }

    public override string ToString() => _document.GetTextAsync().GetAwaiter().GetResult().ToString();

    private async Task<Compilation> CompilationAsync(CancellationToken cancellation) =>
        (await _document.Project.GetCompilationAsync(cancellation))!;

    /// <summary>What the running program was given, but for the program itself: it holds the same classes once more.</summary>
    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileNameWithoutExtension(path) != typeof(TrainingSource).Assembly.GetName().Name)
            .Select(path => MetadataReference.CreateFromFile(path));
}
