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
            Assert.All(advice.Rules, rule => Assert.True(File.Exists(Repository.PathTo($"analyzers/docs/rules/{rule}.md")), rule));
        }
    }
}
