using System.Globalization;

namespace GradLint.Proofs;

/// <summary>The table of all proofs, as docs/proofs.md shows it.</summary>
internal static class ProofPage
{
    public static void Write(TextWriter writer, IEnumerable<Proof> proofs)
    {
        writer.WriteLine("""
            # The rules, proved

            For every rule the program in [samples/bad](../samples/bad) is compiled, run, linted (this rule speaks and no other), repaired by the rule's own code fix, compiled, run and linted again
            (silence). *Before* and *after* are what the two runs print; a program is sick where the number lies beyond the limit. The tests hold every program to this; the page is written by

            ```
            dotnet run -c Release --project tests/GradLint.Proofs -- --markdown docs/proofs.md
            ```

            which takes about a minute on two cores.

            | rule | says | the symptom | sick | before | after |
            |---|---|---|---|---|---|
            """);
        foreach (Proof proof in proofs)
        {
            writer.WriteLine(Row(proof));
        }
    }

    private static string Row(Proof proof)
    {
        (BadProgram program, Symptom symptom) = (proof.Program, proof.Program.Symptom);
        string title = Rules.Descriptors[program.RuleId].Title.ToString(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture,
            $"| [{program.RuleId}](../samples/bad/{Path.GetFileName(program.Path)}) | {title} | {symptom.Name} | {symptom.Sign} {symptom.Limit:G6} | {Text(proof.Before)} | {Text(proof.After)} |");
    }

    private static string Text(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
