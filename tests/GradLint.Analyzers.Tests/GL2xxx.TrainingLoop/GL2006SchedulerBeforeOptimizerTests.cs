using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL2006SchedulerBeforeOptimizerAnalyzer, GradLint.CodeFixes.Rules.GL2006SchedulerBeforeOptimizerCodeFix>;

namespace GradLint.Rules;

public sealed class GL2006SchedulerBeforeOptimizerTests
{
    private const string Id = "GL2006";

    [Fact]
    public Task A_schedule_that_runs_before_the_optimizer_is_moved_behind_it() =>
        Verify.Fixes(
            Scheduled("""
                optimizer.zero_grad();
                {|#0:scheduler.step()|};
                model.forward(x).sum().backward();
                optimizer.step();
                """),
            Scheduled("""
                optimizer.zero_grad();
                model.forward(x).sum().backward();
                optimizer.step();
                scheduler.step();
                """),
            [Expect.Warning(Id, 0, "'scheduler.step()' runs before the iteration's first 'optimizer.step()', so the first learning rate of the schedule is never used; let the optimizer step first")]);

    [Fact]
    public Task The_start_of_an_epoch_is_too_early() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                var scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10);
                for (int epoch = 0; epoch < 10; epoch++)
                {
                    {|GL2006:scheduler.step()|};
                    foreach (var (x, y) in batches)
                    {
                        optimizer.zero_grad();
                        model.forward(x).sum().backward();
                        optimizer.step();
                    }
                }
                """),
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                var scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10);
                for (int epoch = 0; epoch < 10; epoch++)
                {
                    foreach (var (x, y) in batches)
                    {
                        optimizer.zero_grad();
                        model.forward(x).sum().backward();
                        optimizer.step();
                    }

                    scheduler.step();
                }
                """));

    [Fact]
    public Task A_step_in_a_callee_is_a_step() =>
        Verify.Reports(InClass("""
            static void Train(SmallNet model, torch.optim.Optimizer optimizer, torch.optim.lr_scheduler.LRScheduler scheduler)
            {
                while (true)
                {
                    {|GL2006:scheduler.step()|};
                    TrainEpoch(model, optimizer);
                }
            }

            static void TrainEpoch(SmallNet m, torch.optim.Optimizer o) { m.forward(torch.ones(4)).sum().backward(); o.step(); o.zero_grad(); }
            """));

    [Theory]
    [InlineData("optimizer.step(); scheduler.step();")]
    [InlineData("if (x.shape[0] > 1) scheduler.step(); optimizer.step();")]
    [InlineData("scheduler.step();")]
    [InlineData("optimizer.step(); scheduler.step(); optimizer.step();")]
    [InlineData("other.step(); optimizer.step();")]
    public Task The_right_order_and_orders_that_depend_are_silent(string body) => Verify.Reports(Scheduled(body));

    [Fact]
    public Task Moving_on_to_where_a_training_was_left_is_silent() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            var optimizer = torch.optim.Adam(model.parameters());
            var scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10);
            for (int i = 0; i < 5; i++) scheduler.step();
            foreach (var (x, y) in batches)
            {
                optimizer.step();
            }
            """));

    [Fact]
    public Task Two_schedules_in_one_block_are_fixed_together() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                var slow = torch.optim.lr_scheduler.StepLR(optimizer, 10);
                var warm = torch.optim.lr_scheduler.LinearLR(optimizer);
                while (true)
                {
                    {|GL2006:slow.step()|};
                    {|GL2006:warm.step()|};
                    optimizer.step();
                }
                """),
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                var slow = torch.optim.lr_scheduler.StepLR(optimizer, 10);
                var warm = torch.optim.lr_scheduler.LinearLR(optimizer);
                while (true)
                {
                    optimizer.step();
                    warm.step();
                    slow.step();
                }
                """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + """
            var optimizer = torch.optim.Adam(Linear(4, 3).parameters());
            var scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10);
            while (true)
            {
                {|GL2006:scheduler.step()|};
                optimizer.step();
            }
            """,
            Usings + """
            var optimizer = torch.optim.Adam(Linear(4, 3).parameters());
            var scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10);
            while (true)
            {
                optimizer.step();
                scheduler.step();
            }
            """,
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_schedule_is_not_meant() =>
        Verify.Reports("class Scheduler { void step() { } static void Train(Scheduler scheduler, Scheduler optimizer) { while (true) { scheduler.step(); optimizer.step(); } } }");

    [Theory]
    [InlineData("scheduler.step(")]
    [InlineData("scheduler.step(); optimizer.")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(Scheduled(statement), setup: Setup.HalfTyped);

    private static string Scheduled(string body) => InMethod($$"""
        var model = new SmallNet();
        var optimizer = torch.optim.Adam(model.parameters());
        var scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10);
        var other = torch.optim.lr_scheduler.StepLR(torch.optim.Adam(new SmallNet().parameters()), 10);
        foreach (var (x, y) in batches)
        {
        {{string.Join('\n', body.Split('\n').Select(line => "    " + line))}}
        }
        """);
}
