using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Benchmarks;

/// <summary>
/// What the analyzers add to the compilation of a real project, from source text to an assembly in a warm process, in time and in processor time. Beside two others: an
/// analyzer that does nothing, and one that asks to see operations, as analyzers of the SDK do in every build. In turn, several rounds: the least of each, and the
/// median of the quotients within the rounds, which a busy machine distorts less. Bar: 10 %.
/// </summary>
internal static class CompileShare
{
    public const string Name = "compile";

    private const int WarmUp = 8;
    private const int Rounds = 40;

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
        (string Name, ImmutableArray<DiagnosticAnalyzer> Analyzers, int Base)[] variants =
        [
            ("nothing", AnalysisCost.Nothing, 0),
            ("all rules", AnalysisCost.Rules, 0),
            ("an analyzer that sees operations", [new EmptyAnalyzer(seesOperations: true)], 0),
            ("that one and all rules", [new EmptyAnalyzer(seesOperations: true), .. AnalysisCost.Rules], 2),
        ];
        List<(double Wall, double Processor)>[] times = [.. variants.Select(_ => new List<(double, double)>())];
        int errors = 0;
        int found = 0;
        for (int round = 0; round < WarmUp + Rounds; round++)
        {
            for (int i = 0; i < variants.Length; i++)
            {
                (double, double) time = Compile(files, references, variants[i].Analyzers, out errors, out found);
                if (round >= WarmUp)
                {
                    times[i].Add(time);
                }
            }
        }

        Console.WriteLine($"{files.Length} files, {errors} errors, {found} warnings of GradLint; load {Machine.Load}; bar 10 %");
        for (int i = 0; i < variants.Length; i++)
        {
            Console.WriteLine(
                $"  {variants[i].Name + ":",-34} {times[i].Min(time => time.Wall):0} ms, {times[i].Min(time => time.Processor):0} ms of processors"
                + (variants[i].Base == i ? string.Empty : $"; beyond '{variants[variants[i].Base].Name}': {Beyond(times[i], times[variants[i].Base])}"));
        }

        return 0;
    }

    private static string Beyond(List<(double Wall, double Processor)> times, List<(double Wall, double Processor)> than)
    {
        return $"{Share(time => time.Wall)} time, {Share(time => time.Processor)} processor time";

        string Share(Func<(double Wall, double Processor), double> select)
        {
            double least = times.Min(select) / than.Min(select);
            double[] paired = [.. times.Zip(than, (with, without) => select(with) / select(without)).Order()];
            return $"{least - 1:P0} (median {paired[paired.Length / 2] - 1:P0})";
        }
    }

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
        (errors, ImmutableArray<Diagnostic> diagnostics) = CompilerRun.Compile(compilation, analyzers);
        double wall = clock.Elapsed.TotalMilliseconds;
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
