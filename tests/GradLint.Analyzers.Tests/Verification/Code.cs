namespace GradLint.Verification;

/// <summary>The parts of training programs that a test is not about.</summary>
internal static class Code
{
    public const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        """;

    /// <summary>A small one that needs no clipping, and one of each kind that does.</summary>
    public const string Networks = """

        class SmallNet : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(4, 3);
            public SmallNet() : base("small") { RegisterComponents(); }
            public override Tensor forward(Tensor x) => fc.forward(x);
        }

        class NormalizedNet : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(4, 3);
            private readonly BatchNorm1d norm = BatchNorm1d(3);
            public NormalizedNet() : base("normalized") { RegisterComponents(); }
            public override Tensor forward(Tensor x) => norm.forward(fc.forward(x));
        }

        class RecurrentNet : Module<Tensor, Tensor>
        {
            private readonly LSTM lstm = LSTM(8, 16);
            private readonly Linear fc = Linear(16, 8);
            public RecurrentNet() : base("recurrent") { RegisterComponents(); }
            public override Tensor forward(Tensor x) => fc.forward(lstm.forward(x).Item1);
        }

        class AttentionNet : Module<Tensor, Tensor>
        {
            private readonly MultiheadAttention attention = MultiheadAttention(8, 2);
            public AttentionNet() : base("attention") { RegisterComponents(); }
            public override Tensor forward(Tensor x) => attention.forward(x, x, x, null, false, null).Item1;
        }

        """;

    /// <summary>The body of the loop over batches of a method that creates all it needs.</summary>
    public static string InTrainingLoop(string body, string model = "new RecurrentNet()", string optimizer = "torch.optim.Adam(model.parameters())") =>
        InMethod($$"""
            var model = {{model}};
            var criterion = MSELoss();
            var optimizer = {{optimizer}};
            foreach (var (x, y) in batches)
            {
            {{Indent(body)}}
            }
            """);

    /// <summary>The body of a method that is given batches.</summary>
    public static string InMethod(string body) => InClass($$"""
        static void Train(IEnumerable<(Tensor X, Tensor Y)> batches)
        {
        {{Indent(body)}}
        }
        """);

    /// <summary>The members of a class.</summary>
    public static string InClass(string members) => $$"""
        {{Usings}}
        class Program
        {
        {{Indent(members)}}
        }
        {{Networks}}
        """;

    private static string Indent(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.Length == 0 ? line : "    " + line));
}
