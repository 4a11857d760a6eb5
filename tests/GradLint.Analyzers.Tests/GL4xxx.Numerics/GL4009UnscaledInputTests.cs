using GradLint.Verification;
using static GradLint.Rules.NumericsCode;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4009UnscaledInputAnalyzer, GradLint.CodeFixes.Rules.GL4009UnscaledInputCodeFix>;

namespace GradLint.Rules;

public sealed class GL4009UnscaledInputTests
{
    [Fact]
    public Task The_message_names_the_input_and_the_network() => Verify.Reports(
        InLoss("var loss = model.{|#0:call|}(torch.tensor(new byte[4], dtype: ScalarType.Float32)).mean();"),
        [
            Expect.Info(
                "GL4009",
                0,
                "'torch.tensor(new byte[4], dtype: Scal...' holds bytes, 0 to 255, and goes unscaled into the first layer of SmallNet, whose gradient it makes about 128 times larger than inputs near 1 would"),
        ]);

    [Theory]
    [InlineData("pixels.to(ScalarType.Float32)", "pixels.to(ScalarType.Float32) / 255")]
    [InlineData("pixels.@float().view(-1, 4)", "pixels.@float().view(-1, 4) / 255")]
    [InlineData("x.to(ScalarType.Byte).to_type(ScalarType.Float32)", "x.to(ScalarType.Byte).to_type(ScalarType.Float32) / 255")]
    [InlineData("torch.stack(new[] { pixels, pixels }).@float()", "torch.stack(new[] { pixels, pixels }).@float() / 255")]
    public Task Bytes_are_scaled_before_they_are_fed_to_a_network(string input, string fixedInput) => Verify.Fixes(
        InLoss($"var loss = model.{{|#0:call|}}({input}).mean();", setup: Pixels),
        InLoss($"var loss = model.call({fixedInput}).mean();", setup: Pixels),
        [Expect.Info("GL4009", 0)]);

    [Theory]
    [InlineData("pixels / 255f")]
    [InlineData("pixels.div(255)")]
    [InlineData("(pixels - 127.5) / 127.5")]
    [InlineData("pixels.@float() * (1 / 255.0)")]
    [InlineData("x")]
    [InlineData("torch.randint(0, 10, new long[] { 8, 4 }).@float()")]
    [InlineData("torch.tensor(new float[4])")]
    public Task Scaled_and_other_inputs_are_silent(string input) => Verify.Reports(InLoss($"var loss = model.call({input}).mean();", setup: Pixels));

    [Theory]
    [InlineData("Sequential(BatchNorm1d(4), Linear(4, 3))")]
    [InlineData("Sequential(Embedding(256, 8), Linear(8, 3))")]
    [InlineData("new Scaling()")]
    [InlineData("(Module<Tensor, Tensor>)null")]
    public Task A_network_that_scales_its_input_or_is_not_known_is_silent(string model) => Verify.Reports(InLoss(
        "var loss = model.call(pixels.@float()).mean();",
        model,
        """
        class Scaling : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(4, 3);
            public Scaling() : base("scaling") { RegisterComponents(); }
            public override Tensor forward(Tensor x) => fc.forward(x / 255);
        }
        """,
        Pixels));

    [Fact]
    public Task Several_in_one_block_are_fixed_together() => Verify.Fixes(
        InLoss("""
            var one = model.{|#0:call|}(pixels.@float());
            var two = model.{|#1:forward|}(pixels.@double());
            var loss = (one + two).mean();
            """, setup: Pixels),
        InLoss("""
            var one = model.call(pixels.@float() / 255);
            var two = model.forward(pixels.@double() / 255);
            var loss = (one + two).mean();
            """, setup: Pixels),
        [Expect.Info("GL4009", 0), Expect.Info("GL4009", 1)]);

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() => Verify.Reports(
        Usings + """
        var model = Sequential(Linear(4, 3));
        model.{|#0:call|}(torch.tensor(new byte[4]).@float()).sum().backward();
        """,
        [Expect.Info("GL4009", 0)],
        Setup.TopLevelStatements);

    [Fact]
    public Task Inference_is_silent() => Verify.Reports(InClass("""
        static Tensor Predict(SmallNet model, byte[] pixels) { using (torch.no_grad()) return model.call(torch.tensor(pixels).@float()); }
        """));

    [Fact]
    public Task A_users_own_network_is_not_meant() => Verify.Reports("""
        class Net { public object call(object x) => x; object Train(byte[] pixels) => call(pixels); }
        """);

    [Theory]
    [InlineData("var loss = model.call(x, torch.tensor(new byte[4])")]
    [InlineData("var loss = model.call(pixels.);")]
    public Task Half_typed_code_is_silent(string body) => Verify.Reports(InLoss(body, setup: Pixels), setup: Setup.HalfTyped);

    private const string Pixels = "var pixels = torch.randint(0, 256, new long[] { 8, 4 });";
}
