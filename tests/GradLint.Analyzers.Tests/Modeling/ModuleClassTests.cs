namespace GradLint.Modeling;

public sealed class ModuleClassTests
{
    [Fact]
    public void Fields_initialized_in_place_are_named_after_the_field()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Module<Tensor, Tensor> fc1 = Linear(784, 128);
                private readonly Module<Tensor, Tensor> fc2 = Linear(128, 10, hasBias: false);
                public Net() : base("net") { RegisterComponents(); }
                public override Tensor forward(Tensor x) => fc2.call(functional.relu(fc1.call(x)));
            }
            """);

        Assert.Null(model.Gap);
        Assert.Equal("input fc1 relu fc2", model.Structure());
        Assert.Contains("784", model.Graph()[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_assigned_in_the_constructor_and_forward_with_statements_are_followed()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private Linear fc1, fc2;
                private const int Hidden = 32;
                public Net(int classes = 10) : base("net")
                {
                    int wide = Hidden * 2;
                    fc1 = Linear(100, wide);
                    fc2 = Linear(wide, classes);
                    RegisterComponents();
                }
                public override Tensor forward(Tensor input)
                {
                    using var x = fc1.forward(input);
                    var y = x.tanh();
                    return fc2.forward(y);
                }
            }
            """);

        Assert.Null(model.Gap);
        Assert.Equal("input fc1 tanh fc2", model.Structure());
        Assert.Contains("64 -> 10", model.Graph()[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_made_in_a_loop_over_known_bounds_are_unrolled()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers;
                public Net() : base("net")
                {
                    var modules = new List<(string, Module<Tensor, Tensor>)>();
                    int width = 64;
                    for (int i = 0; i < 3; i++)
                    {
                        modules.Add(($"fc{i}", Linear(width, 128)));
                        modules.Add(($"act{i}", ReLU()));
                        width = 128;
                    }
                    layers = Sequential(modules);
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """);

        Assert.Null(model.Gap);
        Assert.Equal("input layers.fc0 layers.act0 layers.fc1 layers.act1 layers.fc2 layers.act2", model.Structure());
        Assert.Contains("64 -> 128", model.Graph()[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_in_a_list_are_applied_by_foreach_in_forward()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly ModuleList<Module<Tensor, Tensor>> blocks = new();
                public Net() : base("net")
                {
                    foreach (var width in new[] { 8, 16 }) blocks.Add(Linear(8, width));
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x)
                {
                    foreach (var block in blocks) x = block.call(x).relu();
                    return x;
                }
            }
            """);

        Assert.Null(model.Gap);
        Assert.Equal("input blocks.0 relu blocks.1 relu:2", model.Structure());
    }

    [Fact]
    public void Helper_methods_base_classes_and_nested_modules_in_other_files_are_followed()
    {
        NetworkModel model = ReadModel.OfClass(
            """
            class Net : Base
            {
                private readonly Block block1 = new Block(16), block2 = new Block(16);
                public override Tensor forward(Tensor x) => Head(block2.call(block1.call(x)));
                private Tensor Head(Tensor x) { return head.call(x); }
            }
            """,
            """
            abstract class Base : Module<Tensor, Tensor>
            {
                protected readonly Linear head = Linear(16, 1);
                protected Base() : base("base") { }
            }
            class Block : Module<Tensor, Tensor>
            {
                private readonly Linear fc;
                public Block(int width) : base("block") { fc = Make(width); }
                private static Linear Make(int width) => Linear(width, width);
                public override Tensor forward(Tensor x) => x + fc.call(x).relu();
            }
            """);

        Assert.Null(model.Gap);
        Assert.Equal("input block1.fc relu add block2.fc relu:2 add:2 head", model.Structure());
        Assert.True(model.HasSkips);
    }

    [Fact]
    public void A_layer_used_twice_shares_its_weights()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(8, 8);
                public Net() : base("net") { }
                public override Tensor forward(Tensor x) => fc.call(fc.call(x).tanh());
            }
            """);

        Assert.Equal("input fc tanh fc:2", model.Structure());
        Assert.Equal("fc", model.Graph!["fc:2"].SharesWeightsWith);
    }

    [Fact]
    public void What_is_not_understood_becomes_opaque_with_the_reason()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(8, 8), fc2 = Linear(8, 8);
                public Net() : base("net") { }
                public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).cumsum(1));
            }
            """);

        Assert.Contains(model.Graph(), line => line.Contains("Opaque", StringComparison.Ordinal) && line.Contains("cumsum", StringComparison.Ordinal));
        Assert.Null(model.Growth);
    }

    [Fact]
    public void A_width_nobody_knows_stays_unknown()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc1, fc2;
                public Net(int hidden) : base("net") { fc1 = Linear(8, hidden); fc2 = Linear(hidden, 1); }
                public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).relu());
            }
            """);

        Assert.Contains("8 -> ?", model.Graph()[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_nobody_knows_the_length_of_leaves_the_network_unknown()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential();
                public Net(int depth) : base("net")
                {
                    for (int i = 0; i < depth; i++) layers.append(Linear(8, 8));
                }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """);

        Assert.Null(model.Growth);
    }

    [Fact]
    public void Recurrent_and_attention_and_normalized_networks_are_told_apart()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly LSTM lstm = LSTM(8, 8);
                private readonly MultiheadAttention attention = MultiheadAttention(8, 2);
                private readonly LayerNorm norm = LayerNorm(8);
                public Net() : base("net") { }
                public override Tensor forward(Tensor x) => norm.call(x);
            }
            """);

        Assert.True(model.IsRecurrent);
        Assert.True(model.HasAttention);
        Assert.True(model.IsNormalized);
    }

    [Fact]
    public void Softmax_of_a_matrix_product_is_attention_written_by_hand()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear q = Linear(8, 8), k = Linear(8, 8), v = Linear(8, 8);
                public Net() : base("net") { }
                public override Tensor forward(Tensor x)
                {
                    var scores = torch.matmul(q.call(x), k.call(x).transpose(-2, -1)) / Math.Sqrt(8);
                    return torch.matmul(functional.softmax(scores, -1), v.call(x));
                }
            }
            """);

        Assert.True(model.HasAttention);
    }

    [Fact]
    public void Recursion_without_end_is_cut_off()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(8, 8);
                public Net() : base("net") { }
                public override Tensor forward(Tensor x) => forward(fc.call(x));
            }
            """);

        Assert.NotNull(model.Gap);
        Assert.Null(model.Growth);
    }

    [Fact]
    public void Half_typed_code_does_not_crash()
    {
        Exception? thrown = Record.Exception(() => ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(8, );
                public Net( : base("net") { for (int i = 0; i < ; i++) fc = ; }
                public override Tensor forward(Tensor x) { var y = fc.call(; return
            }
            """));

        Assert.Null(thrown);
    }
}
