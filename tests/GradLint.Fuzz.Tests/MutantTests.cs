namespace GradLint.Fuzz.Tests;

public sealed class MutantTests
{
    [Fact]
    public void The_same_number_is_the_same_mutant()
    {
        Mutant once = new Mutants(7)[1234];
        Mutant again = new Mutants(7)[1234];

        Assert.Equal(once.Source, again.Source);
        Assert.Equal(once.Tree.ToString(), again.Tree.ToString());
    }

    [Fact]
    public void It_differs_from_its_source()
    {
        var mutants = new Mutants(7);
        Assert.True(Enumerable.Range(0, 100).Count(number => mutants[number].Tree.ToString() != mutants[number].Source.Text) > 95);
    }

    [Fact]
    public void Samples_tests_and_the_snippets_in_them_are_sources()
    {
        Assert.Contains(Sources.All(), source => source.Name == "samples/bad/GL3001LearningRateTooHigh.cs");
        Assert.Contains(Sources.All(), source => source.Name.EndsWith("/GL2004GradientsNotClearedTests.cs", StringComparison.Ordinal));
        Source[] snippets = [.. Sources.All().Where(source => source.Name.Contains("/GL2004GradientsNotClearedTests.cs:", StringComparison.Ordinal))];
        Assert.True(snippets.Length > 10);
        Assert.DoesNotContain(snippets, snippet => snippet.Text.Contains("{|", StringComparison.Ordinal));
    }
}
