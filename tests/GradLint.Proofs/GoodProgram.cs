using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace GradLint.Proofs;

/// <summary>A program of samples/good: no rule has anything to say, also of those that are off by default, and it learns.</summary>
internal static class GoodProgram
{
    public static string Folder { get; } = Repository.PathTo("samples/good");

    /// <summary>Lints and runs it; its result is a ratio to what was before training.</summary>
    /// <exception cref="ProofException">It does not compile, some rule speaks, or it fails.</exception>
    public static async Task<double> RunAsync(string path, CancellationToken cancellation)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("gradlint-good-");
        try
        {
            string name = Path.GetFileNameWithoutExtension(path);
            ProgramSource source = ProgramSource.Of(name, await File.ReadAllTextAsync(path, cancellation), Rules.Descriptors.Keys);
            string program = Path.Combine(folder.FullName, name + ".dll");
            await source.EmitAsync(program, cancellation);
            ImmutableArray<Diagnostic> said = await source.LintAsync(cancellation);
            return said.IsEmpty
                ? Result(await ProgramRun.OutputOfAsync(program, cancellation))
                : throw new ProofException($"The rules must be silent, but they say: {string.Join("\n", said)}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // "what is measured: 0.25" in the last line.
    private static double Result(string output)
    {
        string last = output.TrimEnd().Split('\n')[^1];
        return double.TryParse(last[(last.LastIndexOf(':') + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new ProofException($"The last line of its output is '{last}'; it must end in a number.");
    }
}
