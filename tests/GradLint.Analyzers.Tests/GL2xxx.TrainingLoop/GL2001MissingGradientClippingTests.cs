using GradLint.CodeFixes.Rules;
using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL2001MissingGradientClippingAnalyzer, GradLint.CodeFixes.Rules.GL2001MissingGradientClippingCodeFix>;

namespace GradLint.Rules;

public sealed class GL2001MissingGradientClippingTests
{
    private const string Id = "GL2001";

    private const string Unclipped = """
        optimizer.zero_grad();
        var loss = criterion.forward(model.forward(x), y);
        loss.backward();
        {|#0:optimizer.step()|};
        """;

    [Theory]
    [InlineData("new RecurrentNet()", "'RecurrentNet' is recurrent, and gradients through many time steps can explode in a single batch")]
    [InlineData("new AttentionNet()", "'AttentionNet' is attention-based, and its gradients can spike in a single batch")]
    public Task Training_what_is_known_to_explode_is_reported_with_the_reason(string model, string reason) =>
        Verify.Reports(
            InTrainingLoop(Unclipped, model),
            [Expect.Warning(Id, 0, $"Nothing limits the gradients before 'optimizer' steps: {reason}; clip them to a norm of 1.0")]);

    /// <summary>Nobody knows how many blocks there are, but their class attends.</summary>
    [Theory]
    [InlineData("var a = functional.softmax(q.call(x).matmul(k.call(x).transpose(-2, -1)) / scale, -1); return a.matmul(v.call(x));", true)]
    [InlineData("return functional.scaled_dot_product_attention(q.call(x), k.call(x), v.call(x));", true)]
    [InlineData("var a = q.call(x).matmul(k.call(x)); return functional.softmax(a.matmul(v.call(x)), -1);", false)]
    public Task Attention_that_is_written_by_hand_is_seen_where_the_network_is_not_known(string forward, bool attends) =>
        Verify.Reports(
            InTrainingLoop(attends ? Unclipped : Unmarked(Unclipped), "new Net(int.Parse(Console.ReadLine()!))") + $$"""

            class Net : Module<Tensor, Tensor>
            {
                private readonly ModuleList<Block> blocks = new();
                public Net(int depth) : base("net") { for (int i = 0; i < depth; i++) { blocks.Add(new Block(depth)); } RegisterComponents(); }
                public override Tensor forward(Tensor x) { foreach (var block in blocks) { x = block.call(x); } return x; }
            }
            class Block : Module<Tensor, Tensor>
            {
                private readonly Linear q, k, v;
                private readonly double scale;
                public Block(int width) : base("block") { q = Linear(width, width); k = Linear(width, width); v = Linear(width, width); scale = width; RegisterComponents(); }
                public override Tensor forward(Tensor x) { {{forward}} }
            }
            """,
            attends ? [Expect.Warning(Id, 0, "Nothing limits the gradients before 'optimizer' steps: 'Net' is attention-based, and its gradients can spike in a single batch; clip them to a norm of 1.0")] : []);

    /// <summary>Each of the 11 layers between multiplies the signal by std sqrt(128 / 2); the mean squared error, whose gradient grows with the output, adds 0.5 decades.</summary>
    [Theory]
    [InlineData("1", "3e10")]
    [InlineData("0.25", "7000")]
    public Task A_predicted_explosion_is_reported_with_the_number(string std, string times) =>
        Verify.Reports(
            InTrainingLoop(Unclipped, "new Deep()") + Deep(12, $"init.normal_(layer.weight, 0, {std});"),
            [Expect.Warning(Id, 0, $"Nothing limits the gradients before 'optimizer' steps: gradients of 'Deep' are predicted to grow by about {times} times on their way back through its layers; clip them to a norm of 1.0")]);

    [Theory]
    [InlineData("init.normal_(layer.weight, 0, 0.15);")]
    [InlineData("")]
    public Task Growth_below_two_decades_and_vanishing_are_silent(string initialization) =>
        Verify.Reports(InTrainingLoop(Unmarked(Unclipped), "new Deep()") + Deep(12, initialization));

    [Fact]
    public Task Normalized_networks_grow_at_first_but_train_well() =>
        Verify.Reports(InTrainingLoop(Unmarked(Unclipped), "new Deep()") + Deep(16, "layers.append(BatchNorm1d(128));"));

