namespace GradLint.SignalPropagation.Tests.Measuring;

/// <summary>A network drawn at random.</summary>
/// <param name="Family">The family, for the error table.</param>
/// <param name="Description">What was drawn, in one line.</param>
/// <param name="Graph">The network.</param>
/// <param name="Options">The loss and the batch.</param>
/// <param name="Depth">The number of weight layers.</param>
/// <param name="Width">The width of the hidden layers.</param>
internal sealed record RandomNetwork(string Family, string Description, NetworkGraph Graph, PropagationOptions Options, int Depth, int Width)
{
    public double DepthOverWidth => (double)Depth / Width;
}

/// <summary>Networks drawn at random from the graph type, over all its kinds: the same seed gives the same networks.</summary>
internal sealed class RandomNetworks(int seed)
{
    private static readonly Activation[] s_activations =
    [
        Activation.ReLU, Activation.ReLU, Activation.Tanh, Activation.Sigmoid, Activation.GELU, Activation.SiLU, Activation.Mish, Activation.SELU, new ELU(),
        new LeakyReLU(0.2), new LeakyReLU(1.3), Activation.Softsign, Activation.Softplus, Activation.ReLU6, Activation.Hardswish, new Hardtanh(), new PReLU(), Activation.GELUTanh, Activation.Identity, new CELU(0.5),
    ];

    private readonly Random _random = new(seed);

    /// <summary>The families, each with the function that draws from it.</summary>
    public static IReadOnlyDictionary<string, Func<RandomNetworks, RandomNetwork>> Families { get; } = new Dictionary<string, Func<RandomNetworks, RandomNetwork>>
    {
        ["mlp"] = draw => draw.Mlp("mlp", null, false),
        ["mlp-explode"] = draw => draw.Mlp("mlp-explode", null, false, explode: true),
        ["mlp-ln"] = draw => draw.Mlp("mlp-ln", draw.Pick<Func<int, Layer>>(width => new LayerNormLayer([width]), width => new RMSNormLayer(width)), draw.Coin()),
        ["mlp-bn"] = draw => draw.Mlp("mlp-bn", width => new BatchNormLayer(width), draw.Coin()),
        ["mlp-dropout"] = draw => draw.Mlp("mlp-dropout", _ => new DropoutLayer(0.3), false),
        ["res-plain"] = draw => draw.Residual("res-plain", ResidualOrder.Plain),
        ["res-pre"] = draw => draw.Residual("res-pre", ResidualOrder.PreNorm),
        ["res-post"] = draw => draw.Residual("res-post", ResidualOrder.PostNorm),
        ["res-outside"] = draw => draw.Residual("res-outside", ResidualOrder.ActivationOutside),
        ["res-branch-act"] = draw => draw.Residual("res-branch-act", ResidualOrder.ActivationInBranchEnd),
        ["dense"] = draw => draw.Dense(),
        ["conv"] = draw => draw.Conv("conv", null),
        ["conv-bn"] = draw => draw.Conv("conv-bn", channels => new BatchNormLayer(channels)),
        ["conv-norm"] = draw => draw.Conv("conv-norm", draw.Pick<Func<int, Layer>>(channels => new GroupNormLayer(4, channels), channels => new InstanceNormLayer(channels))),
        ["conv-pool"] = draw => draw.ConvPool(),
        ["conv-res"] = draw => draw.ConvResidual(),
        ["rnn"] = draw => draw.Recurrent("rnn", (inputs, hidden, layers, activation, weight) =>
            new RNNLayer(inputs, hidden) { Weight = weight, Bias = RecurrentLayer.DefaultWeight, Nonlinearity = activation, Layers = layers }),
        ["lstm"] = draw => draw.Recurrent("lstm", (inputs, hidden, layers, _, weight) => new LSTMLayer(inputs, hidden) { Weight = weight, Bias = RecurrentLayer.DefaultWeight, Layers = layers }),
        ["gru"] = draw => draw.Recurrent("gru", (inputs, hidden, layers, _, weight) => new GRULayer(inputs, hidden) { Weight = weight, Bias = RecurrentLayer.DefaultWeight, Layers = layers }),
        ["transformer"] = draw => draw.Transformer(),
        ["mlp-rare"] = draw => draw.Rare(),
        ["mlp-shared"] = draw => draw.Shared(),
        ["mlp-gated"] = draw => draw.Gated(),
        ["conv-up"] = draw => draw.ConvUp(),
        ["rnn-both"] = draw => draw.Recurrent("rnn-both", draw.Pick<Func<int, int, int, Activation, Initializer, Layer>>(
            (inputs, hidden, _, activation, weight) => new RNNLayer(inputs, hidden) { Weight = weight, Bias = RecurrentLayer.DefaultWeight, Nonlinearity = activation, IsBidirectional = true },
            (inputs, hidden, _, _, weight) => new LSTMLayer(inputs, hidden) { Weight = weight, Bias = RecurrentLayer.DefaultWeight, IsBidirectional = true },
            (inputs, hidden, _, _, weight) => new GRULayer(inputs, hidden) { Weight = weight, Bias = RecurrentLayer.DefaultWeight, IsBidirectional = true }), directions: 2),
        ["decoder"] = draw => draw.Decoder(),
    };

