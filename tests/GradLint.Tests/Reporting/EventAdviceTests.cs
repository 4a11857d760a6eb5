namespace GradLint.Tests;

public class EventAdviceTests
{
    [Fact]
    public void Every_reason_but_a_finite_step_has_its_own_advice_and_the_pages_that_it_names_exist()
    {
        string unknown = EventAdvice.For("").Text;

        foreach (StepReason reason in Enum.GetValues<StepReason>().Except([StepReason.Finite, StepReason.Pending]))
        {
            EventAdvice advice = EventAdvice.For(reason.ToString());
            Assert.NotEqual(unknown, advice.Text);
            Assert.NotEmpty(advice.Rules);
            Assert.Equal(advice.Rules.Count, RulePages.Of(advice.Rules).Count);
        }
    }

    [Fact]
    public void Every_kind_of_advice_has_rules_to_read_and_their_pages_exist()
    {
        foreach (AdviceKind kind in Enum.GetValues<AdviceKind>())
        {
            IReadOnlyList<string> rules = EventAdvice.RulesOf(kind);
            Assert.NotEmpty(rules);
            Assert.Equal(rules.Count, RulePages.Of(rules).Count);
        }
    }

    [Fact]
    public void A_page_is_that_of_the_rule() =>
        Assert.Equal(File.ReadAllText(Repository.PathTo("analyzers/docs/rules/GL3001.md")), RulePages.Of(["GL3001", "GL3001"])["GL3001"]!.GetValue<string>());
}
