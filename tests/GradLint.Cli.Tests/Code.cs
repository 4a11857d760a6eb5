namespace GradLint.Cli.Tests;

/// <summary>Networks and training loops for the tool to read.</summary>
internal static class Code
{
    /// <summary>Weights far too large for their width: explodes, and GL1003 says so.</summary>
    public const string Exploding = """
        using System.Linq;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        public sealed class Exploding : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(64, 256);
            private readonly Linear fc2 = Linear(256, 256);
            private readonly Linear fc3 = Linear(256, 10);

            public Exploding() : base(nameof(Exploding))
            {
                RegisterComponents();
                init.normal_(fc1.weight);
                init.normal_(fc2.weight);
                init.normal_(fc3.weight);
            }

            public override Tensor forward(Tensor x) => fc3.call(functional.relu(fc2.call(functional.relu(fc1.call(x)))));
        }
        """;

    /// <summary>Built by a static factory, which needs the usual implicit usings.</summary>
    public const string Factory = """
        using static TorchSharp.torch.nn;

        public static class Nets
        {
            public static TorchSharp.Modules.Sequential Small()
            {
                Console.WriteLine("built");
                return Sequential(("first", Linear(4, 8)), ("act", ReLU()), ("last", Linear(8, 2)));
            }
        }
        """;

    /// <summary>A loop with a threshold that does harm: GL2003, which has a fix.</summary>
    public const string BadThreshold = """
        using System;
        using TorchSharp;
        using static TorchSharp.torch;

        public static class Training
        {
            public static void Clip(nn.Module model)
            {
                nn.utils.clip_grad_norm_(model.parameters(), 0.0);
                Console.WriteLine("clipped");
            }
        }
        """;

    /// <summary>Nothing to report.</summary>
    public const string Harmless = """
        using static TorchSharp.torch;

        public static class Harmless
        {
            public static Tensor Double(Tensor x) => x * 2;
        }
        """;
}