    [Fact]
    public Task Many_layers_without_skips_are_advice() =>
        Verify.Reports(
            InTrainingLoop(Unclipped, "new Deep()") + Deep(20, "init.kaiming_normal_(layer.weight);"),
            [Expect.Info(Id, 0, "Nothing limits the gradients before 'optimizer' steps: 'Deep' has 20 weight layers and no skip connections; clip them to a norm of 1.0")]);

    [Fact]
    public Task Concatenations_with_what_went_in_are_skips_too() =>
        Verify.Reports(InTrainingLoop(Unmarked(Unclipped), "new Deep()") + """

            class Deep : Module<Tensor, Tensor>
            {
                private readonly ModuleList<Linear> layers = new();
                public Deep() : base("deep")
                {
                    for (int i = 0; i < 20; i++)
                    {
                        var layer = Linear(4 + (4 * i), 4);
                        init.kaiming_normal_(layer.weight);
                        layers.Add(layer);
                    }
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x)
                {
                    foreach (var layer in layers)
                    {
                        x = torch.cat(new[] { x, layer.call(x).relu() }, 1);
                    }
                    return x;
                }
            }
            """);

    [Fact]
    public Task Fewer_layers_are_silent() =>
        Verify.Reports(InTrainingLoop(Unmarked(Unclipped), "new Deep()") + Deep(19, "init.kaiming_normal_(layer.weight);"));

    [Fact]
    public Task Small_feed_forward_networks_train_well_without_clipping() =>
        Verify.Reports(InTrainingLoop(Unmarked(Unclipped), "new SmallNet()"));

    [Fact]
    public Task The_option_makes_it_speak_about_every_loop() =>
        Verify.Reports(
            InTrainingLoop(Unclipped, "new SmallNet()"),
            [Expect.Info(Id, 0, "Nothing limits the gradients before 'optimizer' steps: every loop is to do so where 'gradlint.GL2001.always' is set; clip them to a norm of 1.0")],
            editorConfig: "gradlint.GL2001.always = true");

    [Theory]
    [InlineData("false")]
    [InlineData("maybe")]
    public Task The_option_is_off_unless_it_is_true(string value) =>
        Verify.Reports(InTrainingLoop(Unmarked(Unclipped), "new SmallNet()"), editorConfig: "gradlint.GL2001.always = " + value);

    [Theory]
    [InlineData("torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);")]
    [InlineData("torch.nn.utils.clip_grad_norm_(model.parameters().ToArray(), 0.5);")]
    [InlineData("torch.nn.utils.clip_grad_norm_(optimizer.parameters(), 1e9);")]
    [InlineData("torch.nn.utils.clip_grad_value_(model.parameters(), 0.5);")]
    [InlineData("foreach (var p in model.parameters()) p.grad?.mul_(0.1);")]
    [InlineData("foreach (var (name, p) in model.named_parameters()) { if (p.grad is { } g) g.clamp_(-1, 1); }")]
    [InlineData("foreach (var p in model.parameters()) p.grad = p.grad! * 0.1;")]
    [InlineData("foreach (var p in model.parameters()) { using var g = p.grad; g!.div_(10); }")]
    [InlineData("var all = model.parameters().ToList(); torch.nn.utils.clip_grad_norm_(all, 1.0);")]
    [InlineData("var some = new List<Parameter>(); some.AddRange(model.parameters()); torch.nn.utils.clip_grad_norm_(some, 1.0);")]
    public Task Every_way_to_limit_gradients_counts(string limit) => Verify.Reports(InTrainingLoop($"""
        optimizer.zero_grad();
        criterion.forward(model.forward(x), y).backward();
        {limit}
        optimizer.step();
        """));

    [Fact]
    public Task A_clip_in_the_wrong_place_is_another_rules_matter() =>
        Verify.Reports(InTrainingLoop("""
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
            optimizer.zero_grad();
            criterion.forward(model.forward(x), y).backward();
            optimizer.step();
            """));

    [Fact]
    public Task Clipping_one_of_two_networks_leaves_the_other() =>
        Verify.Reports(InMethod("""
            var first = new RecurrentNet();
            var second = new RecurrentNet();
            var optimizer1 = torch.optim.Adam(first.parameters());
            var optimizer2 = torch.optim.Adam(second.parameters());
            foreach (var (x, y) in batches)
            {
                second.forward(first.forward(x)).sum().backward();
                torch.nn.utils.clip_grad_norm_(first.parameters(), 1.0);
                optimizer1.step();
                {|GL2001:optimizer2.step()|};
            }
            """));

