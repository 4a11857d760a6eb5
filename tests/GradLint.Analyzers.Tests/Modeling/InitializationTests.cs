using GradLint.SignalPropagation;

namespace GradLint.Modeling;

public sealed class InitializationTests
{
    [Theory]
    [InlineData("init.normal_(fc.weight)", "Normal")]
    [InlineData("init.normal_(fc.weight, 0, 0.25)", "Normal")]
    [InlineData("init.uniform_(fc.weight, -0.1, 0.1)", "Uniform")]
    [InlineData("init.kaiming_normal_(fc.weight, nonlinearity: init.NonlinearityType.ReLU)", "KaimingNormal")]
    [InlineData("torch.nn.init.xavier_uniform_(fc.weight)", "XavierUniform")]
    [InlineData("init.orthogonal_(fc.weight, 1.4)", "Orthogonal")]
    [InlineData("init.zeros_(fc.weight)", "Zeros")]
    [InlineData("fc.weight.normal_(0, 0.02)", "Normal")]
    public void An_initializer_in_the_constructor_replaces_the_default(string call, string kind)
    {
        NetworkModel model = ReadModel.OfClass(NetThat($"{call};"));

        Assert.Equal(kind, WeightOf(model, "fc").GetType().Name);
    }

    [Fact]
    public void Without_one_the_layer_has_TorchSharps_default() =>
        Assert.Equal(LinearLayer.DefaultWeight, WeightOf(ReadModel.OfClass(NetThat("")), "fc"));

    [Fact]
    public void Standard_deviations_are_computed()
    {
        NetworkModel model = ReadModel.OfClass(NetThat("init.normal_(fc.weight, std: Math.Sqrt(2.0 / 8) * 3);"));

        Assert.Equal(1.5, ((Normal)WeightOf(model, "fc")).StandardDeviation, 1e-12);
    }

    [Theory]
    [InlineData("foreach (var p in parameters()) if (p.sum().ToDouble() > 1) init.normal_(p);")]
    [InlineData("init.normal_(fc.weight, 0, Environment.TickCount);")]
    [InlineData("if (Environment.TickCount > 0) init.normal_(fc.weight);")]
    [InlineData("foreach (var m in modules()) if (m.GetName() == \"Linear\") foreach (var p in m.parameters()) init.normal_(p);")]
    [InlineData("foreach (var l in modules().OfType<Linear>().Where(l => l.weight.shape[0] > 1)) init.normal_(l.weight);")]
    [InlineData("modules().OfType<Linear>().AsParallel().ForAll(l => init.normal_(l.weight));")]
    [InlineData("if (Environment.TickCount > 0) Reset();")]
    [InlineData("if (Environment.TickCount > 0) apply(Ones);")]
    [InlineData("if (Environment.TickCount > 0) Ones(fc);")]
    [InlineData("init.normal_(get_parameter(\"fc3.weight\"));")]
    [InlineData("load(\"w.dat\");")]
    [InlineData("if (Environment.TickCount > 0) load(\"w.dat\");")]
    [InlineData("init.normal_(fc.weight, 0, -1);")]
    [InlineData("init.uniform_(fc.weight, 1, -1);")]
    public void What_cannot_be_known_is_unknown(string statement) =>
        Assert.IsType<UnknownInitializer>(WeightOf(ReadModel.OfClass(NetThat(statement)), "fc"));

    [Theory]
    [InlineData("foreach (var module in modules()) { if (module is Linear linear) { init.ones_(linear.weight); } }")]
    [InlineData("foreach (var (name, module) in named_modules()) { if (module is Linear l) init.ones_(l.weight); }")]
    [InlineData("foreach (var l in modules().OfType<Linear>()) init.ones_(l.weight);")]
    [InlineData("foreach (var (name, p) in named_parameters()) { if (name.EndsWith(\"weight\")) init.ones_(p); }")]
    [InlineData("apply(m => { if (m is Linear l) init.ones_(l.weight); });")]
    [InlineData("foreach (var p in parameters()) if (p.dim() > 1) init.ones_(p);")]
    [InlineData("foreach (var m in modules()) if (m is Linear { bias: var b } l) init.ones_(l.weight);")]
    [InlineData("foreach (var m in modules()) if (m is Linear { weight: not null } l) init.ones_(l.weight);")]
    [InlineData("foreach (var m in modules()) switch (m) { case Conv2d c: break; case Linear l when l.bias is not null: init.ones_(l.weight); break; }")]
    [InlineData("foreach (var m in modules()) switch (m) { case Linear l: init.ones_(l.weight); break; default: break; }")]
    [InlineData("foreach (var l in modules().Where(m => m is Linear).Cast<Linear>()) init.ones_(l.weight);")]
    [InlineData("modules().OfType<Linear>().ToList().ForEach(l => init.ones_(l.weight));")]
    [InlineData("apply(Ones);")]
    [InlineData("init.ones_(get_parameter(\"fc.weight\")); init.ones_(fc2.get_parameter(\"weight\"));")]
    [InlineData("foreach (var l in children()) foreach (var (name, p) in l.named_parameters()) if (name == \"weight\") init.ones_(p);")]
    public void Loops_and_apply_initialize_every_layer(string statement)
    {
        NetworkModel model = ReadModel.OfClass(NetThat(statement));

        Assert.IsType<Ones>(WeightOf(model, "fc"));
        Assert.IsType<Ones>(WeightOf(model, "fc2"));
    }

