using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL3001LearningRateTooHighAnalyzer, GradLint.CodeFixes.Rules.GL3001LearningRateTooHighCodeFix>;

namespace GradLint.Rules;

public sealed class GL3001LearningRateTooHighTests
{
    private const string Id = "GL3001";

    [Theory]
    [InlineData("SGD(model.parameters(), {|#0:5.0|})", "SGD with a learning rate of 5 and no gradient clipping is likely to diverge; 0.01 is its usual rate")]
    [InlineData("SGD(model.parameters(), {|#0:0.5|}, momentum: 0.9)", "SGD with a learning rate of 0.5, which momentum raises to 5, and no gradient clipping is likely to diverge; 0.01 is its usual rate")]
    [InlineData("Adam(model.parameters(), {|#0:0.1|})", "Adam with a learning rate of 0.1 is likely to diverge; 0.001 is its usual rate")]
    [InlineData("AdamW(model.parameters(), lr: {|#0:1|})", "AdamW with a learning rate of 1 is likely to diverge; 0.001 is its usual rate")]
    [InlineData("RMSProp(model.parameters(), {|#0:0.05|}, momentum: 0.9)", "RMSProp with a learning rate of 0.05, which momentum raises to 0.5, is likely to diverge; 0.001 is its usual rate")]
    [InlineData("Adagrad(model.parameters(), {|#0:1.0|})", "Adagrad with a learning rate of 1 is likely to diverge; 0.01 is its usual rate")]
    [InlineData("NAdam(model.parameters(), {|#0:3 * 0.1|})", "NAdam with a learning rate of 0.3 is likely to diverge; 0.001 is its usual rate")]
    public Task Rates_at_which_training_diverges_are_reported(string optimizer, string message) =>
        Verify.Reports(Training(optimizer), [Expect.Warning(Id, 0, message)]);

    [Theory]
    [InlineData("SGD(model.parameters(), {|#0:0.2|})", "SGD with a learning rate of 0.2 and no gradient clipping may diverge; 0.01 is its usual rate")]
    [InlineData("SGD(model.parameters(), {|#0:0.05|}, momentum: 0.9)", "SGD with a learning rate of 0.05, which momentum raises to 0.5, and no gradient clipping may diverge; 0.01 is its usual rate")]
    [InlineData("Adam(model.parameters(), {|#0:0.05|})", "Adam with a learning rate of 0.05 may diverge; 0.001 is its usual rate")]
    [InlineData("Adagrad(model.parameters(), {|#0:0.5|})", "Adagrad with a learning rate of 0.5 may diverge; 0.01 is its usual rate")]
    public Task Rates_that_may_be_too_high_are_advice(string optimizer, string message) =>
        Verify.Reports(Training(optimizer), [Expect.Info(Id, 0, message)]);

    [Theory]
    [InlineData("SGD(model.parameters(), 0.1)")]
    [InlineData("SGD(model.parameters(), 0.01, momentum: 0.9)")]
    [InlineData("SGD(model.parameters(), 1.0, momentum: 0.9, dampening: 0.9, weight_decay: rate)")]
    [InlineData("SGD(model.parameters(), rate)")]
    [InlineData("Adam(model.parameters())")]
    [InlineData("Adam(model.parameters(), 0.03)")]
    [InlineData("Adagrad(model.parameters(), 0.3)")]
    [InlineData("Adadelta(model.parameters(), 1.0)")]
    [InlineData("Rprop(model.parameters(), 1.0)")]
    public Task Usual_unknown_and_self_tuned_rates_are_silent(string optimizer) => Verify.Reports(
        Training(optimizer, optimizer.Contains("dampening") ? "new NormalizedNet()" : "new SmallNet()"));

    [Fact]
    public Task A_rate_of_five_is_fine_where_gradients_are_clipped() =>
        Verify.Reports(Training("SGD(model.parameters(), 5.0)", beforeStep: "torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5);"));