    [Fact]
    public Task A_wrapper_that_clips_is_understood() =>
        Verify.Reports(InClass("""
            static void Train(RecurrentNet model, List<Tensor> batches)
            {
                var optimizer = torch.optim.Adam(model.parameters());
                foreach (var x in batches)
                {
                    model.forward(x).sum().backward();
                    Step(optimizer, model);
                }
            }

            static void Step(torch.optim.Optimizer o, torch.nn.Module m)
            {
                torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0);
                o.step();
            }
            """));

    [Fact]
    public Task A_callers_clip_is_understood() =>
        Verify.Reports(InClass("""
            static void Train(RecurrentNet model, List<Tensor> batches)
            {
                var optimizer = torch.optim.Adam(model.parameters());
                foreach (var x in batches)
                {
                    model.forward(x).sum().backward();
                    Limit(model);
                    Step(optimizer);
                }
            }

            static void Step(torch.optim.Optimizer o) => o.step();
            static void Limit(torch.nn.Module m) => torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0);
            """));

    [Fact]
    public Task The_model_is_found_through_the_callers() =>
        Verify.Reports(InClass("""
            static void Main(string[] args)
            {
                Module<Tensor, Tensor> model = new RecurrentNet();
                Fit(model, torch.optim.Adam(model.parameters()));
            }

            static void Fit(Module<Tensor, Tensor> model, torch.optim.Optimizer optimizer)
            {
                for (int epoch = 0; epoch < 10; epoch++) Train(model, optimizer, MSELoss());
            }

            static void Train(Module<Tensor, Tensor> net, torch.optim.Optimizer opt, Loss<Tensor, Tensor, Tensor> loss)
            {
                opt.zero_grad();
                loss.forward(net.forward(torch.ones(1)), torch.ones(1)).backward();
                {|GL2001:opt.step()|};
            }
            """));

    [Fact]
    public Task Fields_of_a_trainer_are_understood() =>
        Verify.Reports(InClass("""
            class Clipped(RecurrentNet model)
            {
                private readonly torch.optim.Optimizer _optimizer = torch.optim.Adam(model.parameters());
                public void Step(Tensor loss) { loss.backward(); Clip(); _optimizer.step(); }
                private void Clip() => torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
            }

            class Unclipped
            {
                private readonly RecurrentNet _model;
                private readonly torch.optim.Optimizer _optimizer;
                public Unclipped(RecurrentNet model) { _model = model; _optimizer = torch.optim.Adam(_model.parameters()); }
                public void Step(Tensor loss) { loss.backward(); {|GL2001:_optimizer.step()|}; }
            }
            """));

    [Theory]
    [InlineData("new Trainer(new RecurrentNet()).Step(x);")]
    [InlineData("Trainer trainer = new(model: new RecurrentNet()); trainer.Step(x);")]
    [InlineData("Module<Tensor, Tensor> net = new RecurrentNet(); var trainer = new Trainer(net); trainer.Step(x);")]
    [InlineData("new Special(new RecurrentNet()).Step(x);")]
    [InlineData("new Trainer(new SmallNet()).Step(x); new Trainer(new RecurrentNet()).Step(x);")]
    public Task A_model_that_arrives_by_constructor_is_whatever_the_compilation_passes(string use) => Verify.Reports(TrainerGiven(use));

    [Fact]
    public Task A_small_model_that_arrives_by_constructor_is_silent() => Verify.Reports(Unmarked(TrainerGiven("new Trainer(new SmallNet()).Step(x);")));

    [Fact]
    public Task A_model_that_arrives_by_primary_constructor_is_understood() =>
        Verify.Reports(InClass("""
            class Trainer(Module<Tensor, Tensor> model)
            {
                private readonly torch.optim.Optimizer _optimizer = torch.optim.Adam(model.parameters());
                public void Step(Tensor x) { model.forward(x).sum().backward(); {|GL2001:_optimizer.step()|}; }
            }

            static void Main(string[] args) => new Trainer(new RecurrentNet()).Step(torch.ones(1));
            """));

