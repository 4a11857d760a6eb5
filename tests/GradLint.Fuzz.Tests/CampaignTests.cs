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
        Assert.Empty(outcomes.Where(outcome => outcome.Fault is not (Fault.None or Fault.Slow)).Select(outcome => $"{outcome.Fault}: {mutants[outcome.Number]}\n{mutants[outcome.Number].Tree}\n{outcome.Detail}"));
    }
}