    [Fact]
    public Task The_clip_may_be_in_a_method_that_is_given_the_model() =>
        Verify.Reports(InClass("""
            static void Main(string[] args)
            {
                var model = new SmallNet();
                var lr = 5.0;
                var optimizer = torch.optim.SGD(model.parameters(), lr);
                for (int epoch = 0; epoch < 10; epoch++) train(model, optimizer);
            }

            static void train(SmallNet model, torch.optim.Optimizer optimizer)
            {
                model.forward(torch.ones(4)).sum().backward();
                torch.nn.utils.clip_grad_norm_(model.parameters().ToArray(), 0.5);
                optimizer.step();
            }
            """));

    [Fact]
    public Task Clipping_does_not_tame_Adam() =>
        Verify.Reports(
            Training("Adam(model.parameters(), {|#0:0.5|})", beforeStep: "torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5);"),
            [Expect.Warning(Id, 0)]);

    [Fact]
    public Task A_normalized_network_stands_more() =>
        Verify.Reports(Training("SGD(model.parameters(), 0.5)", "new NormalizedNet()"));

    [Fact]
    public Task A_network_that_is_not_known_is_taken_as_normalized() =>
        Verify.Reports(InClass("""
            static void Train(Module<Tensor, Tensor> model)
            {
                var optimizer = torch.optim.SGD(model.parameters(), 0.5);
                optimizer.step();
            }
            """));

    [Fact]
    public Task Without_a_step_in_sight_only_the_extreme_is_reported() =>
        Verify.Reports(InClass("""
            static torch.optim.Optimizer Risky(SmallNet model) => torch.optim.SGD(model.parameters(), 0.5);
            static torch.optim.Optimizer RiskyAdam(SmallNet model) => torch.optim.Adam(model.parameters(), 0.05);
            static torch.optim.Optimizer Fatal(SmallNet model) => torch.optim.SGD(model.parameters(), {|GL3001:50|});
            """));

    [Theory]
    [InlineData("LambdaLR(optimizer, step => 0.001)")]
    [InlineData("OneCycleLR(optimizer, 0.01, total_steps: 100)")]
    [InlineData("CyclicLR(optimizer, 0.001, 0.01)")]
    public Task A_schedule_that_sets_the_rate_itself_makes_the_first_one_meaningless(string scheduler) =>
        Verify.Reports(Training("Adam(model.parameters(), 1.0)", beforeStep: $"torch.optim.lr_scheduler.{scheduler}.step();"));

    [Fact]
    public Task Constants_fields_defaults_and_locals_are_read_and_fixed_where_they_are_written() =>
        Verify.Fixes(
            InClass(Sources("5e0", "2.0", "3", "0.2 * 20")),
            InClass(Sources("0.01", "0.01", "0.01", "0.01", marked: false)));

    [Fact]
    public Task A_whole_number_is_fixed_where_it_is_passed() =>
        Verify.Fixes(
            InClass("static object Make(SmallNet model) { const int rate = 5; return torch.optim.SGD(model.parameters(), {|GL3001:rate|}); }"),
            InClass("static object Make(SmallNet model) { const int rate = 5; return torch.optim.SGD(model.parameters(), 0.01); }"));

    [Fact]
    public Task A_local_that_changes_is_not_known() =>
        Verify.Reports(InMethod("""
            var rate = 5.0;
            rate /= batches.Count();
            torch.optim.SGD(new SmallNet().parameters(), rate);
            """));