    [Theory]
    [InlineData("foreach (var part in x.unbind(0)) h = torch.tanh(input.forward(part) + hidden.forward(h));")]
    [InlineData("for (int t = 0; t < x.shape[0]; t++) { var sum = hidden.forward(h) + input.forward(x[t]); h = sum.tanh(); }")]
    [InlineData("for (int t = 0; t < x.shape[0]; t++) { (h, c) = (torch.sigmoid(hidden.call(h)) * c, h); }")]
    [InlineData("int t = 0; while (t < 5) { h = cell.forward(x[t++], h); }")]
    [InlineData("for (int t = 0; t < 5; t++) h = torch.tanh(torch.matmul(h, weight) + x[t]);")]
    public Task Recurrence_that_is_written_out_is_recurrence(string loop) =>
        Verify.Reports(
            InTrainingLoop(Unclipped, "new Written()") + Written(loop),
            [Expect.Warning(Id, 0, "Nothing limits the gradients before 'optimizer' steps: 'Written' is recurrent, and gradients through many time steps can explode in a single batch; clip them to a norm of 1.0")]);

    [Theory]
    [InlineData("foreach (var layer in layers) h = layer.forward(h);")]
    [InlineData("for (int i = 0; i < 3; i++) { h = layers[i].forward(h); h = relu.forward(h); }")]
    [InlineData("foreach (var part in x.unbind(0)) h = h + input.forward(part);")]
    [InlineData("foreach (var part in x.unbind(0)) { var y = input.forward(h); c = y; }")]
    [InlineData("for (int t = 0; t < 5; t++) h = torch.matmul(h, x[t]);")]
    public Task Loops_over_layers_and_sums_are_none(string loop) =>
        Verify.Reports(InTrainingLoop(Unmarked(Unclipped), "new Written(3)") + Written(loop, cell: string.Empty));

    [Fact]
    public Task An_optimizer_chosen_by_a_switch_is_understood() =>
        Verify.Reports(
            InTrainingLoop(Unclipped, optimizer: """
                batches.Count() switch
                {
                    0 => (torch.optim.Optimizer)torch.optim.SGD(model.parameters(), 0.01),
                    _ => torch.optim.Adam(model.parameters()),
                }
                """),
            [Expect.Warning(Id, 0)]);

    [Fact]
    public Task Parameter_groups_are_understood() =>
        Verify.Reports(
            InTrainingLoop(Unclipped, optimizer: "torch.optim.Adam(new Adam.ParamGroup[] { new(model.parameters(), 0.001) })"),
            [Expect.Warning(Id, 0)]);

    [Fact]
    public Task LBFGS_needs_the_true_gradients() =>
        Verify.Reports(InMethod("""
            var model = new RecurrentNet();
            var optimizer = torch.optim.LBFGS(model.parameters());
            while (true) optimizer.step(() => { optimizer.zero_grad(); var loss = model.forward(torch.ones(1)).sum(); loss.backward(); return loss; });
            """));

    [Fact]
    public Task A_guard_counts_wherever_it_is_made() =>
        Verify.Reports(
            InTrainingLoop("""
                using var guard = GradLint.GradientGuard.For(model, optimizer);
                criterion.forward(model.forward(x), y).backward();
                guard.Inspect();
                optimizer.step();
                """),
            setup: Setup.WithGradLint);

    [Fact]
    public Task The_first_fix_clips() =>
        Verify.Fixes(
            InTrainingLoop(Unclipped),
            InTrainingLoop("""
                optimizer.zero_grad();
                var loss = criterion.forward(model.forward(x), y);
                loss.backward();
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
                optimizer.step();
                """),
            [Expect.Warning(Id, 0)]);

    [Fact]
    public Task The_second_fix_lets_the_guard_step() =>
        Verify.Fixes(
            InTrainingLoop(Unclipped),
            InMethod("""
                var model = new RecurrentNet();
                var criterion = MSELoss();
                var optimizer = torch.optim.Adam(model.parameters());
                using var guard = GradLint.GradientGuard.For(model, optimizer);
                foreach (var (x, y) in batches)
                {
                    optimizer.zero_grad();
                    var loss = criterion.forward(model.forward(x), y);
                    loss.backward();
                    guard.Step(loss);
                }
                """),
            [Expect.Warning(Id, 0)],
            Setup.WithGradLint,
            GL2001MissingGradientClippingCodeFix.Guard);