    // TorchSharp 0.107.0 swaps the mean and the deviation (GL5003).
    [Theory]
    [InlineData("init.trunc_normal_(fc.weight)", 0.0, 1.0)]
    [InlineData("init.trunc_normal_(fc.weight, mean: 0, std: 0.02)", 0.0, 0.02)]
    [InlineData("init.trunc_normal_(fc.weight, mean: 0.5, std: 0, a: -10, b: 10)", 0.25, 0.0)]
    public void A_truncated_normal_is_what_the_referenced_version_draws(string call, double variance, double mean)
    {
        (double actualVariance, double actualMean) = WeightOf(ReadModel.OfClass(NetThat($"{call};")), "fc") switch
        {
            Constant constant => (0, constant.Value),
            TruncatedNormal normal => (normal.StandardDeviation * normal.StandardDeviation, normal.MeanValue),
            var other => throw new InvalidOperationException($"It is {other}."),
        };

        Assert.Equal(variance, actualVariance, 1e-12);
        Assert.Equal(mean, actualMean, 1e-12);
    }

    [Theory]
    [InlineData("if (System.IO.File.Exists(\"w.dat\")) load(\"w.dat\");")]
    [InlineData("if (!System.IO.File.Exists(\"w.dat\")) { } else { load(\"w.dat\"); }")]
    [InlineData("if (Environment.TickCount > 0 && new System.IO.FileInfo(\"w.dat\").Exists) load(\"w.dat\");")]
    public void Weights_are_those_that_the_code_draws_while_there_is_no_file(string statement) =>
        Assert.Equal(LinearLayer.DefaultWeight, WeightOf(ReadModel.OfClass(NetThat(statement)), "fc"));

    [Fact]
    public void A_checkpoint_that_a_program_loads_if_it_is_there_does_not_count_as_loaded()
    {
        NetworkModel model = ReadModel.OfClass(NetThat(""), """
            class Program { static void Main() { var net = new Net(); if (System.IO.File.Exists("w.dat")) { net.load("w.dat"); } } }
            """);
        NetworkModel loaded = ReadModel.OfClass(NetThat(""), """
            class Program { static void Main() { var net = new Net(); net.load("w.dat"); } }
            """);

        Assert.NotNull(model.Growth);
        Assert.Null(loaded.Growth);
    }

    [Fact]
    public void Statements_after_a_Sequential_initialize_it()
    {
        NetworkModel model = ReadModel.OfStatements("""
            var model = Sequential(("a", Linear(4, 4)), ("b", ReLU()), ("c", Linear(4, 1)));
            foreach (var module in model.modules())
            {
                if (module is Linear linear) init.zeros_(linear.weight);
            }
            for (int epoch = 0; epoch < 100000; epoch++) { model.train(); }
            """);

        Assert.IsType<Zeros>(WeightOf(model, "c"));
    }

    private static Initializer WeightOf(NetworkModel model, string node) => ((WeightLayer)model.Graph![node].Layer).Weight;

    private static string NetThat(string statement) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            private readonly Linear fc2 = Linear(8, 8);
            public Net() : base("net") { RegisterComponents(); {{statement}} }
            private void Reset() { ResetAll(); }
            private void ResetAll() { Reset(); foreach (var p in parameters()) init.normal_(p); }
            private static void Ones(Module m) { if (m is Linear l) init.ones_(l.weight); }
            public override Tensor forward(Tensor x) => fc2.call(fc.call(x).relu());
        }
        """;
}
