using System.Collections.Immutable;
using System.Diagnostics;
using GradLint.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Benchmarks;

/// <summary>
/// What the analyzers cost beside an analyzer that does nothing: long classes after an edit, as an editor asks for them, and projects of up to 1,000 model classes, as a
/// build does. Bars: 25 ms when warm; 5 s on two cores, linear in the number of classes; nothing where TorchSharp is not referenced. Least of several.
/// </summary>
internal static class AnalysisCost
{
    private const int Lines = 500;
    private const int OtherFiles = 20;
    private const int WarmUp = 60;
    private const int Edits = 40;
    private const int Builds = 3;

    /// <summary>All rules.</summary>
    public static ImmutableArray<DiagnosticAnalyzer> Rules { get; } =
    [
        .. typeof(GL1002DefaultInitializationWithRectifierAnalyzer).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    /// <summary>What they are measured against.</summary>
    public static ImmutableArray<DiagnosticAnalyzer> Nothing { get; } = [new EmptyAnalyzer()];

    /// <summary>What any code compiles against.</summary>
    public static MetadataReference[] Framework { get; } = References(name => name.StartsWith("System.", StringComparison.Ordinal) || name == "netstandard.dll");

    private static readonly MetadataReference[] s_references = [.. Framework, .. References(name => name == "TorchSharp.dll")];

    public static void Run()
    {
        Console.WriteLine($"Analysis by {Rules.Length} rules, less that by an empty analyzer; load {Machine.Load}");
        foreach (GeneratedCode.LongClass kind in GeneratedCode.LongClasses)
        {
            EditOneClass(kind);
        }

        double[] seconds = [.. new[] { 100, 250, 500, 1000 }.Select(BuildProject)];
        Console.WriteLine($"  1,000 classes cost {seconds[3] / seconds[1]:0.0} times as much as 250 (linear: 4.0), and {seconds[3] / seconds[0]:0.0} times as much as 100 (bar: 11)");
        BuildWithoutTorchSharp(1000);
    }

    private static void EditOneClass(GeneratedCode.LongClass kind)
    {
        string code = kind.Of(Lines);
        double best = double.PositiveInfinity;
        double empty = double.PositiveInfinity;
        CSharpCompilation compilation = Compile([code, .. Enumerable.Range(0, OtherFiles).Select(GeneratedCode.Small)], s_references);
        for (int edit = 0; edit < WarmUp + Edits; edit++)
        {
            // A number changes, and with it the network.
            string edited = code.Replace("return x;", $"return x * 0.5{edit}f;", StringComparison.Ordinal);
            double without = Document(compilation = Edited(compilation, edited), Nothing);
            double with = Document(compilation = Edited(compilation, edited), Rules);
            if (edit >= WarmUp)
            {
                (best, empty) = (Math.Min(best, with), Math.Min(empty, without));
            }
        }

        Console.WriteLine($"  a class of {Lines} lines after an edit, {kind.Name}: {best - empty:0.0} ms (bar 25 ms; in all {best:0.0} ms, with the empty analyzer {empty:0.0} ms)");
    }

    private static double BuildProject(int classes)
    {
        string[] files = [.. Enumerable.Range(0, classes).Select(GeneratedCode.Small)];
        double best = double.PositiveInfinity;
        double empty = double.PositiveInfinity;
        for (int build = 0; build < Builds; build++)
        {
            empty = Math.Min(empty, Project(Compile(files, s_references), Nothing));
            best = Math.Min(best, Project(Compile(files, s_references), Rules));
        }

        double own = (best - empty) / 1000;
        Console.WriteLine($"  a project of {classes} model classes: {own:0.00} s (in all {best / 1000:0.00} s, with the empty analyzer {empty / 1000:0.00} s)");
        return own;
    }

    /// <summary>Without TorchSharp no rule registers anything, so there is less to do than for the empty analyzer: what counts is that nothing is left.</summary>
    private static void BuildWithoutTorchSharp(int classes)
    {
        string[] files = [.. Enumerable.Range(0, classes).Select(GeneratedCode.Plain)];
        double best = Enumerable.Range(0, Builds).Min(_ => Project(Compile(files, Framework), Rules));
        Console.WriteLine($"  a project of {classes} classes without TorchSharp: {best:0.0} ms in all");
    }

    /// <summary>What an editor asks for the file that is being edited; binding is the compiler's own work, which both analyzers need.</summary>
    private static double Document(CSharpCompilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        SyntaxTree tree = compilation.SyntaxTrees[0];
        SemanticModel model = compilation.GetSemanticModel(tree);
        _ = model.GetDiagnostics();
        Stopwatch clock = Stopwatch.StartNew();
        _ = compilation.WithAnalyzers(analyzers).GetAnalyzerSemanticDiagnosticsAsync(model, filterSpan: null, CancellationToken.None).GetAwaiter().GetResult();
        return clock.Elapsed.TotalMilliseconds;
    }

    private static double Project(CSharpCompilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        _ = compilation.GetDiagnostics();
        Stopwatch clock = Stopwatch.StartNew();
        _ = compilation.WithAnalyzers(analyzers, new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: true, logAnalyzerExecutionTime: false))
            .GetAnalyzerDiagnosticsAsync(CancellationToken.None).GetAwaiter().GetResult();
        return clock.Elapsed.TotalMilliseconds;
    }

    private static CSharpCompilation Edited(CSharpCompilation compilation, string code)
    {
        SyntaxTree before = compilation.SyntaxTrees[0];
        return compilation.ReplaceSyntaxTree(before, CSharpSyntaxTree.ParseText(SourceText.From(code), path: before.FilePath));
    }

    private static CSharpCompilation Compile(IEnumerable<string> files, MetadataReference[] references) => CSharpCompilation.Create(
        "Models",
        files.Select((file, i) => CSharpSyntaxTree.ParseText(SourceText.From(file), path: $"Model{i}.cs")),
        references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    private static MetadataReference[] References(Func<string, bool> isWanted) =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => isWanted(Path.GetFileName(path)))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];
}