    [Fact]
    public Task The_guard_is_made_outside_of_the_epochs_under_a_free_name() =>
        Verify.Fixes(
            InMethod("""
                int guard = 3;
                var model = new RecurrentNet();
                var optimizer = torch.optim.Adam(model.parameters());
                for (int epoch = 0; epoch < guard; epoch++)
                    foreach (var (x, y) in batches)
                    {
                        var loss = model.forward(x).sum();
                        loss.backward();
                        {|GL2001:optimizer.step()|};
                    }
                """),
            InMethod("""
                int guard = 3;
                var model = new RecurrentNet();
                var optimizer = torch.optim.Adam(model.parameters());
                using var guard2 = GradLint.GradientGuard.For(model, optimizer);
                for (int epoch = 0; epoch < guard; epoch++)
                    foreach (var (x, y) in batches)
                    {
                        var loss = model.forward(x).sum();
                        loss.backward();
                        guard2.Step(loss);
                    }
                """),
            setup: Setup.WithGradLint,
            fix: GL2001MissingGradientClippingCodeFix.Guard);

    [Fact]
    public Task Two_guards_in_one_block_get_names_of_their_own() =>
        Verify.Fixes(
            InMethod("""
                var first = new RecurrentNet();
                var second = new AttentionNet();
                var optimizer1 = torch.optim.Adam(first.parameters());
                var optimizer2 = torch.optim.Adam(second.parameters());
                foreach (var (x, y) in batches)
                {
                    var loss = second.forward(first.forward(x)).sum();
                    loss.backward();
                    {|GL2001:optimizer1.step()|};
                    {|GL2001:optimizer2.step()|};
                }
                """),
            InMethod("""
                var first = new RecurrentNet();
                var second = new AttentionNet();
                var optimizer1 = torch.optim.Adam(first.parameters());
                var optimizer2 = torch.optim.Adam(second.parameters());
                using var guard = GradLint.GradientGuard.For(first, optimizer1);
                using var guard2 = GradLint.GradientGuard.For(second, optimizer2);
                foreach (var (x, y) in batches)
                {
                    var loss = second.forward(first.forward(x)).sum();
                    loss.backward();
                    guard.Step(loss);
                    guard2.Step(loss);
                }
                """),
            setup: Setup.WithGradLint,
            fix: GL2001MissingGradientClippingCodeFix.Guard);

    [Fact]
    public Task Two_steps_in_one_block_are_fixed_together() =>
        Verify.Fixes(
            InMethod("""
                var first = new RecurrentNet();
                var second = new AttentionNet();
                var optimizer1 = torch.optim.Adam(first.parameters());
                var optimizer2 = torch.optim.Adam(second.parameters());
                foreach (var (x, y) in batches)
                {
                    second.forward(first.forward(x)).sum().backward();
                    {|GL2001:optimizer1.step()|};
                    {|GL2001:optimizer2.step()|};
                }
                """),
            InMethod("""
                var first = new RecurrentNet();
                var second = new AttentionNet();
                var optimizer1 = torch.optim.Adam(first.parameters());
                var optimizer2 = torch.optim.Adam(second.parameters());
                foreach (var (x, y) in batches)
                {
                    second.forward(first.forward(x)).sum().backward();
                    torch.nn.utils.clip_grad_norm_(first.parameters(), 1.0);
                    optimizer1.step();
                    torch.nn.utils.clip_grad_norm_(second.parameters(), 1.0);
                    optimizer2.step();
                }
                """));

    [Fact]
    public Task Where_only_the_optimizer_is_at_hand_its_parameters_are_clipped() =>
        Verify.Fixes(
            InClass("""
                static void Train(RecurrentNet model)
                {
                    var optimizer = torch.optim.Adam(model.parameters());
                    while (true) { model.forward(torch.ones(1)).sum().backward(); Step(optimizer); }
                }

                static void Step(torch.optim.Optimizer optimizer)
                {
                    if (optimizer is not null)
                        {|GL2001:optimizer.step()|};
                }
                """),
            InClass("""
                static void Train(RecurrentNet model)
                {
                    var optimizer = torch.optim.Adam(model.parameters());
                    while (true) { model.forward(torch.ones(1)).sum().backward(); Step(optimizer); }
                }

                static void Step(torch.optim.Optimizer optimizer)
                {
                    if (optimizer is not null)
                    {
                        torch.nn.utils.clip_grad_norm_(optimizer.parameters(), 1.0);
                        optimizer.step();
                    }
                }
                """));