    [Fact]
    public Task Parameter_groups_have_rates_of_their_own_and_strange_defaults() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var one = torch.optim.SGD(new SGD.ParamGroup[] { new(model.parameters(), {|GL3001:5.0|}) }, 0.01);
                var two = torch.optim.Adam(new[] { new Adam.ParamGroup(model.parameters(), new Adam.Options { LearningRate = {|GL3001:0.5|} }) });
                var three = torch.optim.Adamax(new[] { {|GL3001:new Adamax.ParamGroup(model.parameters())|} });
                """),
            InMethod("""
                var model = new SmallNet();
                var one = torch.optim.SGD(new SGD.ParamGroup[] { new(model.parameters(), 0.01) }, 0.01);
                var two = torch.optim.Adam(new[] { new Adam.ParamGroup(model.parameters(), new Adam.Options { LearningRate = 0.001 }) });
                var three = torch.optim.Adamax(new[] { new Adamax.ParamGroup(model.parameters(), lr: 0.001) });
                """));

    [Fact]
    public Task Optimizers_that_share_a_rate_are_fixed_together() =>
        Verify.Fixes(
            InMethod("""
                var rate = 5.0;
                torch.optim.SGD(new SmallNet().parameters(), {|GL3001:rate|});
                torch.optim.SGD(new SmallNet().parameters(), {|GL3001:rate|});
                """),
            InMethod("""
                var rate = 0.01;
                torch.optim.SGD(new SmallNet().parameters(), rate);
                torch.optim.SGD(new SmallNet().parameters(), rate);
                """));

    [Fact]
    public Task An_optimizer_in_a_field_is_seen_by_the_methods_of_its_class() =>
        Verify.Reports(InClass("""
            class Clipping
            {
                private readonly SmallNet _model = new();
                private readonly torch.optim.Optimizer _optimizer;
                public Clipping() => _optimizer = torch.optim.SGD(_model.parameters(), 5.0);
                public void Step() { torch.nn.utils.clip_grad_norm_(_model.parameters(), 0.5); _optimizer.step(); }
            }