    private enum ResidualOrder
    {
        Plain,
        PreNorm,
        PostNorm,
        ActivationOutside,
        ActivationInBranchEnd,
    }

    /// <summary>Draws one network of a family.</summary>
    public RandomNetwork Draw(string family) => Families[family](this);

    private RandomNetwork Mlp(string family, Func<int, Layer>? norm, bool normBefore, bool explode = false)
    {
        (int depth, int width) = DepthAndWidth();
        Activation activation = Pick(s_activations);
        Initializer weight = explode ? ExplodingInitializer(width) : Initializer(activation);
        Initializer? bias = Bias();
        int inputs = Pick(16, 64, 128);
        int outputs = Pick(1, 10, width);
        NetworkBuilder builder = new(inputs);
        for (int i = 0; i < depth - 1; i++)
        {
            builder.Add(Linear(i == 0 ? inputs : width, width, weight, bias));
            AddIf(builder, norm is not null && normBefore, () => norm!(width));
            builder.Add(new ActivationLayer(activation));
            AddIf(builder, norm is not null && !normBefore, () => norm!(width));
        }

        builder.Add(Linear(width, outputs, weight, bias));
        return Network(family, $"{activation.GetType().Name} {weight} bias {bias is not null} {(norm is null ? "" : normBefore ? "norm-act" : "act-norm")} {inputs}-{width}-{outputs} x{depth}", builder, depth, width, outputs);
    }

    private RandomNetwork Residual(string family, ResidualOrder order)
    {
        int blocks = Pick(4, 8, 16, 30);
        int width = Pick(32, 64, 128, 256);
        bool two = Coin();
        Activation activation = Pick(Activation.ReLU, Activation.ReLU, Activation.GELU, Activation.Tanh, Activation.SiLU, new LeakyReLU(0.1));
        Initializer weight = Initializer(activation);
        Initializer? bias = Bias();
        double scale = Pick(1.0, 1.0, 1.0, 0.3);
        Func<Layer> norm = Pick<Func<Layer>>(() => new LayerNormLayer([width]), () => new BatchNormLayer(width), () => new RMSNormLayer(width));
        NetworkBuilder builder = new NetworkBuilder(64).Add(Linear(64, width, weight, bias));
        for (int i = 0; i < blocks; i++)
        {
            string skip = builder.Last;
            AddIf(builder, order == ResidualOrder.PreNorm, norm);
            builder.Add(Linear(width, width, weight, bias));
            if (two)
            {
                builder.Add(new ActivationLayer(activation)).Add(Linear(width, width, weight, bias));
            }

            AddIf(builder, order == ResidualOrder.ActivationInBranchEnd || (order == ResidualOrder.PreNorm && !two), () => new ActivationLayer(activation));
            AddIf(builder, scale != 1, () => new ScaleLayer(scale));
            builder.AddTo(new AddLayer(), skip, builder.Last);
            AddIf(builder, order == ResidualOrder.PostNorm, norm);
            AddIf(builder, order == ResidualOrder.ActivationOutside || (order == ResidualOrder.PostNorm && !two), () => new ActivationLayer(activation));
        }

        builder.Add(Linear(width, 10, weight, bias));
        int depth = (blocks * (two ? 2 : 1)) + 2;
        return Network(family, $"{activation.GetType().Name} {weight} bias {bias is not null} two {two} scale {scale} norm {norm().Kind} w {width} blocks {blocks}", builder, depth, width, 10);
    }

