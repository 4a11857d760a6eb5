namespace GradLint.EditorLatency;

/// <summary>The file that is open: a long model class, and a training loop in which a threshold can be mistyped.</summary>
internal static class OpenFile
{
    /// <summary>What the training loop clips at.</summary>
    public const string Threshold = "max_norm: 1.0";

    /// <summary>A threshold that GL2003 warns of.</summary>
    public const string WrongThreshold = "max_norm: -1";

    private const string Training = """

        static class TrainingLong
        {
            public static void Train(IEnumerable<(Tensor X, Tensor Y)> data)
            {
                var net = new Long();
                var optimizer = torch.optim.Adam(net.parameters(), lr: 1e-3);
                foreach (var (x, y) in data)
                {
                    optimizer.zero_grad();
                    var loss = functional.mse_loss(net.call(x), y);
                    loss.backward();
                    torch.nn.utils.clip_grad_norm_(net.parameters(), max_norm: 1.0);
                    optimizer.step();
                }
            }
        }
        """;

    private static readonly int s_trainingLines = Training.Count(letter => letter == '\n');

    /// <summary>A file of so many lines.</summary>
    public static string Of(GeneratedCode.LongClass kind, int lines) => kind.Of(lines - s_trainingLines) + Training;

    /// <summary>A file in which a wrong threshold stands several times.</summary>
    public static string WithWrongThresholds(int index, int times) => $$"""
        using TorchSharp;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        static class Clipping{{index}}
        {
            public static void Clip(Module<Tensor, Tensor> net)
            {
        {{string.Concat(Enumerable.Repeat($"        torch.nn.utils.clip_grad_norm_(net.parameters(), {WrongThreshold});\n", times))}}    }
        }
        """;
}