            class Plain
            {
                private readonly SmallNet _model = new();
                private readonly torch.optim.Optimizer _optimizer;
                public Plain() => _optimizer = torch.optim.SGD(_model.parameters(), {|#0:0.5|});
                public void Step() => _optimizer.step();
            }
            """),
            [Expect.Info(Id, 0)]);

    [Theory]
    [InlineData("var image = Parameter(torch.rand(3, 8, 8)); var optimizer = torch.optim.Adam(new[] { image }, 0.1);")]
    [InlineData("var latent = new List<Parameter> { Parameter(torch.zeros(8)) }; var optimizer = torch.optim.SGD(latent, 5.0);")]
    public Task An_image_or_a_latent_vector_stands_what_it_stands(string optimizer) =>
        Verify.Reports(InMethod(optimizer + "\nwhile (true) { optimizer.step(); }"));

    [Fact]
    public Task The_weights_of_a_layer_are_no_image() =>
        Verify.Reports(InMethod("var layer = Linear(4, 4); var optimizer = torch.optim.Adam(new[] { layer.weight }, {|GL3001:0.1|});"));

    [Theory]
    [InlineData("optimizer.ParamGroups.First().LearningRate = {|#0:0.5|};")]
    [InlineData("foreach (var group in optimizer.ParamGroups) group.LearningRate = {|#0:0.5|};")]
    public Task A_rate_that_is_assigned_later_is_a_rate(string assignment) =>
        Verify.Fixes(
            Training("Adam(model.parameters())", beforeStep: assignment),
            Training("Adam(model.parameters())", beforeStep: assignment.Replace("{|#0:0.5|}", "0.001")),
            [Expect.Warning(Id, 0, "Adam with a learning rate of 0.5 is likely to diverge; 0.001 is its usual rate")]);

    [Theory]
    [InlineData("optimizer.ParamGroups.First().LearningRate = 0.0005;")]
    [InlineData("foreach (var group in optimizer.ParamGroups) group.LearningRate = group.LearningRate * 0.5;")]
    public Task Usual_and_unknown_rates_that_are_assigned_later_are_silent(string assignment) =>
        Verify.Reports(Training("Adam(model.parameters())", beforeStep: assignment));

    [Fact]
    public Task RAdam_has_a_rule_of_its_own() => Verify.Reports(Training("RAdam(model.parameters(), 0.5)"));

    /// <summary>Ten layers whose weights multiply the signal by 1.3 each.</summary>
    [Fact]
    public Task Where_model_and_loss_are_known_the_prediction_decides() =>
        Verify.Reports(
            Predicted("torch.optim.SGD(model.parameters(), {|#0:0.05|})", "init.normal_(layer.weight, 0, 0.23);"),
            [Expect.Warning(Id, 0, "SGD with a learning rate of 0.05 and no gradient clipping is predicted to diverge; 0.01 is its usual rate")]);

    [Theory]
    [InlineData("torch.optim.SGD(model.parameters(), 0.5)", "init.kaiming_normal_(layer.weight);", "functional.cross_entropy")]
    [InlineData("torch.optim.SGD(model.parameters(), 0.01)", "init.normal_(layer.weight, 0, 0.23);", "functional.mse_loss")]
    public Task Where_it_predicts_none_and_at_usual_rates_advice_is_not_given(string optimizer, string initialization, string loss) =>
        Verify.Reports(Predicted(optimizer, initialization, loss));

    [Fact]
    public Task What_is_fatal_elsewhere_is_advice_where_none_is_predicted() =>
        Verify.Reports(
            Predicted("torch.optim.Adam(model.parameters(), {|#0:0.1|})", string.Empty, layers: 1),
            [Expect.Info(Id, 0, "Adam with a learning rate of 0.1 may diverge; 0.001 is its usual rate")]);

    [Fact]
    public Task Choices_and_constructors_are_understood() =>
        Verify.Reports(InMethod("""
            var model = new SmallNet();
            torch.optim.Optimizer optimizer = batches.Any() ? new SGD(model.parameters(), {|GL3001:5.0|}) : new Adam(model.parameters(), {|GL3001:0.5|});
            optimizer.step();
            """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + "torch.optim.SGD(Linear(1, 1).parameters(), {|GL3001:5|});",
            Usings + "torch.optim.SGD(Linear(1, 1).parameters(), 0.01);",
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_optimizer_is_not_meant() =>
        Verify.Reports("class SGD { public SGD(object parameters, double lr) { } static SGD Make() => new SGD(null, 500); }");

    [Fact]
    public Task Without_TorchSharp_nothing_happens() =>
        Verify.Reports("class SGD { public SGD(double lr) { } static SGD Make() => new SGD(500); }", setup: Setup.WithoutTorchSharp);

    [Theory]
    [InlineData("torch.optim.SGD(")]
    [InlineData("torch.optim.SGD(model.parameters(), );")]
    [InlineData("torch.optim.Adam(lr: 0.5, new Adam.ParamGroup(")]
    [InlineData("new SGD.Options { LearningRate = };")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InTrainingLoop(statement), setup: Setup.HalfTyped);

    private static string Predicted(string optimizer, string initialization, string loss = "functional.mse_loss", int layers = 10) =>
        InMethod($$"""
            var model = new Deep();
            var optimizer = {{optimizer}};
            foreach (var (x, y) in batches)
            {
                optimizer.zero_grad();
                {{loss}}(model.forward(x), y).backward();
                optimizer.step();
            }
            """) + $$"""

        class Deep : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public Deep() : base("deep")
            {
                for (int i = 0; i < {{layers}}; i++)
                {
                    var layer = Linear(64, 64);
                    {{initialization}}
                    layers.append(layer);
                    layers.append(ReLU());
                }
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.forward(x);
        }
        """;

    private static string Training(string optimizer, string model = "new SmallNet()", string beforeStep = "") =>
        InClass($$"""
            static void Train(double rate)
            {
                var model = {{model}};
                var optimizer = torch.optim.{{optimizer}};
                while (true)
                {
                    optimizer.zero_grad();
                    model.forward(torch.ones(4)).sum().backward();
                    {{beforeStep}}
                    optimizer.step();
                }
            }
            """);

    private static string Sources(string constant, string field, string standard, string local, bool marked = true)
    {
        string Rate(string name) => marked ? "{|GL3001:" + name + "|}" : name;
        return $$"""
            const double Constant = {{constant}};
            static readonly double s_field = {{field}};

            static void Make(SmallNet model, double standard = {{standard}})
            {
                double local = {{local}};
                torch.optim.SGD(model.parameters(), {{Rate("Constant")}});
                torch.optim.SGD(model.parameters(), {{Rate("s_field")}});
                torch.optim.SGD(model.parameters(), {{Rate("standard")}});
                torch.optim.SGD(model.parameters(), {{Rate("local")}});
            }
            """;
    }
}