    private RandomNetwork Dense()
    {
        int blocks = Pick(3, 5, 8);
        int growth = Pick(16, 32);
        Activation activation = Pick(s_activations);
        Initializer weight = Initializer(activation);
        NetworkBuilder builder = new NetworkBuilder(64).Add(Linear(64, 64, weight, null));
        int width = 64;
        for (int i = 0; i < blocks; i++)
        {
            string before = builder.Last;
            builder.Add(new ActivationLayer(activation)).Add(Linear(width, growth, weight, null));
            builder.AddTo(new ConcatLayer(), before, builder.Last);
            width += growth;
        }

        builder.Add(new ActivationLayer(activation)).Add(Linear(width, 10, weight, null));
        return Network("dense", $"{activation.GetType().Name} {weight} growth {growth} x{blocks}", builder, blocks + 2, 64, 10);
    }

    private RandomNetwork Conv(string family, Func<int, Layer>? norm)
    {
        int depth = Pick(4, 8, 16);
        int channels = Pick(16, 32);
        int size = Pick(8, 10);
        int groups = Pick(1, 1, 4);
        int kernel = Pick(3, 3, 5);
        int dilation = kernel == 3 ? Pick(1, 1, 2) : 1;
        bool transposed = Coin() && Coin();
        Activation activation = Pick(s_activations);
        Initializer weight = Initializer(activation);
        Initializer? bias = Bias();
        NetworkBuilder builder = new NetworkBuilder(3, size, size);
        for (int i = 0; i < depth; i++)
        {
            int inputs = i == 0 ? 3 : channels;
            builder.Add(transposed && i > 0
                ? new TransposedConvolutionLayer(inputs, channels, [kernel, kernel]) { Weight = weight, Bias = bias, Padding = [kernel / 2], Groups = groups }
                : new ConvolutionLayer(inputs, channels, [kernel, kernel]) { Weight = weight, Bias = bias, Padding = [kernel / 2 * dilation], Dilation = [dilation], Groups = i == 0 ? 1 : groups, Stride = i == depth / 2 ? [2] : null });
            AddIf(builder, norm is not null, () => norm!(channels));
            builder.Add(new ActivationLayer(activation));
        }

        int last = transposed ? size : (size + 1) / 2;
        if (Coin())
        {
            builder.Add(new AdaptiveAvgPoolLayer()).Add(new FlattenLayer()).Add(Linear(channels, 10, weight, bias));
        }
        else
        {
            builder.Add(new FlattenLayer()).Add(Linear(channels * last * last, 10, weight, bias));
        }

        return Network(family, $"{activation.GetType().Name} {weight} bias {bias is not null} c {channels} k {kernel} d {dilation} g {groups} t {transposed} size {size} x{depth}", builder, depth + 1, channels * kernel, 10);
    }

    private RandomNetwork ConvPool()
    {
        int channels = Pick(16, 32);
        int perStage = Pick(1, 2, 3);
        bool max = Coin();
        Activation activation = Pick(s_activations);
        Initializer weight = Initializer(activation);
        Initializer? bias = Bias();
        NetworkBuilder builder = new NetworkBuilder(3, 16, 16);
        for (int stage = 0; stage < 3; stage++)
        {
            for (int i = 0; i < perStage; i++)
            {
                builder.Add(new ConvolutionLayer(stage + i == 0 ? 3 : channels, channels, [3, 3]) { Weight = weight, Bias = bias, Padding = [1] }).Add(new ActivationLayer(activation));
            }

            builder.Add(max ? new MaxPoolLayer([2, 2]) : new AvgPoolLayer([2, 2]));
        }

        builder.Add(new FlattenLayer()).Add(Linear(channels * 4, 10, weight, bias));
        return Network("conv-pool", $"{activation.GetType().Name} {weight} bias {bias is not null} c {channels} max {max} x{perStage}", builder, (3 * perStage) + 1, channels * 3, 10);
    }

