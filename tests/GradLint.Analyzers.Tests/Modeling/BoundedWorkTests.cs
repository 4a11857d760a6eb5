namespace GradLint.Modeling;

/// <summary>Code that would never end, or that nests without end: it is read as far as the limits go, and the model says so.</summary>
public sealed class BoundedWorkTests
{
    private const int SmallStack = 1 << 20;

    [Theory]
    [InlineData("for (int i = 0; i < 9; i++) s.append(\"s\", s);")]
    [InlineData("for (int i = 0; i < 20; i++) s = Sequential(s, s);")]
    [InlineData("var list = new List<Module<Tensor, Tensor>> { s }; for (int i = 0; i < 40; i++) list.AddRange(list); s = Sequential(list);")]
    [InlineData("var list = new List<Module<Tensor, Tensor>> { s }; for (int i = 0; i < 40; i++) list = list.Concat(list).ToList(); s = Sequential(list);")]
    [InlineData("Module<Tensor, Tensor>[] all = [s]; for (int i = 0; i < 40; i++) all = [.. all, .. all]; s = Sequential(all);")]
    [InlineData("for (int i = 0; i < 2000; i++) for (int j = 0; j < 2000; j++) for (int k = 0; k < 2000; k++) s.append(Linear(i, j));")]
    [InlineData("for (int i = 0; i < 1000; i++) s.append(new Net());")]
    [InlineData("s = Make(3); Sequential Make(int depth) => Sequential(Make(depth + 1), Make(depth + 1));")]
    public void Work_that_multiplies_ends_at_a_limit(string statement)
    {
        NetworkModel model = ReadModel.OfClass(NetThat(statement));

        Assert.Contains("more than", model.Gap, StringComparison.Ordinal);
        Assert.Null(model.Growth);
    }

    [Fact]
    public void Text_that_doubles_ends_at_a_limit_too()
    {
        NetworkModel model = ReadModel.OfClass(NetThat("string name = \"s\"; for (int i = 0; i < 60; i++) { name += name; name = $\"{name}{name}\"; } register_module(name, s);"));

        Assert.Contains("more than", model.Gap, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("class Net : Module<Tensor, Tensor> { Net n = new Net(); public Net() : base(\"net\") { } public override Tensor forward(Tensor x) => n.forward(x); }")]
    [InlineData("class Net : Module<Tensor, Tensor> { public Net() : this() { } public override Tensor forward(Tensor x) => x; }")]
    [InlineData("class Net : Module<Tensor, Tensor> { public Net(int a) : this() { } public Net() : this(1) { } public override Tensor forward(Tensor x) => x; }")]
    [InlineData("class Net : Module<Tensor, Tensor> { public Net() : this(Make()) { } public Net(Net n) : this() { } static Net Make() => new Net(new Net()); public override Tensor forward(Tensor x) => x; }")]
    [InlineData("class Net : Module<Tensor, Tensor> { Net P { get; } = Make(); public Net() : base(\"net\") { } static Net Make() => new Net(); public override Tensor forward(Tensor x) => P.forward(x); }")]
    [InlineData("class Net : Base { Linear l = Linear(4, 4); } class Base : Module<Tensor, Tensor> { Net n = new Net(); public Base() : base(\"net\") { } public override Tensor forward(Tensor x) => n.forward(x); }")]
    [InlineData("class Options { public int Width = 4; public Options() : this(new Options()) { } public Options(Options o) { } } class Net : Module<Tensor, Tensor> { Linear l = Linear(4, new Options().Width); public Net() : base(\"net\") { } public override Tensor forward(Tensor x) => l.forward(x); }")]
    public void Construction_that_leads_to_itself_ends_at_a_limit(string code) =>
        OnSmallStack(() => Assert.Contains("more than", ReadModel.OfClass(code).Gap, StringComparison.Ordinal));

    [Theory]
    [InlineData("class Net : Net { public Net() : base() { } public override Tensor forward(Tensor x) => x; }")]
    [InlineData("class Net : Other { public Net() : base() { } public override Tensor forward(Tensor x) => x; } class Other : Net { public Other() : base() { } }")]
    public void A_class_that_derives_from_itself_is_no_network(string code) => OnSmallStack(() => Assert.Null(ReadModel.OfClass(code)));

    [Theory]
    [InlineData("x", " + x", "", 5000)]
    [InlineData("x", " * 2 - x", "", 5000)]
    [InlineData("x", ".relu()", "", 2000)]
    [InlineData("fc.forward(x)", ".relu()", "", 2000)]
    [InlineData("", "fc.forward(", "x", 300)]
    public void Expressions_of_thousands_of_terms_overflow_no_stack(string start, string repeated, string middle, int times)
    {
        string end = repeated.EndsWith('(') ? new string(')', times) : "";
        string expression = start + string.Concat(Enumerable.Repeat(repeated, times)) + middle + end;
        string code = NetThat("").Replace("s.forward(x)", expression, StringComparison.Ordinal);

        // Read or not: that it returns is all that is asked.
        OnSmallStack(() => Assert.NotNull(ReadModel.OfClass(code)));
    }

    [Theory]
    [InlineData("fc.forward(x)", ".relu()", 256)]
    [InlineData("x", ".neg().abs()", 128)]
    public void A_member_that_nests_too_deep_for_the_compiler_is_a_gap_in_the_model(string start, string repeated, int times)
    {
        string code = NetThat("").Replace("s.forward(x)", start + string.Concat(Enumerable.Repeat(repeated, times)), StringComparison.Ordinal);

        Assert.Equal("code nested more than 512 deep", ReadModel.OfClass(code).Gap);
    }

    [Fact]
    public void Only_the_member_that_nests_too_deep_is_left_unread()
    {
        string deep = "static Tensor Unused(Tensor x) => x" + string.Concat(Enumerable.Repeat(".relu()", 2000)) + "; public Net() : base";

        NetworkModel model = ReadModel.OfClass(NetThat("").Replace("public Net() : base", deep, StringComparison.Ordinal));

        Assert.Null(model.Gap);
    }

    private static void OnSmallStack(Action read)
    {
        Exception? error = null;
        Thread thread = new(
            () =>
            {
                try
                {
                    read();
                }
                catch (Exception caught)
                {
                    error = caught;
                }
            },
            SmallStack);
        thread.Start();
        thread.Join();
        if (error is not null)
        {
            throw new InvalidOperationException(error.Message, error);
        }
    }

    private static string NetThat(string statement) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(4, 4);
            private readonly Sequential s = Sequential(Linear(4, 4));
            public Net() : base("net") { {{statement}} RegisterComponents(); }
            public override Tensor forward(Tensor x) => s.forward(x);
        }
        """;
}
