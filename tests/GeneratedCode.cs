using System.Text;

namespace GradLint;

/// <summary>Code to measure the analyzers on: model classes of common kinds, of any length and in any number. Linked into the programs that use it.</summary>
internal static class GeneratedCode
{
    private const string Usings = """
        using System.Collections.Generic;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        """;

    /// <summary>The kinds of long classes: what one layer or step is made of, as fields, in the constructor, and in <c>forward</c>.</summary>
    public static IReadOnlyList<LongClass> LongClasses { get; } =
    [
        new("residual blocks with norms",
            ["private readonly Linear fc{0};", "private readonly LayerNorm norm{0};"],
            ["fc{0} = Linear(64, 64);", "norm{0} = LayerNorm(64);"],
            ["var y{0} = norm{0}.call(x);", "y{0} = functional.relu(fc{0}.call(y{0}));", "y{0} = functional.dropout(y{0}, 0.2);", "x = x + y{0};"]),
        new("a stack of plain layers",
            ["private readonly Linear fc{0};"],
            ["fc{0} = Linear(64, 64);"],
            ["x = functional.tanh(fc{0}.call(x));"]),
        new("convolutions with norms",
            ["private readonly Conv2d conv{0};", "private readonly BatchNorm2d norm{0};"],
            ["conv{0} = Conv2d(32, 32, 3, padding: 1);", "norm{0} = BatchNorm2d(32);"],
            ["x = conv{0}.call(x);", "x = norm{0}.call(x);", "x = functional.leaky_relu(x, 0.01);"]),
        new("convolutions in a Sequential",
            ["private readonly Sequential block{0};"],
            ["block{0} = Sequential(", "    Conv2d(32, 64, 3, padding: 1), ReLU(), MaxPool2d(3, stride: 1, padding: 1),", "    Conv2d(64, 32, 1), ReLU());"],
            ["x = block{0}.call(x);"]),
        new("initialized layers of which some are summed",
            ["private readonly Linear fc{0};"],
            ["fc{0} = Linear(64, 64);", "init.kaiming_normal_(fc{0}.weight);", "init.zeros_(fc{0}.bias);"],
            ["var y{0} = functional.relu(fc{0}.call(x));", "x = x + 0.1f * y{0};"]),
        new("recurrent layers",
            ["private readonly LSTM lstm{0};", "private readonly Linear gate{0};"],
            ["lstm{0} = LSTM(32, 32, batchFirst: true);", "gate{0} = Linear(32, 32);"],
            ["var (h{0}, _, _) = lstm{0}.call(x);", "x = functional.sigmoid(gate{0}.call(h{0})) * h{0};"]),
        new("numerics",
            ["private readonly Linear fc{0};"],
            ["fc{0} = Linear(64, 64);"],
            [
                "var p{0} = functional.softmax(fc{0}.call(x), 1);",
                "var entropy{0} = -(p{0} * (p{0} + 1e-8f).log()).sum(1, keepdim: true);",
                "var scale{0} = (x * x).sum(1, keepdim: true).sqrt();",
                "x = x / (scale{0} + 1e-6f) + entropy{0}.exp() / (1 + entropy{0}.abs());",
            ]),
    ];

    /// <summary>A class of ordinary size and a method that trains it.</summary>
    public static string Small(int index) => $$"""
        {{Usings}}
        class Net{{index}} : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv1 = Conv2d(1, 32, 3), conv2 = Conv2d(32, 64, 3);
            private readonly Sequential head = Sequential();
            public Net{{index}}(int classes = 10) : base("net")
            {
                int width = 64;
                foreach (int next in new[] { 128, 64, {{32 + index}} })
                {
                    head.append(Linear(width, next)).append(ReLU());
                    width = next;
                }

                head.append(Linear(width, classes));
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                x = functional.relu(conv1.call(x));
                x = functional.max_pool2d(functional.relu(conv2.call(x)), 2);
                x = functional.adaptive_avg_pool2d(x, 1).flatten(1);
                return head.call(functional.dropout(x, 0.5));
            }
        }

        static class Training{{index}}
        {
            public static void Train(IEnumerable<(Tensor X, Tensor Y)> data)
            {
                var net = new Net{{index}}();
                var optimizer = torch.optim.Adam(net.parameters(), lr: 1e-3);
                foreach (var (x, y) in data)
                {
                    optimizer.zero_grad();
                    var loss = functional.cross_entropy(net.call(x), y);
                    loss.backward();
                    optimizer.step();
                }
            }
        }
        """;

    /// <summary>Code of ordinary size that has nothing to do with networks.</summary>
    public static string Plain(int index) => $$"""
        using System;
        using System.Collections.Generic;
        using System.Linq;

        class Ledger{{index}}
        {
            private readonly Dictionary<string, List<decimal>> _entries = new();

            public event Action<string>? Changed;

            public void Add(string account, decimal amount)
            {
                if (!_entries.TryGetValue(account, out var list))
                {
                    _entries.Add(account, list = new List<decimal>());
                }

                list.Add(amount);
                Changed?.Invoke($"{account}: {amount}");
            }

            public decimal Balance(string account) => _entries.TryGetValue(account, out var list) ? list.Sum() : 0;

            public IEnumerable<(string Account, decimal Balance)> Largest(int count)
            {
                var sorted = _entries.Keys.Select(account => (account, Balance(account))).OrderByDescending(pair => pair.Item2);
                foreach (var pair in sorted.Take(count))
                {
                    yield return pair;
                }
            }

            public decimal Step(decimal rate, int years)
            {
                decimal value = 1;
                for (int year = 0; year < years; year++)
                {
                    value *= 1 + rate / 100;
                }

                return value;
            }
        }
        """;

    /// <summary>A kind of class, to be had with any number of lines.</summary>
    /// <param name="Name">What it is, in words.</param>
    /// <param name="Fields">The fields of one layer; {0} stands for its number, here and below.</param>
    /// <param name="Made">What the constructor does for it.</param>
    /// <param name="Used">What <c>forward</c> does with it.</param>
    public sealed record LongClass(string Name, string[] Fields, string[] Made, string[] Used)
    {
        public string Of(int lines)
        {
            int layers = lines / (Fields.Length + Made.Length + Used.Length);
            StringBuilder code = new(Usings);
            code.AppendLine("class Long : Module<Tensor, Tensor>").AppendLine("{");
            Append(code, Fields, layers, "    ");
            code.AppendLine("    public Long() : base(\"long\")").AppendLine("    {");
            Append(code, Made, layers, "        ");
            code.AppendLine("        RegisterComponents();").AppendLine("    }").AppendLine();
            code.AppendLine("    public override Tensor forward(Tensor x)").AppendLine("    {");
            Append(code, Used, layers, "        ");
            return code.AppendLine("        return x;").AppendLine("    }").AppendLine("}").ToString();
        }

        private static void Append(StringBuilder code, string[] part, int layers, string indent)
        {
            for (int i = 0; i < layers; i++)
            {
                foreach (string line in part)
                {
                    code.Append(indent).AppendLine(line.Replace("{0}", i.ToString(), StringComparison.Ordinal));
                }
            }
        }
    }
}