    private RandomNetwork ConvResidual()
    {
        int channels = Pick(16, 32);
        int blocks = Pick(2, 4, 8);
        bool norm = Coin();
        Activation activation = Pick(Activation.ReLU, Activation.GELU, Activation.Tanh);
        Initializer weight = Initializer(activation);
        NetworkBuilder builder = new NetworkBuilder(3, 8, 8).Add(Conv3(3, channels, weight));
        for (int i = 0; i < blocks; i++)
        {
            string skip = builder.Last;
            builder.Add(Conv3(channels, channels, weight));
            AddIf(builder, norm, () => new BatchNormLayer(channels));
            builder.Add(new ActivationLayer(activation)).Add(Conv3(channels, channels, weight));
            AddIf(builder, norm, () => new BatchNormLayer(channels));
            builder.AddTo(new AddLayer(), skip, builder.Last).Add(new ActivationLayer(activation));
        }

        builder.Add(new AdaptiveAvgPoolLayer()).Add(new FlattenLayer()).Add(Linear(channels, 10, weight, null));
        return Network("conv-res", $"{activation.GetType().Name} {weight} c {channels} norm {norm} x{blocks}", builder, (2 * blocks) + 2, channels * 3, 10);
    }

    private RandomNetwork Recurrent(string family, Func<int, int, int, Activation, Initializer, Layer> layer, int directions = 1)
    {
        int steps = Pick(5, 10, 20, 30);
        int hidden = Pick(32, 64, 128);
        int layers = Pick(1, 1, 2);
        Activation activation = Pick(Activation.Tanh, Activation.Tanh, Activation.ReLU);
        Initializer weight = Pick<Initializer>(RecurrentLayer.DefaultWeight, RecurrentLayer.DefaultWeight, new Normal(0, 1 / Math.Sqrt(hidden)), new Normal(0, 1.5 / Math.Sqrt(hidden)), new XavierUniform(), new Orthogonal());
        NetworkBuilder builder = new NetworkBuilder(steps, 16).Add(layer(16, hidden, layers, activation, weight)).Add(new SelectLayer()).Add(Linear(directions * hidden, 10, LinearLayer.DefaultWeight, LinearLayer.DefaultBias));
        return Network(family, $"{activation.GetType().Name} {weight} T {steps} H {hidden} layers {layers}", builder, steps, hidden, 10);
    }

    private RandomNetwork Transformer()
    {
        int width = Pick(32, 64);
        int blocks = Pick(1, 2, 4);
        int tokens = Pick(8, 16);
        bool first = Coin();
        bool embedding = Coin();
        NetworkBuilder builder = embedding ? new NetworkBuilder(tokens).Add(new EmbeddingLayer(100, width) { Weight = EmbeddingLayer.DefaultWeight }) : new NetworkBuilder(tokens, width).Add(Linear(width, width, LinearLayer.DefaultWeight, null));
        for (int i = 0; i < blocks; i++)
        {
            builder.Add(new TransformerEncoderLayer(width, 4, 2 * width) { NormFirst = first, Function = Pick(Activation.ReLU, Activation.GELU) });
        }

        bool mean = Coin();
        builder.Add(mean ? new MeanLayer() : new SelectLayer()).Add(Linear(width, 10, LinearLayer.DefaultWeight, null));
        return Network("transformer", $"w {width} x{blocks} T {tokens} first {first} embedding {embedding} mean {mean}", builder, (blocks * 3) + 2, width, 10);
    }

