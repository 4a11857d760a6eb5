namespace GradLint.Proofs.Tests;

/// <summary>The code on the pages of the rules does what the pages say.</summary>
public sealed class RulePageTests
{
    public static TheoryData<string> Pages => new(RulePage.All().Select(page => page.RuleId));

    /// <summary>With the variable UPDATE_DOCS set, the repaired example is written to the page instead.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public async Task The_rule_speaks_on_the_example_and_its_fix_makes_of_it_what_the_page_shows(string rule)
    {
        string path = Path.Combine(RulePage.Folder, rule + ".md");
        RulePage page = RulePage.Read(path)!;

        string? repaired = await PageExample.RepairAsync(page, TestContext.Current.CancellationToken);

        if (repaired is not null && Environment.GetEnvironmentVariable("UPDATE_DOCS") is not null)
        {
            await File.WriteAllTextAsync(path, page.With(repaired), TestContext.Current.CancellationToken);
            return;
        }

        Assert.Equal(repaired, page.Repaired);
    }
}
