namespace GradLint.Proofs.Tests;

/// <summary>What samples/good shows is what GradLint asks for, and it trains.</summary>
public sealed class GoodProgramTests
{
    public static TheoryData<string> Programs => new(Directory.GetFiles(GoodProgram.Folder, "*.cs").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task All_rules_are_silent_and_it_learns(string file)
    {
        double left = await GoodProgram.RunAsync(Path.Combine(GoodProgram.Folder, file), TestContext.Current.CancellationToken);

        Assert.InRange(left, 0, 0.8);
    }
}
