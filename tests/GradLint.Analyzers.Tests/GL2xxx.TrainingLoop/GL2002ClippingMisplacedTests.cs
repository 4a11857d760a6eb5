using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL2002ClippingMisplacedAnalyzer, GradLint.CodeFixes.Rules.GL2002ClippingMisplacedCodeFix>;

namespace GradLint.Rules;

public sealed class GL2002ClippingMisplacedTests
{
    private const string Id = "GL2002";

    [Fact]
    public Task Clipping_before_backward_is_moved_before_the_step() =>
        Verify.Fixes(
            InTrainingLoop("""
                optimizer.zero_grad();
                {|#0:torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)|};
                criterion.forward(model.forward(x), y).backward();
                optimizer.step();
                """),
            InTrainingLoop("""
                optimizer.zero_grad();
                criterion.forward(model.forward(x), y).backward();
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
                optimizer.step();
                """),
            [Expect.Warning(Id, 0, "The gradients of 'model' are clipped before 'backward' computes them; clip once per step, between 'backward' and 'step'")]);

    [Fact]
    public Task Clipping_after_the_step_is_moved_before_it() =>
        Verify.Fixes(
            InTrainingLoop("""
                optimizer.zero_grad();
                criterion.forward(model.forward(x), y).backward();
                optimizer.step();
                {|#0:torch.nn.utils.clip_grad_value_(model.parameters(), 1.0)|};
                """),
            InTrainingLoop("""
                optimizer.zero_grad();
                criterion.forward(model.forward(x), y).backward();
                torch.nn.utils.clip_grad_value_(model.parameters(), 1.0);
                optimizer.step();
                """),
            [Expect.Warning(Id, 0, "The gradients of 'model' are clipped after the step has been taken along them; clip once per step, between 'backward' and 'step'")]);

    [Fact]
    public Task Clipping_what_is_cleared_next_is_reported() =>
        Verify.Reports(
            InTrainingLoop("""
                {|#0:torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)|};
                optimizer.zero_grad();
                criterion.forward(model.forward(x), y).backward();
                optimizer.step();
                """),
            [Expect.Warning(Id, 0, "The gradients of 'model' are clipped right before they are cleared; clip once per step, between 'backward' and 'step'")]);

