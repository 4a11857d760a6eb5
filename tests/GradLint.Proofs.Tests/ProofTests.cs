using Microsoft.CodeAnalysis;

namespace GradLint.Proofs.Tests;

/// <summary>Every rule is worth what it says; the table is docs/proofs.md.</summary>
public sealed class ProofTests
{
    public static TheoryData<string> Programs => new(BadProgram.In(BadPrograms.Folder).Select(program => Path.GetFileName(program.Path)));

    [Fact]
    public void Every_rule_that_warns_by_itself_has_a_program()
    {
        // GL0001 is about GradLint's own settings.
        IEnumerable<string> warning = Rules.Descriptors.Values
            .Where(rule => rule.IsEnabledByDefault && rule.DefaultSeverity == DiagnosticSeverity.Warning && rule.Id != "GL0001")
            .Select(rule => rule.Id);

        Assert.Empty(warning.Except(BadProgram.In(BadPrograms.Folder).Select(program => program.RuleId)));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Its_fix_takes_the_symptom_away(string file)
    {
        Proof proof = await Proof.OfAsync(BadProgram.Read(Path.Combine(BadPrograms.Folder, file)), TestContext.Current.CancellationToken);

        Assert.StartsWith(proof.Program.RuleId, file, StringComparison.Ordinal);
        Assert.NotEqual(proof.Before, proof.After);
    }
}
