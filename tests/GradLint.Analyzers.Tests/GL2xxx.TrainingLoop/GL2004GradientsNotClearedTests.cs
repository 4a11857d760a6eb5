using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL2004GradientsNotClearedAnalyzer, GradLint.CodeFixes.Rules.GL2004GradientsNotClearedCodeFix>;

namespace GradLint.Rules;

public sealed class GL2004GradientsNotClearedTests
{
    private const string Id = "GL2004";

    [Fact]
    public Task A_loop_that_never_clears_is_reported_at_its_backward_and_fixed_at_its_start() =>
        Verify.Fixes(
            InTrainingLoop("""
                var loss = criterion.forward(model.forward(x), y);
                {|#0:loss.backward()|};
                optimizer.step();
                """),
            InTrainingLoop("""
                optimizer.zero_grad();
                var loss = criterion.forward(model.forward(x), y);
                loss.backward();
                optimizer.step();
                """),
            [Expect.Warning(Id, 0, "Nothing in the training loop clears the gradients of 'optimizer', so backward adds to those of every iteration before; call 'zero_grad()' once per step")]);

    [Fact]
    public Task Clearing_once_before_the_loop_is_not_enough() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            var optimizer = torch.optim.SGD(model.parameters(), 0.01);
            optimizer.zero_grad();
            foreach (var (x, y) in batches)
            {
                {|GL2004:model.forward(x).sum().backward()|};
                optimizer.step();
            }
            """));

    [Theory]
    [InlineData("optimizer.zero_grad();")]
    [InlineData("model.zero_grad();")]
    [InlineData("model.zero_grad(set_to_none: true);")]
    [InlineData("{ var same = optimizer; same.zero_grad(); }")]
    [InlineData("foreach (var p in model.parameters()) p.grad?.zero_();")]
    [InlineData("foreach (var (name, p) in model.named_parameters()) { p.grad = null; }")]
    [InlineData("foreach (var p in optimizer.parameters()) { var g = p.grad; if (g is not null) g.zero_(); }")]
    [InlineData("foreach (var p in model.parameters()) { if (p.grad is { } g) g.zero_(); }")]
    public Task Every_way_to_clear_is_understood(string clear) =>
        Verify.Reports(InTrainingLoop(clear + """

