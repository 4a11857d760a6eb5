using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Fuzz.Tests;

/// <summary>A short form of the campaign whose figures are in docs/analyzer-robustness.md.</summary>
public sealed class CampaignTests
{
    private const int Seed = 2;
    private const int Count = 300;

    [Fact]
    public async Task Half_typed_code_ends_no_analysis()
    {
        List<Outcome> outcomes = [];
        await new Campaign(Seed).RunAsync(0, Count, workers: 1, outcomes.Add);

        Assert.Equal(Count, outcomes.Count);
        Assert.Contains(outcomes, outcome => outcome.Diagnostics > 0);
        var mutants = new Mutants(Seed);
        Assert.Empty(outcomes.Where(outcome => outcome.IsDefect && outcome.Fault != Fault.Slow).Select(outcome => $"{outcome.Fault}: {mutants[outcome.Number]}\n{mutants[outcome.Number].Tree}\n{outcome.Detail}"));
    }

    /// <summary>A crash of Roslyn 4.8: a tuple type that breaks off, taken apart in a foreach.</summary>
    [Theory]
    [InlineData("class C { void M(object[] all) { foreach ((int One, int =>) each in all) { } } }", true)]
    [InlineData("class C { void M(object[] all) { foreach ((int One, int Two) in all) { } } }", false)]
    public void Code_that_the_compiler_itself_fails_on_is_told_apart(string code, bool fails) =>
        Assert.Equal(fails, Analysis.CompilerFailsOn(CSharpSyntaxTree.ParseText(code, path: "Mutant.cs", cancellationToken: TestContext.Current.CancellationToken)));
}
