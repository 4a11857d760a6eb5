using static GradLint.Verification.Code;

namespace GradLint.Rules;

/// <summary>The parts of programs on numerics that a test is not about.</summary>
internal static class NumericsCode
{
    /// <summary>What a module returns of <c>h</c>, the output of its layer.</summary>
    public static string Returning(string expression) => InForward($"return {expression};");

    /// <summary>The end of a forward in which <c>h</c> is the output of a layer.</summary>
    public static string InForward(string body, string members = "") => InClass($$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(4, 3);
            {{members}}
            public Net() : base("net") { RegisterComponents(); }
            public override Tensor forward(Tensor x)
            {
                var h = fc.forward(x);
                {{body}}
            }
        }
        """);

    /// <summary>The statements of a loop over batches that make a <c>loss</c> of <c>x</c> and <c>y</c>.</summary>
    public static string InLoss(string body, string model = "new SmallNet()", string members = "", string setup = "") => InClass($$"""
        {{members}}
        static void Train(IEnumerable<(Tensor X, Tensor Y)> batches)
        {
            var model = {{model}};
            var optimizer = torch.optim.Adam(model.parameters());
            {{setup}}
            foreach (var (x, y) in batches)
            {
                optimizer.zero_grad();
                {{body}}
                loss.backward();
                optimizer.step();
            }
        }
        """);
}