    [Theory]
    [InlineData("using static TorchSharp.torch;", "nn.utils")]
    [InlineData("using static TorchSharp.torch.nn;", "utils")]
    [InlineData("", "TorchSharp.torch.nn.utils")]
    [InlineData("using torch = System.Math; using TorchSharp = System.Math;", "global::TorchSharp.torch.nn.utils")]
    public Task The_clip_is_named_as_the_usings_allow(string usings, string name)
    {
        string Program(string body) => $$"""
            {{usings}}
            class Program
            {
                static void Step(global::TorchSharp.Modules.LSTM model, global::TorchSharp.Modules.Adam optimizer)
                {
                    model.forward(null);
            {{body}}
                }
            }
            """;
        return Verify.Fixes(
            Program("        {|GL2001:optimizer.step()|};"),
            Program($"        {name}.clip_grad_norm_(model.parameters(), 1.0);\n        optimizer.step();"));
    }

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            "using TorchSharp;\n" + """
            var model = torch.nn.LSTM(8, 16);
            var optimizer = torch.optim.Adam(model.parameters());
            var loss = model.forward(torch.ones(1, 1, 8)).Item1.sum();
            loss.backward();
            {|GL2001:optimizer.step()|};
            """,
            "using TorchSharp;\n" + """
            var model = torch.nn.LSTM(8, 16);
            var optimizer = torch.optim.Adam(model.parameters());
            var loss = model.forward(torch.ones(1, 1, 8)).Item1.sum();
            loss.backward();
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
            optimizer.step();
            """,
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_optimizer_and_network_are_not_meant() =>
        Verify.Reports("class LSTM { } class Optimizer { void step() => step(); static void Train(LSTM model, Optimizer optimizer) { optimizer.step(); } }");

    [Fact]
    public Task Without_TorchSharp_nothing_happens() =>
        Verify.Reports("class C { void step() { while (true) { step(); } } }", setup: Setup.WithoutTorchSharp);

    [Theory]
    [InlineData("optimizer.step(")]
    [InlineData("model.forward(x).backward(); optimizer?.")]
    [InlineData("undeclared.step(); using var")]
    public Task Half_typed_code_is_silent(string statement) =>
        Verify.Reports(InTrainingLoop(statement, "new SmallNet("), setup: Setup.HalfTyped);

    private static string Deep(int depth, string initialization) => $$"""

        class Deep : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public Deep() : base("deep")
            {
                for (int i = 0; i < {{depth}}; i++)
                {
                    var layer = Linear(128, 128);
                    {{initialization}}
                    layers.append(layer);
                    layers.append(ReLU());
                }
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.forward(x);
        }
        """;

    private static string TrainerGiven(string use) => InClass($$"""
        class Trainer
        {
            private readonly Module<Tensor, Tensor> _model;
            private readonly torch.optim.Optimizer _optimizer;
            public Trainer(Module<Tensor, Tensor> model) { _model = model; _optimizer = torch.optim.Adam(model.parameters()); }
            public void Step(Tensor x) { _model.forward(x).sum().backward(); {|GL2001:_optimizer.step()|}; }
        }

        class Special : Trainer
        {
            public Special(Module<Tensor, Tensor> model) : base(model) { }
        }

        static void Run(Tensor x)
        {
            {{use}}
        }
        """);

    private static string Written(string loop, string cell = "private readonly RNNCell cell = RNNCell(8, 8);") => $$"""

        class Written : Module<Tensor, Tensor>
        {
            private readonly Linear input = Linear(8, 8), hidden = Linear(8, 8);
            private readonly ModuleList<Module<Tensor, Tensor>> layers = new(Linear(8, 8), Linear(8, 8), Linear(8, 8));
            private readonly ReLU relu = ReLU();
            private readonly Parameter weight = Parameter(torch.ones(8, 8));
            {{(loop.Contains("cell") ? cell : string.Empty)}}
            public Written(int size = 1) : base("written") { RegisterComponents(); }
            public override Tensor forward(Tensor x) { var h = torch.zeros(8); var c = h; {{loop}} return h + c; }
        }
        """;

    private static string Unmarked(string code) => code.Replace("{|GL2001:", string.Empty).Replace("{|#0:", string.Empty).Replace("|}", string.Empty);
}
