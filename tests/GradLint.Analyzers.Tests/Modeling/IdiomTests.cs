namespace GradLint.Modeling;

/// <summary>Ways in which real TorchSharp code builds and applies networks.</summary>
public sealed class IdiomTests
{
    private const string Start = "class Net : Module<Tensor, Tensor> { ";

    [Fact]
    public void Blocks_made_by_delegates_are_called()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential();
                private readonly Func<int, Module<Tensor, Tensor>> norm;
                public Net(Func<int, Module<Tensor, Tensor>> norm = null, Func<bool, Module<Tensor, Tensor>> activation = null) : base("net")
                {
                    norm ??= width => BatchNorm1d(width);
                    this.norm = norm;
                    activation = activation is null ? inplace => ReLU(inplace) : activation;
                    Append(activation, (widthIn, widthOut) => Linear(widthIn, widthOut, hasBias: false));
                    RegisterComponents();
                }
                private void Append(Func<bool, Module<Tensor, Tensor>> activation, Func<int, int, Module<Tensor, Tensor>> block)
                {
                    for (var i = 1; i <= 2; i++) layers.append(block(8 * i, 8 * (i + 1))).append(norm(8 * (i + 1))).append(activation(true));
                }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """);

        Assert.Null(model.Gap);
        Assert.Equal("input layers.0 layers.1 layers.2 layers.3 layers.4 layers.5", model.Structure());
        Assert.Contains("16 -> 24", model.Graph()[4], StringComparison.Ordinal);
    }

    [Fact]
    public void Factories_handed_on_as_method_groups_are_called()
    {
        NetworkModel model = ReadModel.OfStatements("""
            Func<Module<Tensor, Tensor>> activation = Tanh;
            var model = Sequential(Linear(8, 4), activation(), Linear(4, 1));
            """);

        Assert.IsType<SignalPropagation.Tanh>(((SignalPropagation.ActivationLayer)model.Graph!["1"].Layer).Function);
    }

    [Fact]
    public void Configurations_records_and_dictionaries_are_followed()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Config { public readonly int Width; public bool Wide { get; init; } public Config(int width) { Width = width; } public int Doubled => Width * (Wide ? 2 : 1); }
            record Head(int Classes);
            class Net : Module<Tensor, Tensor>
            {
                private static readonly Dictionary<string, int[]> sizes = new() { { "small", new[] { 8, 16 } }, { "large", new[] { 64, 128 } } };
                private readonly ModuleDict<Module<Tensor, Tensor>> parts = new();
                public Net(string name = "SMALL") : base("net")
                {
                    var config = new Config(sizes[name.ToLower()][^1]) { Wide = true };
                    var head = new Head(10);
                    parts.Add("first", Linear(sizes["small"][0], config.Doubled));
                    parts.Add(("last", Linear(config.Doubled, head.Classes)));
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x) => parts["last"].call(functional.relu(parts["first"].call(x)));
            }
            """);

        Assert.Null(model.Gap);
        Assert.Equal("input parts.first relu parts.last", model.Structure());
        Assert.Contains("8 -> 32", model.Graph()[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Linear fc = Linear(8, 8); int kind = 2; public override Tensor forward(Tensor x) => kind switch { 1 => fc.call(x), 2 => fc.call(x).relu(), _ => throw new Exception() };", "input fc relu")]
    [InlineData("Linear fc = Linear(8, 8); public override Tensor forward(Tensor x) { if (x.ndim == 2 && x.shape[1] == 8) { return fc.call(x); } throw new Exception(); }", "input fc")]
    [InlineData("Linear fc = Linear(8, 8); public override Tensor forward(Tensor x) { if (x.ndim != 2) throw new Exception(); else x = fc.call(x); return x; }", "input fc")]
    [InlineData("Linear[] all = Enumerable.Repeat(8, 3).Zip(new[] { 8, 8, 4 }, (a, b) => Linear(a, b)).ToArray(); public override Tensor forward(Tensor x) => all[..2].Append(all[^1]).Aggregate(x, (y, fc) => fc.call(y));", "input all.0 all.1 all.2")]
    [InlineData("Sequential all = Sequential(); public override Tensor forward(Tensor x) { for (int i = 0; i < all.Count; i++) x = all[i].call(x); return x; } public Net(int width = 32) : this() { while (width > 8) { all.append(Linear(width, width / 2)); width /= 2; } }", "input all.0 all.1")]
    [InlineData("Linear fc = Linear(8, 8); Dropout drop; public override Tensor forward(Tensor x) { using var scope = NewDisposeScope(); var y = fc.call(x); if (drop is not null) y = drop.call(y); return scope.MoveToOuter(y - x); }", "input fc negative add")]
    public void Control_flow_is_followed_as_far_as_it_is_known(string members, string structure)
    {
        NetworkModel model = ReadModel.OfClass(Start + "public Net() : base(\"net\") { } " + members + " }");

        Assert.Null(model.Gap);
        Assert.Equal(structure, model.Structure());
    }

    [Theory]
    [InlineData("Conv2d conv = Conv2d(3, 8, 3); Linear fc = Linear(8, 2); public override Tensor forward(Tensor x) { x = conv.call(x); x = functional.avg_pool2d(x, (x.shape[2], x.shape[3])); return fc.call(x.squeeze(-1).squeeze(-1)); }", "input conv avg_pool2d flatten fc")]
    [InlineData("Conv1d conv = Conv1d(3, 8, 3); Linear fc = Linear(8, 2); public override Tensor forward(Tensor x) => fc.call(conv.call(x).permute(0, 2, 1));", "input conv transpose fc")]
    [InlineData("Conv2d conv = Conv2d(3, 8, 3); Linear fc = Linear(8, 2); public override Tensor forward(Tensor x) => fc.call(conv.call(x).mean(new long[] { 2, 3 }));", "input conv mean fc")]
    [InlineData("Conv2d conv = Conv2d(3, 8, 3); Linear fc = Linear(392, 2); public override Tensor forward(Tensor x) { x = conv.call(x); return fc.call(x.view(x.shape[0], -1)); }", "input conv flatten fc")]
    [InlineData("Embedding table = Embedding(100, 8); Linear fc = Linear(8, 2); public override Tensor forward(Tensor x) => fc.call(table.call(x).view(-1, 8));", "input table fc")]
    [InlineData("Linear fc = Linear(16, 1024); ConvTranspose2d conv = ConvTranspose2d(64, 3, 4); public override Tensor forward(Tensor x) => conv.call(fc.call(x).view(-1, 64, 4, 4));", "input fc conv")]
    [InlineData("Linear fc = Linear(8, 16), gate = Linear(8, 16), last = Linear(8, 2); public override Tensor forward(Tensor x) { var parts = fc.call(x).chunk(2, -1); return last.call(parts[0] + parts[1]); }", "input fc part part:2 add last")]
    [InlineData("Linear fc = Linear(8, 8), gate = Linear(8, 8); public override Tensor forward(Tensor x) => fc.call(x) * gate.call(x).sigmoid();", "input fc gate sigmoid product")]
    [InlineData("Linear fc = Linear(8, 8); public override Tensor forward(Tensor x) { var y = fc.call(x); return y * y.sigmoid(); }", "input fc silu")]
    [InlineData("Parameter w = Parameter(torch.randn(8, 4)), b = Parameter(torch.zeros(4)); public override Tensor forward(Tensor x) => torch.matmul(x, w) + b;", "input matmul")]
    public void Operations_on_tensors_keep_track_of_the_axes(string members, string structure)
    {
        NetworkModel model = ReadModel.OfClass(Start + "public Net() : base(\"net\") { RegisterComponents(); } " + members + " }");

        Assert.True(model.IsWhole, model.Graph?.ToString() ?? model.Gap);
        Assert.Equal(structure, model.Structure());
    }

    [Theory]
    [InlineData("LSTM lstm = LSTM(8, 16, batchFirst: true);", "var (all, _, _) = lstm.call(x); return fc.call(all[(null, null), -1, (null, null)]);", "input lstm select fc")]
    [InlineData("LSTM lstm = LSTM(8, 16, batchFirst: true);", "return fc.call(lstm.call(x).Item1.select(1, -1));", "input lstm select fc")]
    [InlineData("GRU gru = GRU(8, 16, numLayers: 2);", "var (_, last) = gru.call(x); return fc.call(last[-1]);", "input gru last fc")]
    [InlineData("RNN rnn = RNN(8, 16);", "var h0 = torch.zeros(1, x.shape[1], 16); var (_, last) = rnn.call(x, h0); return fc.call(last.squeeze(0));", "input rnn last fc")]
    [InlineData("Linear into = Linear(8, 16); MultiheadAttention attention = MultiheadAttention(16, 2); LayerNorm norm = LayerNorm(16);", "x = into.call(x); var (y, _) = attention.call(x, x, x); return fc.call(norm.call(x + y));", "input into attention add norm fc")]
    [InlineData("TransformerEncoder encoder = TransformerEncoder(TransformerEncoderLayer(16, 2, 32), 2);", "return fc.call(encoder.call(x, null, null).mean(new long[] { 0 }));", "input encoder.layers.0 encoder.layers.1 mean fc")]
    public void Recurrent_and_attention_layers_give_tuples_and_sequences(string fields, string forward, string structure)
    {
        NetworkModel model = ReadModel.OfClass(
            Start + fields + " Linear fc = Linear(16, 2); public Net() : base(\"net\") { RegisterComponents(); } public override Tensor forward(Tensor x) { " + forward + " } }");

        Assert.True(model.IsWhole, model.Graph?.ToString() ?? model.Gap);
        Assert.Equal(structure, model.Structure());
    }

    [Theory]
    [InlineData("LSTM lstm = LSTM(8, 8, bidirectional: true); public override Tensor forward(Tensor x) => lstm.call(x).Item2;")]
    [InlineData("Linear fc = Linear(8, 24); int parts; public override Tensor forward(Tensor x) { var part = fc.call(x).chunk(parts, 1); return fc.call(part[0]); } public Net(int parts) : this() { this.parts = parts; }")]
    [InlineData("GRU gru = GRU(8, 8); Linear fc = Linear(8, 8); public override Tensor forward(Tensor x) { var h = fc.call(x); return gru.call(x, h).Item1; }")]
    [InlineData("Linear fc = Linear(8, 8); public override Tensor forward(Tensor x) { var y = fc.call(x); return y * y; }")]
    [InlineData("Conv1d conv = Conv1d(8, 8, 3); public override Tensor forward(Tensor x) { var y = conv.call(x); return torch.cat(new[] { y, y }, 2); }")]
    [InlineData("Conv2d conv = Conv2d(8, 8, 3); public override Tensor forward(Tensor x) => functional.softmax(conv.call(x), 2);")]
    public void What_is_not_modelled_is_never_guessed(string members)
    {
        NetworkModel model = ReadModel.OfClass(Start + "public Net() : base(\"net\") { } " + members + " }");

        Assert.False(model.IsWhole);
        Assert.Null(model.Growth);
    }

    [Theory]
    [InlineData("Tensor", "fc.call(x)", "")]
    [InlineData("(Tensor, Tensor)", "(fc.call(x), second.call(x))", "the loss reads the first of the results of 'forward'")]
    [InlineData("Pair", "new Pair(fc.call(x), second.call(x))", "the loss reads the first of the results of 'forward'")]
    public void Of_several_results_the_first_is_taken_and_it_says_so(string result, string returned, string assumption)
    {
        NetworkModel model = ReadModel.OfClass(
            $"record Pair(Tensor A, Tensor B); class Net : Module<Tensor, {result}> {{ Linear fc = Linear(8, 8), second = Linear(8, 1); public Net() : base(\"net\") {{ }} "
            + $"public override {result} forward(Tensor x) => {returned}; }}");

        Assert.Equal("input fc", model.Structure());
        Assert.Equal(assumption, string.Join("; ", model.Assumptions));
    }

    [Theory]
    [InlineData("Dropout drop = Dropout(rate);", "drop.call(y)", "input fc drop", "unknown dropout rates are 0.1")]
    [InlineData("double rate = rate;", "functional.dropout(y, rate, training)", "input fc dropout", "unknown dropout rates are 0.1")]
    [InlineData("Dropout drop = Dropout(0.2);", "drop.call(y)", "input fc drop", "")]
    [InlineData("GRU gru = GRU(8, 8, 2, dropout: 0.2);", "gru.call(y).Item1", "input fc gru", "dropout between the layers of a recurrent stack is left out")]
    [InlineData("GRU gru = GRU(8, 8, bidirectional: true); Linear last = Linear(16, 1);", "last.call(gru.call(y).Item1)", "input fc gru last", "")]
    [InlineData("int rows = (int)rate;", "y - y.mean(new long[] { 1 }, keepdim: true)", "input fc", "the mean over the outputs of a layer is 0")]
    [InlineData("int rows = (int)rate;", "functional.pad(y, new long[] { rows, rows })", "input fc", "padding by sizes that are not known adds nothing")]
    public void What_changes_little_is_taken_for_granted_and_it_says_so(string fields, string returned, string structure, string assumption)
    {
        NetworkModel model = ReadModel.OfClass(
            $"class Net(double rate) : Module<Tensor, Tensor>(\"net\") {{ Linear fc = Linear(8, 8); {fields} public override Tensor forward(Tensor x) {{ var y = fc.call(x); return {returned}; }} }}");

        Assert.Equal(structure, model.Structure());
        Assert.NotNull(model.Growth ?? (model.WeightLayerCount == 1 ? 0 : null));
        Assert.Equal(assumption, string.Join("; ", model.Assumptions));
    }

    [Fact]
    public void A_class_token_beside_a_sequence_is_like_the_other_tokens()
    {
        NetworkModel model = ReadModel.OfClass(Start + """
            Conv2d embed = Conv2d(3, 16, 4, stride: 4); Parameter token = torch.zeros(1, 1, 16).AsParameter(); Parameter places = (torch.randn(1, 65, 16) * 0.02).AsParameter();
            Linear head = Linear(16, 10);
            public Net() : base("net") { }
            public override Tensor forward(Tensor x)
            {
                x = embed.call(x).flatten(2).permute(0, 2, 1);
                x = torch.cat(new[] { token.expand(x.shape[0], -1, -1), x }, 1) + places;
                return head.call(x.select(1, 0));
            }
            }
            """);

        Assert.Equal("input embed transpose held scale add select head", model.Structure());
        Assert.Contains(model.Graph(), line => line.Contains("Scale(0.02)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("var y = back.call(x); y.detach_(); return head.call(y);", "input back detach head")]
    [InlineData("return head.call(back.call(x).detach());", "input back detach head")]
    [InlineData("Tensor y; using (torch.no_grad()) { y = back.call(x); } return head.call(y);", "input back detach head")]
    [InlineData("Tensor y; using (torch.inference_mode()) { using var on = torch.enable_grad(); y = back.call(x); } return head.call(y);", "input back head")]
    [InlineData("return head.call(Features(x));", "input back detach head")]
    public void Layers_behind_a_cut_do_not_train(string forward, string structure)
    {
        NetworkModel model = ReadModel.OfClass(Start + """
            Linear back = Linear(8, 8), head = Linear(8, 2);
            public Net() : base("net") { RegisterComponents(); }
            Tensor Features(Tensor x) { using var off = torch.set_grad_enabled(false); return back.call(x); }
            """ + $"public override Tensor forward(Tensor x) {{ {forward} }} }}");

        Assert.True(model.IsWhole, model.Graph?.ToString());
        Assert.Equal(structure, model.Structure());
        Assert.Equal(structure.Contains("detach", StringComparison.Ordinal) ? ["head"] : ["back", "head"], model.Flow!.Layers.Select(layer => layer.Name));
    }

    [Fact]
    public void A_state_that_is_cut_off_from_what_came_before_is_given()
    {
        NetworkModel model = ReadModel.OfClass(Start + """
            GRU gru = GRU(8, 8); Linear head = Linear(8, 2);
            public Net() : base("net") { RegisterComponents(); }
            public override Tensor forward(Tensor x)
            {
                var (_, state) = gru.call(x);
                var (all, _) = gru.call(x, state.detach());
                return head.call(all);
            }
            }
            """);

        Assert.True(model.IsWhole, model.Graph?.ToString());
        Assert.Equal("input gru:2 head", model.Structure());
    }

    [Fact]
    public void The_weights_of_a_layer_belong_to_the_first_of_its_uses_that_counts()
    {
        NetworkModel model = ReadModel.OfClass(Start + """
            Linear fc = Linear(8, 8);
            public Net() : base("net") { RegisterComponents(); }
            public override Tensor forward(Tensor x) { var unused = fc.call(x.relu()); return fc.call(fc.call(x)); }
            }
            """);

        Assert.Equal("input fc:2 fc:3", model.Structure());
        Assert.Equal("fc:2", model.Graph!["fc:3"].SharesWeightsWith);
    }

    [Fact]
    public void What_forward_keeps_in_fields_does_not_outlive_a_reading()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Cell first = new Cell(), second = new Cell();
                public Net() : base("net") { RegisterComponents(); }
                public override Tensor forward(Tensor x) => second.call(first.call(x));
            }
            class Cell : Module<Tensor, Tensor>
            {
                private readonly GRU gru = GRU(8, 8);
                private Tensor state = torch.zeros(1, 1, 8);
                public Cell() : base("cell") { RegisterComponents(); }
                public override Tensor forward(Tensor x)
                {
                    var (all, last) = gru.call(x, state);
                    state = last.detach();
                    return all;
                }
            }
            """);

        Assert.True(model.IsWhole, model.Graph?.ToString());
        Assert.Equal("input first.gru second.gru", model.Structure());
    }

    [Fact]
    public void A_class_that_derives_from_Sequential_is_one()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Sequential { public Net() : base(Linear(8, 4), ReLU(), Linear(4, 1)) { } }
            """);

        Assert.Equal("input 0 1 2", model.Structure());
    }

    [Fact]
    public void Weights_that_are_loaded_elsewhere_are_in_doubt()
    {
        const string Net = "class Net : Module<Tensor, Tensor> { Linear a = Linear(8, 8), b = Linear(8, 8); public Net() : base(\"net\") { } public override Tensor forward(Tensor x) => b.call(a.call(x)); }";

        NetworkModel trained = ReadModel.OfClass(Net, "class Program { static void Main() { var net = new Net(); net.save(\"a\"); } }");
        NetworkModel loaded = ReadModel.OfClass(Net, "class Program { static void Main() { Module<Tensor, Tensor> net = new Net(); net.load(\"a\"); } }");

        NetworkModel copied = ReadModel.OfClass(Net, "class Program { static void Main() { var net = new Net(); var target = new Net(); target.load_state_dict(net.state_dict()); } }");

        Assert.NotNull(trained.Growth);
        Assert.NotNull(copied.Growth);
        Assert.True(loaded.IsWhole);
        Assert.Null(loaded.Growth);
    }

    [Fact]
    public void A_class_whose_depth_is_a_parameter_is_read_as_somebody_creates_it()
    {
        NetworkModel model = ReadModel.AsCreated("Block", """
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential();
                public static Net Small() => new Net(width => new Block(width, 2), new[] { 8, 16 });
                public Net(Func<int, Module<Tensor, Tensor>> block, int[] widths) : base("net")
                {
                    foreach (var width in widths) layers.append(block(width));
                }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            class Block : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential();
                public Block(int width, int depth) : base("block") { for (int i = 0; i < depth; i++) layers.append(Linear(width, width)); }
                public override Tensor forward(Tensor x) => x + layers.call(x);
            }
            """);

        Assert.True(model.IsWhole, model.Gap);
        Assert.Equal("input layers.0 layers.1 add", model.Structure());
        Assert.Contains("8 -> 8", model.Graph()[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public static Net Deep() => new(3);")]
    [InlineData("public static Net Deep() { Net deep = new(3); return deep; }")]
    [InlineData("public static Net Deep() { return new(depth: 3); }")]
    public void A_factory_may_leave_the_type_of_what_it_creates_to_the_compiler(string factory)
    {
        NetworkModel model = ReadModel.AsCreated("Net", $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential();
                {{factory}}
                public Net(int depth) : base("net") { for (int i = 0; i < depth; i++) layers.append(Linear(8, 8)); }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """);

        Assert.Equal("input layers.0 layers.1 layers.2", model.Structure());
    }

    [Theory]
    [InlineData("Conv2d a = Conv2d(1, 32, 3), b = Conv2d(32, 64, 3); Linear fc = Linear(9216, 10);", "fc.call(functional.max_pool2d(b.call(a.call(x)), 2).flatten(1))", "the extents of the input are 28, at which the linear layer behind them fits")]
    [InlineData("Conv2d a = Conv2d(3, 8, 3, stride: 2); Linear fc = Linear(8 * 21 * 21, 10);", "fc.call(a.call(x).relu().flatten(1))", "the extents of the input are 43, at which the linear layer behind them fits")]
    [InlineData("Conv2d a = Conv2d(3, 8, 3, stride: 2); Linear fc = Linear(8, 10);", "fc.call(functional.adaptive_avg_pool2d(a.call(x), 1).flatten(1))", "the extents of the input are 32")]
    [InlineData("Conv2d a = Conv2d(1, 8, 3, padding: 1); MaxPool2d p = MaxPool2d(2, stride: 3, padding: 1, ceil_mode: true); Linear fc = Linear(8 * 10 * 10, 10);", "fc.call(p.call(a.call(x)).flatten(1))", "the extents of the input are 28, at which the linear layer behind them fits")]
    [InlineData("Conv2d a = Conv2d(3, 8, 3, stride: 8, padding: 1), b = Conv2d(8, 8, 3, stride: 4, padding: 1), c = Conv2d(8, 8, 3, padding: 1);", "c.call(b.call(a.call(x)))", "the extents of the input are 128")]
    [InlineData("Conv2d a = Conv2d(3, 8, 3, padding: 1), b = Conv2d(8, 8, 1);", "b.call(functional.adaptive_avg_pool2d(a.call(x), 1))", "the extents of the input are 32")]
    [InlineData("Conv2d a = Conv2d(3, 8, 3, stride: 200), b = Conv2d(8, 8, 3, padding: 1);", "b.call(a.call(x))", "the extents of the input are 32")]
    [InlineData("Conv2d a = Conv2d(3, 8, 50), b = Conv2d(8, 8, 3);", "b.call(a.call(x))", "the extents of the input are 64")]
    [InlineData("ConvTranspose2d a = ConvTranspose2d(100, 8, 4), b = ConvTranspose2d(8, 3, 4, stride: 2);", "b.call(a.call(x))", "the extents of the input are 1")]
    [InlineData("Conv1d a = Conv1d(3, 8, 3), b = Conv1d(8, 8, 3);", "b.call(a.call(x))", "the extents of the input are 16")]
    public void Images_have_the_size_that_the_layers_ask_for_or_a_usual_one(string fields, string returned, string assumption)
    {
        NetworkModel model = ReadModel.OfClass(Start + fields + " public Net() : base(\"net\") { } public override Tensor forward(Tensor x) => " + returned + "; }");

        Assert.Equal(assumption, string.Join("; ", model.Assumptions));
        Assert.DoesNotContain("unknown extents are 16", model.Flow!.Assumptions);
    }

    [Fact]
    public void What_a_recurrent_layer_reads_is_a_sequence()
    {
        NetworkModel model = ReadModel.OfClass(Start + "Linear a = Linear(4, 8); GRU gru = GRU(8, 16, batchFirst: true); Linear fc = Linear(16, 1); public Net() : base(\"net\") { } "
            + "public override Tensor forward(Tensor x) => fc.call(gru.call(a.call(x).relu()).Item1.select(1, -1)); }");

        Assert.All(model.Flow!.Layers, layer => Assert.InRange(layer.Log10GradientNorm, -5, 5));
    }

    [Fact]
    public void A_layer_that_is_called_input_keeps_its_name()
    {
        NetworkModel model = ReadModel.OfClass(Start + "Linear input = Linear(8, 8), output = Linear(8, 1); public Net() : base(\"net\") { } public override Tensor forward(Tensor x) => output.call(input.call(x)); }");

        Assert.Equal("inputs input output", model.Structure());
    }

    [Theory]
    [InlineData("m.GetType().Name.Contains(\"Linear\")")]
    [InlineData("m.GetType() == typeof(Linear)")]
    public void Weights_are_initialized_by_the_name_of_the_type(string test)
    {
        NetworkModel model = ReadModel.OfClass(Start + $"Sequential all = Sequential(Linear(8, 8), ReLU(), Linear(8, 1)); public Net() : base(\"net\") {{ apply(Fill); }} "
            + $"static void Fill(Module m) {{ if ({test}) {{ init.normal_(m.get_parameter(\"weight\"), 0, 0.02); }} }} public override Tensor forward(Tensor x) => all.call(x); }}");

        Assert.Contains("Normal(standardDeviation: 0.02)", model.Graph()[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_is_read_with_the_widths_that_it_is_created_with()
    {
        NetworkModel model = ReadModel.AsCreated("Net", "class Net : Module<Tensor, Tensor> { Linear a, b; public Net(int width) : base(\"net\") { a = Linear(8, width); b = Linear(width, 1); } "
            + "public override Tensor forward(Tensor x) => b.call(a.call(x)); } class Program { static void Main() { var net = new Net(24); } }");

        Assert.Contains("8 -> 24", model.Graph()[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_with_blocks_that_nobody_knows_is_not_predicted_from_its_head()
    {
        NetworkModel model = ReadModel.OfClass("class Net : Module<Tensor, Tensor> { ModuleList<Linear> blocks = new(); Linear fc = Linear(8, 8), head = Linear(8, 1); " +
            "public Net(int depth) : base(\"net\") { for (int i = 0; i < depth; i++) blocks.Add(Linear(8, 8)); } " +
            "public override Tensor forward(Tensor x) { x = fc.call(x); foreach (var block in blocks) x = block.call(x); return head.call(x); } }");

        Assert.Null(model.Flow);
    }

    [Fact]
    public void Models_are_named_after_what_holds_them()
    {
        string[] names = ReadModel.NamesIn("""
            class Net : Module<Tensor, Tensor> { Linear fc = Linear(8, 8); public Net() : base("net") { } public override Tensor forward(Tensor x) => fc.call(x); }
            class Program
            {
                static readonly Sequential Shared = Sequential(Linear(8, 8));
                static Sequential Build(int width = 8) => Sequential(Linear(width, width));
                void Train(string kind)
                {
                    var local = Sequential(Linear(8, 8), Sequential(Linear(8, 8)));
                    Sequential chosen = null;
                    switch (kind) { case "a": chosen = Sequential(Linear(8, 4)); break; default: chosen = Build(4); break; }
                }
            }
            """);

        Assert.Equal(["Net", "Shared", "Build", "local", "chosen"], names);
    }
}
