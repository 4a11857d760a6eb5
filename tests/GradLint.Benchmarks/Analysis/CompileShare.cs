using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Benchmarks;

/// <summary>
/// What the analyzers add to the compilation of a real project, from source text to an assembly, in time and in processor time: with all rules against an empty
/// analyzer, least of several rounds. Bar: 10 %.
/// </summary>
internal static class CompileShare
{
    public const string Name = "compile";

    private const int Rounds = 12;

    /// <param name="arguments">A folder with the sources of one project, and one with the assemblies that it was compiled against, such as where it was built to.</param>
    public static int Run(string[] arguments)
    {
        if (arguments is not [var sources, var assemblies] || !Directory.Exists(sources) || !Directory.Exists(assemblies))
        {
            Console.Error.WriteLine($"{Name} needs a folder with the sources of a project, and one with the assemblies that it is compiled against.");
            return 1;
        }

        (string Path, SourceText Text)[] files = [.. SourcesIn(sources).Select(path => (path, SourceText.From(File.ReadAllText(path))))];
        MetadataReference[] references = [.. AnalysisCost.Framework, .. AssembliesIn(assemblies, Path.GetFileName(Path.TrimEndingDirectorySeparator(sources)))];
        (double Wall, double Processor) empty = (double.PositiveInfinity, double.PositiveInfinity);
        (double Wall, double Processor) seeing = empty;
        (double Wall, double Processor) all = empty;
        int errors = 0;
        int found = 0;
        for (int round = 0; round < Rounds; round++)
        {
            empty = Least(empty, Compile(files, references, AnalysisCost.Nothing, out _, out _));
            seeing = Least(seeing, Compile(files, references, [new EmptyAnalyzer(seesOperations: true)], out _, out _));
            all = Least(all, Compile(files, references, AnalysisCost.Rules, out errors, out found));
        }

        Console.WriteLine($"{files.Length} files, {errors} errors, {found} findings of GradLint; load {Machine.Load}");
        Console.WriteLine($"  with an empty analyzer:                             {empty.Wall:0} ms, {empty.Processor:0} ms of processors");
        Console.WriteLine($"  with an empty analyzer that asks to see operations: {Beyond(seeing)}");
        Console.WriteLine($"  with all rules:                                     {Beyond(all)} (bar 10 %)");
        return 0;

        string Beyond((double Wall, double Processor) times) =>
            $"{times.Wall:0} ms, {times.Processor:0} ms of processors: {(times.Wall / empty.Wall) - 1:P1} more time, {(times.Processor / empty.Processor) - 1:P1} more of processors";
    }

    private static (double Wall, double Processor) Least((double Wall, double Processor) a, (double Wall, double Processor) b) =>
        (Math.Min(a.Wall, b.Wall), Math.Min(a.Processor, b.Processor));

    private static (double Wall, double Processor) Compile(
        (string Path, SourceText Text)[] files, MetadataReference[] references, ImmutableArray<DiagnosticAnalyzer> analyzers, out int errors, out int found)
    {
        GC.Collect();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        Stopwatch clock = Stopwatch.StartNew();
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Compiled",
            files.AsParallel().AsOrdered().Select(file => CSharpSyntaxTree.ParseText(file.Text, path: file.Path)),
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true));
        CompilationWithAnalyzers analyzed = compilation.WithAnalyzers(
            analyzers, new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: true, logAnalyzerExecutionTime: false));
        ImmutableArray<Diagnostic> diagnostics = analyzed.GetAllDiagnosticsAsync(CancellationToken.None).GetAwaiter().GetResult();
        analyzed.Compilation.Emit(Stream.Null);
        double wall = clock.Elapsed.TotalMilliseconds;
        errors = diagnostics.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        found = diagnostics.Count(diagnostic => diagnostic.Id.StartsWith("GL", StringComparison.Ordinal));
        return (wall, (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds);
    }

    private static IEnumerable<string> SourcesIn(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(path => !Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
        .Order(StringComparer.Ordinal);

    /// <summary>Not the project's own; and a folder may hold native libraries too.</summary>
    private static IEnumerable<MetadataReference> AssembliesIn(string folder, string project) => Directory.EnumerateFiles(folder, "*.dll")
        .Where(path => Path.GetFileNameWithoutExtension(path) is var name && name != project && !name.StartsWith("System.", StringComparison.Ordinal) && IsManaged(path))
        .Select(path => MetadataReference.CreateFromFile(path));

    private static bool IsManaged(string path)
    {
        using FileStream file = File.OpenRead(path);
        try
        {
            using PEReader reader = new(file);
            return reader.HasMetadata;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }
}