            var loss = criterion.forward(model.forward(x), y);
            loss.backward();
            optimizer.step();
            """));

    [Fact]
    public Task Clearing_after_the_step_is_as_good() =>
        Verify.Reports(InTrainingLoop("""
            model.forward(x).sum().backward();
            optimizer.step();
            optimizer.zero_grad();
            """));

    [Fact]
    public Task Gradient_accumulation_clears_when_it_steps() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            var optimizer = torch.optim.Adam(model.parameters());
            int i = 0;
            foreach (var (x, y) in batches)
            {
                (model.forward(x).sum() / 4).backward();
                if (++i % 4 == 0)
                {
                    optimizer.step();
                    optimizer.zero_grad();
                }
            }
            """));

    [Fact]
    public Task Gradient_accumulation_that_never_clears_is_fixed_where_it_steps() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                int i = 0;
                foreach (var (x, y) in batches)
                {
                    {|GL2004:(model.forward(x).sum() / 4).backward()|};
                    if (++i % 4 == 0)
                        optimizer.step();
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
                        optimizer.step();
                        optimizer.zero_grad();
                    }
                }
                """));

    [Fact]
    public Task Micro_batches_in_an_inner_loop_belong_to_the_outer_iteration() =>
        Verify.Reports(InTrainingLoop("""
            optimizer.zero_grad();
            foreach (var part in x.chunk(4))
            {
                model.forward(part).sum().backward();
            }

            optimizer.step();
            """));

    [Fact]
    public Task A_step_outside_of_any_loop_is_silent() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            var optimizer = torch.optim.Adam(model.parameters());
            model.forward(torch.ones(4)).sum().backward();
            optimizer.step();
            """));

    [Fact]
    public Task A_fresh_model_in_each_iteration_has_fresh_gradients() =>
        Verify.Reports(InMethod("""
            for (int trial = 0; trial < 10; trial++)
            {
                var model = new SmallNet();
                using var optimizer = torch.optim.Adam(model.parameters());
                model.forward(torch.ones(4)).sum().backward();
                optimizer.step();
            }
            """));

    [Fact]
    public Task A_fresh_optimizer_for_the_same_model_has_the_old_gradients() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            for (int trial = 0; trial < 10; trial++)
            {
                using var optimizer = torch.optim.Adam(model.parameters());
                {|GL2004:model.forward(torch.ones(4)).sum().backward()|};
                optimizer.step();
            }
            """));

    [Fact]
    public Task Each_of_several_optimizers_needs_its_own() =>
        Verify.Reports(InMethod("""
            var generator = new SmallNet();
            var discriminator = new SmallNet();
            var optG = torch.optim.Adam(generator.parameters());
            var optD = torch.optim.Adam(discriminator.parameters());
            foreach (var (x, y) in batches)
            {
                optD.zero_grad();
                discriminator.forward(x).sum().backward();
                optD.step();
                {|#0:discriminator.forward(generator.forward(y)).sum().backward()|};
                optG.step();
            }
            """),
            [Expect.Warning(Id, 0, "Nothing in the training loop clears the gradients of 'optG', so backward adds to those of every iteration before; call 'zero_grad()' once per step")]);

    [Fact]
    public Task Clearing_the_models_of_several_optimizers_is_as_good() =>
        Verify.Reports(InMethod("""
            var generator = new SmallNet();
            var discriminator = new SmallNet();
            var optG = torch.optim.Adam(generator.parameters());
            var optD = torch.optim.Adam(discriminator.parameters());
            foreach (var (x, y) in batches)
            {
                discriminator.zero_grad();
                discriminator.forward(x).sum().backward();
                optD.step();
                generator.zero_grad();
                discriminator.forward(generator.forward(y)).sum().backward();
                optG.step();
            }
            """));

    [Fact]
    public Task Two_optimizers_of_the_same_parameters_clear_for_each_other() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            var warmUp = torch.optim.SGD(model.parameters(), 0.001);
            var main = torch.optim.Adam(model.parameters());
            bool warm = false;
            foreach (var (x, y) in batches)
            {
                main.zero_grad();
                model.forward(x).sum().backward();
                if (warm) main.step(); else warmUp.step();
            }
            """));

    [Fact]
    public Task One_backward_for_two_optimizers_is_one_diagnostic() =>
        Verify.Fixes(
            InMethod("""
                var actor = new SmallNet();
                var critic = new SmallNet();
                var actorOptimizer = torch.optim.Adam(actor.parameters());
                var criticOptimizer = torch.optim.Adam(critic.parameters());
                foreach (var (x, y) in batches)
                {
                    var loss = actor.forward(x).sum() + critic.forward(y).sum();
                    {|#0:loss.backward()|};
                    actorOptimizer.step();
                    criticOptimizer.step();
                }
                """),
            InMethod("""
                var actor = new SmallNet();
                var critic = new SmallNet();
                var actorOptimizer = torch.optim.Adam(actor.parameters());
                var criticOptimizer = torch.optim.Adam(critic.parameters());
                foreach (var (x, y) in batches)
                {
                    actorOptimizer.zero_grad();
                    criticOptimizer.zero_grad();
                    var loss = actor.forward(x).sum() + critic.forward(y).sum();
                    loss.backward();
                    actorOptimizer.step();
                    criticOptimizer.step();
                }
                """),
            [Expect.Warning(Id, 0, "Nothing in the training loop clears the gradients of 'actorOptimizer' and 'criticOptimizer', so backward adds to those of every iteration before; call 'zero_grad()' once per step")]);

    [Fact]
    public Task A_loop_that_is_given_all_it_works_on_is_fixed_behind_its_scope() =>
        Verify.Fixes(
            InClass("""
                static void Train(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer, Loss<Tensor, Tensor, Tensor> criterion, List<(Tensor, Tensor)> batches)
                {
                    foreach (var (x, y) in batches)
                    {
                        using var scope = torch.NewDisposeScope();
                        var loss = criterion.forward(model.forward(x), y);
                        {|GL2004:loss.backward()|};
                        optimizer.step();
                    }
                }
                """),
            InClass("""
                static void Train(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer, Loss<Tensor, Tensor, Tensor> criterion, List<(Tensor, Tensor)> batches)
                {
                    foreach (var (x, y) in batches)
                    {
                        using var scope = torch.NewDisposeScope();
                        optimizer.zero_grad();
                        var loss = criterion.forward(model.forward(x), y);
                        loss.backward();
                        optimizer.step();
                    }
                }
                """));

    [Fact]
    public Task The_caller_may_clear() =>
        Verify.Reports(InClass("""
            static void Train(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer, List<Tensor> batches)
            {
                foreach (var x in batches)
                {
                    optimizer.zero_grad();
                    TrainBatch(model, optimizer, x);
                }
            }

            static void TrainBatch(Module<Tensor, Tensor> net, torch.optim.Optimizer opt, Tensor x)
            {
                net.forward(x).sum().backward();
                opt.step();
            }
            """));

    [Fact]
    public Task Where_no_caller_clears_the_helper_is_reported() =>
        Verify.Fixes(
            InClass("""
                static void Train(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer, List<Tensor> batches)
                {
                    foreach (var x in batches)
                        TrainBatch(model, optimizer, x);
                }

                static void TrainBatch(Module<Tensor, Tensor> net, torch.optim.Optimizer opt, Tensor x)
                {
                    {|GL2004:net.forward(x).sum().backward()|};
                    opt.step();
                }
                """),
            InClass("""
                static void Train(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer, List<Tensor> batches)
                {
                    foreach (var x in batches)
                        TrainBatch(model, optimizer, x);
                }

                static void TrainBatch(Module<Tensor, Tensor> net, torch.optim.Optimizer opt, Tensor x)
                {
                    opt.zero_grad();
                    net.forward(x).sum().backward();
                    opt.step();
                }
                """));

    [Theory]
    [InlineData("Clear(optimizer);")]
    [InlineData("ClearModel(model);")]
    [InlineData("Twice(optimizer);")]
    [InlineData("void Local() => optimizer.zero_grad(); Local();")]
    [InlineData("Action clear = () => optimizer.zero_grad(); clear();")]
    [InlineData("Action<torch.optim.Optimizer> clear = o => o.zero_grad(); clear(optimizer);")]
    [InlineData("Run(() => optimizer.zero_grad());")]
    [InlineData("Run(optimizer.zero_grad);")]
    public Task A_callee_may_clear(string clear) =>
        Verify.Reports(InClass($$"""
            static void Train(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer, List<Tensor> batches)
            {
                foreach (var x in batches)
                {
                    {{clear}}
                    model.forward(x).sum().backward();
                    optimizer.step();
                }
            }

            static void Clear(torch.optim.Optimizer o) => o.zero_grad();
            static void Twice(torch.optim.Optimizer o) { Clear(o); Clear(o); }
            static void ClearModel(torch.nn.Module m) { m.zero_grad(); }
            static void Run(Action action) => action();
            """));

    [Fact]
    public Task A_callee_that_clears_another_optimizer_does_not_help() =>
        Verify.Reports(InClass("""
            static void Train(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer, torch.optim.Optimizer other, List<Tensor> batches)
            {
                foreach (var x in batches)
                {
                    Clear(other);
                    {|GL2004:model.forward(x).sum().backward()|};
                    optimizer.step();
                }
            }

            static void Clear(torch.optim.Optimizer o) => o.zero_grad();
            """));

    [Fact]
    public Task Fields_are_one_thing_in_all_methods_of_a_class() =>
        Verify.Reports(InClass("""
            class Trainer
            {
                private readonly SmallNet _model;
                private readonly torch.optim.Optimizer _optimizer;

                public Trainer(SmallNet model) { _model = model; _optimizer = torch.optim.Adam(model.parameters()); }

                private torch.optim.Optimizer Optimizer => _optimizer;

                public void Train(List<Tensor> batches)
                {
                    foreach (var x in batches) { Reset(); Backward(x); Optimizer.step(); }
                }

                public void TrainByModel(List<Tensor> batches)
                {
                    foreach (var x in batches) { _model.zero_grad(); Backward(x); _optimizer.step(); }
                }

                public void TrainForever(List<Tensor> batches)
                {
                    foreach (var x in batches) { {|GL2004:Backward(x)|}; _optimizer.step(); }
                }

                private void Reset() => Optimizer.zero_grad();
                private void Backward(Tensor x) => _model.forward(x).sum().backward();
            }
            """));

    [Fact]
    public Task Methods_that_others_override_may_clear() =>
        Verify.Reports(InClass("""
            abstract class Task
            {
                public abstract void Reset(torch.optim.Optimizer optimizer);

                public void Train(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer, List<Tensor> batches)
                {
                    foreach (var x in batches)
                    {
                        Reset(optimizer);
                        model.forward(x).sum().backward();
                        optimizer.step();
                    }
                }
            }

            class Clearing : Task
            {
                public override void Reset(torch.optim.Optimizer optimizer) => optimizer.zero_grad();
            }
            """));

    [Fact]
    public Task A_network_that_trains_itself_may_clear_itself() =>
        Verify.Reports(InClass("""
            class SelfTrained : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(4, 3);
                private readonly torch.optim.Optimizer optimizer;
                public SelfTrained() : base("self") { RegisterComponents(); optimizer = torch.optim.Adam(parameters()); }
                public override Tensor forward(Tensor x) => fc.forward(x);
                public void Fit(List<Tensor> batches)
                {
                    foreach (var x in batches) { zero_grad(); forward(x).sum().backward(); optimizer.step(); }
                }
            }
            """));

    [Fact]
    public Task A_closure_clears_for_the_step_that_calls_it() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            var optimizer = torch.optim.LBFGS(model.parameters());
            Func<Tensor> stored = () => { optimizer.zero_grad(); var loss = model.forward(torch.ones(4)).sum(); loss.backward(); return loss; };
            foreach (var (x, y) in batches)
            {
                optimizer.step(stored);
                optimizer.step(() => { optimizer.zero_grad(); var loss = model.forward(x).sum(); loss.backward(); return loss; });
            }
            """));

    [Fact]
    public Task A_lambda_that_is_run_for_each_batch_is_a_loop() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                batches.ToList().ForEach(batch =>
                {
                    {|GL2004:model.forward(batch.X).sum().backward()|};
                    optimizer.step();
                });
                """),
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                batches.ToList().ForEach(batch =>
                {
                    optimizer.zero_grad();
                    model.forward(batch.X).sum().backward();
                    optimizer.step();
                });
                """));

    [Theory]
    [InlineData("batches.ToList().ForEach(batch => { optimizer.zero_grad(); model.forward(batch.X).sum().backward(); optimizer.step(); });")]
    [InlineData("Run(() => { model.forward(torch.ones(4)).sum().backward(); optimizer.step(); });")]
    [InlineData("batches.ToList().ForEach(batch => { var own = new SmallNet(); var o = torch.optim.Adam(own.parameters()); own.forward(batch.X).sum().backward(); o.step(); });")]
    public Task Lambdas_that_clear_run_once_or_start_afresh_are_silent(string run) =>
        Verify.Reports(InClass($$"""
            static void Run(Action action) => action();

            static void Train(IEnumerable<(Tensor X, Tensor Y)> batches)
            {
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                {{run}}
            }
            """));

    [Fact]
    public Task A_list_of_optimizers_is_cleared_element_by_element() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            var optimizers = new List<torch.optim.Optimizer> { torch.optim.Adam(model.parameters()) };
            foreach (var (x, y) in batches)
            {
                foreach (var o in optimizers) o.zero_grad();
                model.forward(x).sum().backward();
                foreach (var o in optimizers) o.step();
                optimizers[0].step();
            }
            """));

    [Fact]
    public Task A_guards_step_is_a_step() =>
        Verify.Fixes(
            InTrainingLoop("""
                using var guard = GradLint.GradientGuard.For(model, optimizer);
                var loss = criterion.forward(model.forward(x), y);
                {|GL2004:loss.backward()|};
                guard.Step(loss);
                """),
            InTrainingLoop("""
                optimizer.zero_grad();
                using var guard = GradLint.GradientGuard.For(model, optimizer);
                var loss = criterion.forward(model.forward(x), y);
                loss.backward();
                guard.Step(loss);
                """),
            setup: Setup.WithGradLint);

    [Fact]
    public Task Two_loops_in_one_block_are_fixed_together() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                foreach (var (x, y) in batches)
                {
                    {|GL2004:model.forward(x).sum().backward()|};
                    optimizer.step();
                }

                for (int i = 0; i < 3; i++)
                {
                    {|GL2004:model.forward(torch.ones(4)).sum().backward()|};
                    optimizer.step();
                }
                """),
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                foreach (var (x, y) in batches)
                {
                    optimizer.zero_grad();
                    model.forward(x).sum().backward();
                    optimizer.step();
                }

                for (int i = 0; i < 3; i++)
                {
                    optimizer.zero_grad();
                    model.forward(torch.ones(4)).sum().backward();
                    optimizer.step();
                }
                """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + """
            var model = Linear(4, 3);
            var optimizer = torch.optim.Adam(model.parameters());
            while (true)
            {
                {|GL2004:model.forward(torch.ones(4)).sum().backward()|};
                optimizer.step();
            }
            """,
            Usings + """
            var model = Linear(4, 3);
            var optimizer = torch.optim.Adam(model.parameters());
            while (true)
            {
                optimizer.zero_grad();
                model.forward(torch.ones(4)).sum().backward();
                optimizer.step();
            }
            """,
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_tensor_and_optimizer_are_not_meant() =>
        Verify.Reports("""
            class Tensor { public void backward() { } }
            class Optimizer
            {
                public void step() { }
                static void Train(Optimizer optimizer, Tensor loss) { while (true) { loss.backward(); optimizer.step(); } }
            }
            """);

    [Fact]
    public Task Without_TorchSharp_nothing_happens() =>
        Verify.Reports("class C { void step() { while (true) { step(); } } }", setup: Setup.WithoutTorchSharp);

    [Theory]
    [InlineData("Clear(optimizer, undeclared); criterion.forward(model.forward(x), y).backward(); optimizer.step();")]
    [InlineData("optimizer.step(")]
    [InlineData("loss.backward(); optimizer.step")]
    [InlineData("loss.backward(); .step(); optimizer.; foreach (var")]
    [InlineData("{ undeclared.backward(); undeclared.step(); } while (")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InTrainingLoop(statement), setup: Setup.HalfTyped);
}