    private RandomNetwork Rare()
    {
        (int depth, int width) = DepthAndWidth();
        Activation activation = Pick<Activation>(new LeakyReLU(), new RReLU(), Activation.LogSigmoid, Activation.Tanhshrink, new Hardshrink(), new Softshrink(), Activation.Hardsigmoid, new Softplus(2), new ELU(0.5), new Hardtanh(-2, 2));
        double deviation = Pick(0.5, 1, 1.5, 2) / Math.Sqrt(width);
        Initializer weight = Pick<Initializer>(
            new Normal(0, deviation), new Uniform(-Math.Sqrt(3) * deviation, Math.Sqrt(3) * deviation), new TruncatedNormal(0, deviation, -2 * deviation, 2 * deviation), new KaimingNormal(0, FanMode.FanOut), new KaimingUniform(1, FanMode.FanOut), new Orthogonal(1.2));
        NetworkBuilder builder = new(64);
        for (int i = 0; i < depth - 1; i++)
        {
            builder.Add(Linear(i == 0 ? 64 : width, width, weight, null)).Add(new ActivationLayer(activation));
        }

        builder.Add(Linear(width, 10, weight, null));
        return Network("mlp-rare", $"{activation.GetType().Name} {weight} 64-{width}-10 x{depth}", builder, depth, width, 10);
    }

    private RandomNetwork Shared()
    {
        int width = Pick(64, 128, 256);
        int uses = Pick(2, 4, 8);
        Activation activation = Pick(s_activations);
        Initializer weight = Initializer(activation);
        NetworkBuilder builder = new NetworkBuilder(64).Add(Linear(64, width, weight, null)).Add(new ActivationLayer(activation)).Add(Linear(width, width, weight, null));
        string owner = builder.Last;
        for (int i = 1; i < uses; i++)
        {
            builder.Add(new ActivationLayer(activation)).AddSharing(Linear(width, width, weight, null), owner);
        }

        builder.Add(new ActivationLayer(activation)).Add(Linear(width, 10, weight, null));
        return Network("mlp-shared", $"{activation.GetType().Name} {weight} w {width} uses {uses}", builder, uses + 2, width, 10);
    }

    private RandomNetwork Gated()
    {
        int width = Pick(64, 128, 256);
        bool residual = Coin();
        int blocks = residual ? Pick(2, 4, 8) : Pick(1, 2);
        Activation gate = Pick<Activation>(Activation.Sigmoid, Activation.SiLU, Activation.GELU);
        Initializer weight = Pick<Initializer>(LinearLayer.DefaultWeight, new XavierUniform(), new KaimingNormal());
        NetworkBuilder builder = new NetworkBuilder(64).Add(Linear(64, width, weight, null));
        for (int i = 0; i < blocks; i++)
        {
            string skip = builder.Last;
            AddIf(builder, residual, () => new LayerNormLayer([width]));
            string before = builder.Last;
            string open = builder.Add(Linear(width, width, weight, null)).Add(new ActivationLayer(gate)).Last;
            string value = builder.AddTo(Linear(width, width, weight, null), before).Last;
            builder.AddTo(new ProductLayer(), value, open);
            if (residual)
            {
                builder.Add(Linear(width, width, weight, null)).AddTo(new AddLayer(), skip, builder.Last);
            }
        }

        builder.Add(Linear(width, 10, weight, null));
        return Network("mlp-gated", $"{gate.GetType().Name} {weight} w {width} residual {residual} blocks {blocks}", builder, (residual ? 2 * blocks : blocks) + 2, width, 10);
    }

    private RandomNetwork ConvUp()
    {
        int channels = Pick(16, 32);
        int levels = Pick(1, 2);
        bool skips = Coin();
        bool linear = Coin();
        bool transposed = Coin();
        Activation activation = Pick<Activation>(Activation.ReLU, new LeakyReLU(0.1), Activation.GELU, Activation.Tanh, Activation.SiLU);
        Initializer weight = Pick<Initializer>(LinearLayer.DefaultWeight, activation.FittingInitializer, new KaimingNormal(), new XavierUniform());
        NetworkBuilder builder = new NetworkBuilder(3, 16, 16).Add(Conv3(3, channels, weight)).Add(new ActivationLayer(activation));
        Stack<string> kept = new();
        for (int level = 0; level < levels; level++)
        {
            kept.Push(builder.Last);
            builder.Add(new ConvolutionLayer(channels, channels, [3, 3]) { Weight = weight, Padding = [1], Stride = [2] }).Add(new ActivationLayer(activation));
        }

        for (int level = 0; level < levels; level++)
        {
            builder.Add(transposed
                ? new TransposedConvolutionLayer(channels, channels, [2, 2]) { Weight = weight, Stride = [2] }
                : new UpsampleLayer([2]) { Mode = linear ? Upsampling.Linear : Upsampling.Nearest });
            if (skips)
            {
                builder.AddTo(new ConcatLayer(), kept.Pop(), builder.Last);
            }

            builder.Add(Conv3(skips ? 2 * channels : channels, channels, weight)).Add(new ActivationLayer(activation));
        }

        builder.Add(new ConvolutionLayer(channels, 1, [1, 1]) { Weight = weight });
        int depth = 2 + levels + (levels * (transposed ? 2 : 1));
        return Network("conv-up", $"{activation.GetType().Name} {weight} c {channels} levels {levels} skips {skips} linear {linear} transposed {transposed}", builder, depth, channels * 3, 1);
    }