    [Fact]
    public Task Clipping_every_micro_batch_of_an_accumulation_is_moved_to_its_step() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                int i = 0;
                foreach (var (x, y) in batches)
                {
                    (model.forward(x).sum() / 4).backward();
                    {|#0:torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)|};
                    if (++i % 4 == 0)
                    {
                        optimizer.step();
                        optimizer.zero_grad();
                    }
                }
                """),
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                int i = 0;
                foreach (var (x, y) in batches)
                {
                    (model.forward(x).sum() / 4).backward();
                    if (++i % 4 == 0)
                    {
                        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
                        optimizer.step();
                        optimizer.zero_grad();
                    }
                }
                """),
            [Expect.Warning(Id, 0, "The gradients of 'model' are clipped anew after every micro-batch that is added to them; clip once per step, between 'backward' and 'step'")]);

    [Fact]
    public Task Clipping_in_an_inner_loop_over_micro_batches_is_reported() =>
        Verify.Reports(InTrainingLoop("""
            optimizer.zero_grad();
            foreach (var part in x.chunk(4))
            {
                model.forward(part).sum().backward();
                {|GL2002:torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)|};
            }

            optimizer.step();
            """));

    [Fact]
    public Task Clipping_a_network_that_nothing_steps_is_reported() =>
        Verify.Reports(
            InMethod("""
                var model = new SmallNet();
                var other = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                foreach (var (x, y) in batches)
                {
                    optimizer.zero_grad();
                    (model.forward(x) - other.forward(x)).sum().backward();
                    {|#0:torch.nn.utils.clip_grad_norm_(other.parameters(), 1.0)|};
                    optimizer.step();
                }
                """),
            [Expect.Warning(Id, 0, "The gradients of 'other' are clipped although only the gradients of others are stepped along; clip once per step, between 'backward' and 'step'")]);

    [Theory]
    [InlineData("optimizer.zero_grad(); loss.backward(); torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); optimizer.step();")]
    [InlineData("loss.backward(); torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); optimizer.step(); optimizer.zero_grad();")]
    [InlineData("optimizer.zero_grad(); loss.backward(); torch.nn.utils.clip_grad_norm_(optimizer.parameters(), 1.0); optimizer.step();")]
    [InlineData("optimizer.zero_grad(); loss.backward(); optimizer.step(); Console.WriteLine(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0));")]
    [InlineData("optimizer.zero_grad(); loss.backward(); if (torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0) < 100) optimizer.step();")]
    [InlineData("optimizer.zero_grad(); loss.backward(); var norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); if (double.IsNaN(norm)) continue; optimizer.step();")]
    [InlineData("optimizer.zero_grad(); loss.backward(); torch.nn.utils.clip_grad_value_(model.parameters(), 5.0); torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); optimizer.step();")]
    [InlineData("torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); optimizer.step(); optimizer.zero_grad(); loss.backward();")]
    public Task Clipping_between_backward_and_step_is_right_whatever_is_around(string body) =>
        Verify.Reports(InTrainingLoop("var loss = criterion.forward(model.forward(x), y); " + body));

    [Fact]
    public Task Two_networks_that_are_clipped_in_turn_are_right() =>
        Verify.Reports(InMethod("""
            var actor = new SmallNet();
            var critic = new SmallNet();
            var actorOptimizer = torch.optim.Adam(actor.parameters());
            var criticOptimizer = torch.optim.Adam(critic.parameters());
            foreach (var (x, y) in batches)
            {
                actorOptimizer.zero_grad();
                criticOptimizer.zero_grad();
                actor.forward(x).sum().backward();
                torch.nn.utils.clip_grad_norm_(actor.parameters(), 1.0);
                critic.forward(y).sum().backward();
                torch.nn.utils.clip_grad_norm_(critic.parameters(), 1.0);
                actorOptimizer.step();
                criticOptimizer.step();
            }
            """));

    [Fact]
    public Task Two_optimizers_of_one_network_may_step_around_the_clip() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            var first = torch.optim.Adam(model.parameters());
            var second = torch.optim.SGD(model.parameters(), 0.01);
            foreach (var (x, y) in batches)
            {
                first.zero_grad();
                model.forward(x).sum().backward();
                first.step();
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
                second.step();
            }
            """));

    [Fact]
    public Task A_part_of_what_is_stepped_is_no_stranger() =>
        Verify.Reports(InClass("""
            class Whole : Module<Tensor, Tensor>
            {
                private readonly SmallNet part;
                public Whole(SmallNet part) : base("whole") { this.part = part; RegisterComponents(); }
                public override Tensor forward(Tensor x) => part.forward(x);
            }

            static void Train(Tensor x)
            {
                var part = new SmallNet();
                var whole = new Whole(part);
                var optimizer = torch.optim.Adam(whole.parameters());
                while (true)
                {
                    optimizer.zero_grad();
                    whole.forward(x).sum().backward();
                    torch.nn.utils.clip_grad_norm_(part.parameters(), 1.0);
                    optimizer.step();
                }
            }
            """));

    [Fact]
    public Task What_callees_do_in_an_order_that_is_not_known_is_silent() =>
        Verify.Reports(InClass("""
            static void Train(SmallNet model, torch.optim.Optimizer optimizer, Tensor x)
            {
                while (true)
                {
                    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
                    All(model, optimizer, x);
                }
            }

            static void All(SmallNet m, torch.optim.Optimizer o, Tensor x) { m.forward(x).sum().backward(); o.step(); o.zero_grad(); }
            """));

    [Fact]
    public Task Callees_that_do_one_thing_are_understood() =>
        Verify.Reports(InClass("""
            static void Train(SmallNet model, torch.optim.Optimizer optimizer, Tensor x)
            {
                while (true)
                {
                    Clear(optimizer);
                    {|GL2002:torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)|};
                    Backward(model, x);
                    optimizer.step();
                }
            }

            static void Clear(torch.optim.Optimizer o) => o.zero_grad();
            static void Backward(SmallNet m, Tensor x) => m.forward(x).sum().backward();
            """));

    [Fact]
    public Task A_helper_that_only_clips_is_silent() =>
        Verify.Reports(InClass("static void Clip(SmallNet model) => torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);"));

    [Fact]
    public Task Lambdas_and_closures_are_functions_of_their_own() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            var optimizer = torch.optim.LBFGS(model.parameters());
            foreach (var (x, y) in batches)
            {
                optimizer.step(() =>
                {
                    optimizer.zero_grad();
                    var loss = model.forward(x).sum();
                    loss.backward();
                    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
                    return loss;
                });
            }
            """));

    [Fact]
    public Task Two_misplaced_clips_in_one_block_are_fixed_together() =>
        Verify.Fixes(
            InMethod("""
                var first = new SmallNet();
                var second = new SmallNet();
                var optimizer1 = torch.optim.Adam(first.parameters());
                var optimizer2 = torch.optim.Adam(second.parameters());
                foreach (var (x, y) in batches)
                {
                    optimizer1.zero_grad();
                    optimizer2.zero_grad();
                    {|GL2002:torch.nn.utils.clip_grad_norm_(first.parameters(), 1.0)|};
                    {|GL2002:torch.nn.utils.clip_grad_norm_(second.parameters(), 1.0)|};
                    second.forward(first.forward(x)).sum().backward();
                    optimizer1.step();
                    optimizer2.step();
                }
                """),
            InMethod("""
                var first = new SmallNet();
                var second = new SmallNet();
                var optimizer1 = torch.optim.Adam(first.parameters());
                var optimizer2 = torch.optim.Adam(second.parameters());
                foreach (var (x, y) in batches)
                {
                    optimizer1.zero_grad();
                    optimizer2.zero_grad();
                    second.forward(first.forward(x)).sum().backward();
                    torch.nn.utils.clip_grad_norm_(first.parameters(), 1.0);
                    optimizer1.step();
                    torch.nn.utils.clip_grad_norm_(second.parameters(), 1.0);
                    optimizer2.step();
                }
                """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Reports(
            Usings + """
            var model = Linear(4, 3);
            var optimizer = torch.optim.Adam(model.parameters());
            while (true)
            {
                optimizer.zero_grad();
                {|GL2002:torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)|};
                model.forward(torch.ones(4)).sum().backward();
                optimizer.step();
            }
            """,
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_clip_is_not_meant() =>
        Verify.Reports("class utils { static void clip_grad_norm_(object o, double m) { while (true) clip_grad_norm_(o, m); } }");

    [Theory]
    [InlineData("torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); undeclared(model, optimizer); optimizer.step();")]
    [InlineData("torch.nn.utils.clip_grad_norm_(model.parameters(), ")]
    [InlineData("loss.backward(); { optimizer.step(); torch.nn.utils.clip_grad_norm_(model.")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InTrainingLoop(statement), setup: Setup.HalfTyped);
}
