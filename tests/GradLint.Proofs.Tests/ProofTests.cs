namespace GradLint.Proofs.Tests;

/// <summary>Every rule is worth what it says; the table is docs/proofs.md.</summary>
public sealed class ProofTests
{
    public static TheoryData<string> Programs => new(BadProgram.In(BadPrograms.Folder).Select(program => Path.GetFileName(program.Path)));

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Its_fix_takes_the_symptom_away(string file)
    {
        Proof proof = await Proof.OfAsync(BadProgram.Read(Path.Combine(BadPrograms.Folder, file)), TestContext.Current.CancellationToken);

        Assert.StartsWith(proof.Program.RuleId, file, StringComparison.Ordinal);
        Assert.NotEqual(proof.Before, proof.After);
    }
}