    private RandomNetwork Decoder()
    {
        int width = Pick(32, 64);
        int blocks = Pick(1, 2);
        int tokens = Pick(8, 16);
        bool first = Coin();
        Activation activation = Pick(Activation.ReLU, Activation.GELU);
        NetworkBuilder builder = new NetworkBuilder(tokens, width).Add(Linear(width, width, LinearLayer.DefaultWeight, null));
        string target = builder.Last;
        string memory = builder.Add(new TransformerEncoderLayer(width, 4, 2 * width) { NormFirst = first, Function = activation }).Last;
        builder.Last = target;
        for (int i = 0; i < blocks; i++)
        {
            builder.AddTo(new TransformerDecoderLayer(width, 4, 2 * width) { NormFirst = first, Function = activation }, builder.Last, memory);
        }

        builder.Add(new MeanLayer()).Add(Linear(width, 10, LinearLayer.DefaultWeight, null));
        return Network("decoder", $"w {width} x{blocks} T {tokens} first {first} {activation.GetType().Name}", builder, (blocks * 4) + 5, width, 10);
    }

    private (int Depth, int Width) DepthAndWidth() => (Pick(4, 8, 12, 20, 30, 50), Pick(32, 64, 128, 256));

    private Initializer? Bias() => Pick<Initializer?>(null, LinearLayer.DefaultBias, new Zeros());

    private Initializer Initializer(Activation activation) => Pick<Initializer>(
        LinearLayer.DefaultWeight, new KaimingNormal(), new KaimingUniform(), new XavierUniform(), new XavierNormal(), new KaimingNormal(1), activation.FittingInitializer,
        new Orthogonal(Pick(0.8, 1, 1.4)), new XavierNormal(5.0 / 3), new KaimingGain(1.8), new Normal(0, 0.1));

    private Initializer ExplodingInitializer(int width) =>
        Pick<Initializer>(new Normal(0, 3 / Math.Sqrt(width)), new Normal(), new Uniform(-1, 1), new Uniform(), new KaimingGain(2.5), new XavierNormal(3), new Orthogonal(2), new TruncatedNormal(0, 0.5, -1, 1), new Normal(0.05, 0.2));

    private static LinearLayer Linear(int inputs, int outputs, Initializer weight, Initializer? bias) => new(inputs, outputs) { Weight = weight, Bias = bias };

    private static ConvolutionLayer Conv3(int inputs, int outputs, Initializer weight) => new(inputs, outputs, [3, 3]) { Weight = weight, Padding = [1] };

    private static void AddIf(NetworkBuilder builder, bool condition, Func<Layer> layer)
    {
        if (condition)
        {
            builder.Add(layer());
        }
    }

    private RandomNetwork Network(string family, string description, NetworkBuilder builder, int depth, int width, int outputs)
    {
        Loss loss = outputs > 1 && _random.Next(3) == 0 ? Loss.CrossEntropy : Loss.MeanSquaredError;
        return new RandomNetwork(family, $"{description} {loss}", CompositeLayer.Expand(builder.Build()), new PropagationOptions { Loss = loss, BatchSize = 64 }, depth, width);
    }

    private bool Coin() => _random.Next(2) == 0;

    private T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
