using System.Collections.Immutable;
using GradLint.Verification;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint;

/// <summary>Code as people write it, on which no rule may speak at its default severity.</summary>
public sealed class MustStaySilentTests
{
    private const string Training = """
            public static void Train(IEnumerable<(Tensor X, Tensor Y)> batches)
            {
                using var model = new Net();
                using var optimizer = torch.optim.Adam(model.parameters(), 1e-3);
                foreach (var (x, y) in batches)
                {
                    optimizer.zero_grad();
                    using var loss = functional.cross_entropy(model.call(x), y);
                    loss.backward();
                    optimizer.step();
                }
            }
        """;

    public static TheoryData<string, string> Cases => new()
    {
        {
            "a network of the size of MNIST, without clipping",
            $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d conv1 = Conv2d(1, 32, 3), conv2 = Conv2d(32, 64, 3);
                private readonly Linear fc1 = Linear(9216, 128), fc2 = Linear(128, 10);
                private readonly Dropout dropout1 = Dropout(0.25), dropout2 = Dropout(0.5);
                public Net() : base("mnist") { RegisterComponents(); }
                public override Tensor forward(Tensor x)
                {
                    x = functional.relu(conv2.call(functional.relu(conv1.call(x))));
                    x = dropout1.call(functional.max_pool2d(x, 2)).flatten(1);
                    return fc2.call(dropout2.call(functional.relu(fc1.call(x))));
                }
            }
            class Program
            {
            {{Training}}
            }
            """
        },
        {
            "a network of the size of Iris, without clipping",
            $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential(Linear(4, 16), ReLU(), Linear(16, 16), ReLU(), Linear(16, 3));
                public Net() : base("iris") { RegisterComponents(); }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            class Program
            {
            {{Training}}
            }
            """
        },
        {
            "a learning rate of 5 with clipping at 0.5, as in language models",
            """
            class Language : Module<Tensor, Tensor>
            {
                private readonly Embedding tokens = Embedding(1000, 64);
                private readonly LSTM lstm = LSTM(64, 128);
                private readonly Linear head = Linear(128, 1000);
                public Language() : base("language") { RegisterComponents(); }
                public override Tensor forward(Tensor x) => head.call(lstm.call(tokens.call(x)).Item1);
            }
            class Program
            {
                public static void Train(IEnumerable<(Tensor X, Tensor Y)> batches)
                {
                    var model = new Language();
                    var lr = 5.0;
                    var optimizer = torch.optim.SGD(model.parameters(), lr);
                    var schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.95);
                    for (int epoch = 0; epoch < 10; epoch++)
                    {
                        foreach (var (x, y) in batches)
                        {
                            optimizer.zero_grad();
                            var loss = functional.cross_entropy(model.call(x).view(-1, 1000), y);
                            loss.backward();
                            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5);
                            optimizer.step();
                        }
                        schedule.step();
                    }
                }
            }
            """
        },
        {
            "the ratio of PPO, the exponential of a difference of log-probabilities",
            """
            class Program
            {
                public static Tensor PolicyLoss(Sequential policy, Tensor states, Tensor actions, Tensor oldLogProbabilities, Tensor advantages)
                {
                    var logProbabilities = functional.log_softmax(policy.call(states), 1).gather(1, actions).squeeze(1);
                    var ratio = torch.exp(logProbabilities - oldLogProbabilities);
                    var clipped = torch.clamp(ratio, 0.8, 1.2);
                    return -torch.min(ratio * advantages, clipped * advantages).mean();
                }
                public static void Update(Sequential policy, torch.optim.Optimizer optimizer, Tensor s, Tensor a, Tensor old, Tensor advantages)
                {
                    optimizer.zero_grad();
                    PolicyLoss(policy, s, a, old, advantages).backward();
                    optimizer.step();
                }
            }
            """
        },
        {
            "a logarithm whose argument was clamped long before",
            """
            class Program
            {
                public static void Train(Sequential model, torch.optim.Optimizer optimizer, IEnumerable<(Tensor X, Tensor Y)> batches)
                {
                    double total = 0;
                    int count = 0;
                    foreach (var (x, y) in batches)
                    {
                        optimizer.zero_grad();
                        var probability = model.call(x).clamp(1e-6, 1 - 1e-6);
                        var target = y.to_type(ScalarType.Float32);
                        if (count % 100 == 0)
                        {
                            Console.WriteLine(count);
                            Console.WriteLine(total);
                        }

                        count++;
                        var weight = torch.ones_like(target);
                        if (count > 1000)
                        {
                            weight = weight * 0.5;
                        }

                        var scaled = weight * target;
                        var loss = -(scaled * probability.log()).mean();
                        loss.backward();
                        optimizer.step();
                        total += loss.item<float>();
                    }
                }
            }
            """
        },
        {
            "logarithms in metrics and in the preparation of data",
            """
            class Program
            {
                public static double Perplexity(Tensor logits)
                {
                    using var _ = torch.no_grad();
                    var p = functional.softmax(logits, 1);
                    return -(p * p.log()).sum().item<float>() / Math.Log(2);
                }
                public static Tensor Spectrogram(Tensor samples) => torch.stft(samples, 400).abs().log10();
                public static Tensor LogCounts(long[] counts) => torch.tensor(counts).to_type(ScalarType.Float32).log();
            }
            """
        },
        {
            "the namesakes of other libraries",
            """
            namespace Other
            {
                class Tensor { public Tensor log() => this; public Tensor sqrt() => this; public void backward() { } }
                class Optimizer { public void step() { } public void zero_grad() { } }
                static class optim { public static Optimizer SGD(object parameters, double learningRate) => new(); }
                static class utils { public static void clip_grad_norm_(object parameters, double max_norm) { } }
                static class init { public static void normal_(Tensor t) { } }
                class LSTM { public Tensor call(Tensor x) => x; public object parameters() => this; }
                static class Trainer
                {
                    public static void Train(IEnumerable<Tensor> batches)
                    {
                        var model = new LSTM();
                        init.normal_(new Tensor());
                        var optimizer = optim.SGD(model.parameters(), 50);
                        foreach (var batch in batches)
                        {
                            model.call(batch).log().sqrt().backward();
                            utils.clip_grad_norm_(model.parameters(), -1);
                            optimizer.step();
                        }
                    }
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task No_rule_speaks_on(string title, string code)
    {
        ImmutableArray<MetadataReference> net8 = await References.Net8.ResolveAsync(LanguageNames.CSharp, TestContext.Current.CancellationToken);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "silent",
            [CSharpSyntaxTree.ParseText(Code.Usings + code, cancellationToken: TestContext.Current.CancellationToken)],
            [.. net8, References.TorchSharp],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));

        ImmutableArray<Diagnostic> diagnostics = await compilation
            .WithAnalyzers([.. RuleConventionTests.Analyzers])
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);

        Assert.True(diagnostics.IsEmpty, $"{title}: {string.Join("\n", diagnostics)}");
    }
}
