using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace GradLint.Proofs;

/// <summary>
/// What a rule is worth, shown: the program that it speaks on is sick when it runs, and healthy once the rule's own code fix has been applied.
/// </summary>
/// <param name="Program">The program.</param>
/// <param name="Message">What the rule says, at the first place.</param>
/// <param name="Before">The symptom of the program.</param>
/// <param name="After">The symptom after the fix.</param>
internal sealed record Proof(BadProgram Program, Diagnostic Message, double Before, double After)
{
    /// <summary>Compiles, runs, lints, fixes, compiles, runs and lints again.</summary>
    /// <exception cref="ProofException">One of these does not come out as it must.</exception>
    public static async Task<Proof> OfAsync(BadProgram program, CancellationToken cancellation)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("gradlint-proof-");
        try
        {
            ProgramSource source = ProgramSource.Of(program.Name, program.Text, [program.RuleId]);
            double before = await RunAsync(source, Path.Combine(folder.FullName, "before.dll"), cancellation);
            ImmutableArray<Diagnostic> said = await source.LintAsync(cancellation);
            Demand(!said.IsEmpty && said.All(diagnostic => diagnostic.Id == program.RuleId), $"Only {program.RuleId} must speak, but the rules say: {Lines(said)}");
            Demand(program.Symptom.IsSick(before), $"It must be sick ({program.Symptom}), but the symptom is {before}.");

            ProgramSource repaired = await source.FixAllAsync(said, cancellation);
            double after = await RunAsync(repaired, Path.Combine(folder.FullName, "after.dll"), cancellation);
            ImmutableArray<Diagnostic> left = await repaired.LintAsync(cancellation);
            Demand(left.IsEmpty, $"After the fix the rules must be silent, but they say: {Lines(left)}\n{await repaired.TextAsync(cancellation)}");
            Demand(!program.Symptom.IsSick(after), $"After the fix it must not be sick ({program.Symptom}), but the symptom is {after}.\n{await repaired.TextAsync(cancellation)}");
            return new Proof(program, said[0], before, after);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> RunAsync(ProgramSource source, string path, CancellationToken cancellation)
    {
        await source.EmitAsync(path, cancellation);
        return Symptom.Read(await ProgramRun.OutputOfAsync(path, cancellation));
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ProofException(otherwise);
        }
    }

    private static string Lines(ImmutableArray<Diagnostic> diagnostics) => diagnostics.IsEmpty ? "nothing." : string.Join("\n", diagnostics);
}
