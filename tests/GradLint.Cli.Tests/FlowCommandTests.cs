using System.Text.Json;
using GradLint.SignalPropagation;

namespace GradLint.Cli.Tests;

public sealed class FlowCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Json_holds_exactly_what_is_promised()
    {
        string file = _folder.Write("Exploding.cs", Code.Exploding);
        GradientFlow expected = SignalPropagator.Propagate(NetworkGraph.Parse("""
            input = Input
            fc1 = Linear(64 -> 256, weight: Normal, bias: FanInUniform) <- input
            relu = Activation(ReLU) <- fc1
            fc2 = Linear(256 -> 256, weight: Normal, bias: FanInUniform) <- relu
            relu2 = Activation(ReLU) <- fc2
            fc3 = Linear(256 -> 10, weight: Normal, bias: FanInUniform) <- relu2
            """));

        ToolResult result = await Tool.RunAsync("flow", file, "--json");

        Assert.Equal((0, ""), (result.Code, result.Errors));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal(["models"], Names(json.RootElement));
        JsonElement model = Assert.Single(json.RootElement.GetProperty("models").EnumerateArray());
        Assert.Equal(["name", "file", "line", "growth", "low", "high", "class", "layers", "assumptions", "opaque"], Names(model));
        Assert.Equal("Exploding", model.GetProperty("name").GetString());
        Assert.Equal(file.Replace('\\', '/'), model.GetProperty("file").GetString());
        Assert.Equal(7, model.GetProperty("line").GetInt32());
        Assert.Equal(expected.Growth!.Value, model.GetProperty("growth").GetDouble(), 1e-6);
        Assert.Equal(expected.Low!.Value, model.GetProperty("low").GetDouble(), 1e-6);
        Assert.Equal(expected.High!.Value, model.GetProperty("high").GetDouble(), 1e-6);
        Assert.Equal("explodes", model.GetProperty("class").GetString());
        Assert.Equal(
            expected.Layers.Select(layer => (layer.Name, "Linear", Math.Round(layer.Log10GradientNorm, 6))),
            model.GetProperty("layers").EnumerateArray().Select(layer =>
                (layer.GetProperty("name").GetString()!, layer.GetProperty("kind").GetString()!, layer.GetProperty("log10GradientNorm").GetDouble())));
        Assert.All(model.GetProperty("layers").EnumerateArray(), layer => Assert.Equal(["name", "kind", "log10GradientNorm"], Names(layer)));
        Assert.Contains("the batch has 64 samples", model.GetProperty("assumptions").EnumerateArray().Select(text => text.GetString()));
        Assert.Empty(model.GetProperty("opaque").EnumerateArray());
    }

    [Fact]
    public async Task The_table_shows_each_layer_with_a_bar_and_says_what_the_growth_means()
    {
        ToolResult result = await Tool.RunAsync("flow", _folder.Write("Exploding.cs", Code.Exploding));

        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.StartsWith("Exploding  ", result.Output, StringComparison.Ordinal);
        Assert.Contains("Exploding.cs(7)  explodes", result.Output, StringComparison.Ordinal);
        Assert.Contains("times larger on its way from 'fc3' back to 'fc1'", result.Output.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        string row = Assert.Single(result.OutputLines, line => line.TrimStart().StartsWith("fc2 ", StringComparison.Ordinal));
        Assert.Matches(@"fc2 +Linear +256 -> 256 +normal_\(0, 1\) +\d+\.\d\d +█+", row);
        Assert.Contains("normal_(0, 1) of 2 layers", result.Output, StringComparison.Ordinal);
        Assert.Equal("1 model: 1 explodes", result.OutputLines[^1]);
        Assert.All(result.OutputLines, line => Assert.InRange(line.TrimEnd().Length, 0, 100));
        Assert.DoesNotContain('\e', result.Output);
    }

    [Fact]
    public async Task A_growth_of_nothing_is_put_into_words()
    {
        ToolResult result = await Tool.RunAsync("flow", _folder.Write("Net.cs", """
            using static TorchSharp.torch.nn;

            var last = Linear(32, 32);
            init.orthogonal_(last.weight);
            var net = Sequential(Embedding(100, 32), last);
            """));

        Assert.Contains("hardly larger or smaller on its way from '1' back to '0'", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('!', result.Output);
    }

    [Fact]
    public async Task A_larger_gradient_has_a_longer_bar()
    {
        ToolResult result = await Tool.RunAsync("flow", _folder.Write("Net.cs", """
            using static TorchSharp.torch.nn;

            var net = Sequential(("a", Linear(64, 64)), ("s1", Sigmoid()), ("b", Linear(64, 64)), ("s2", Sigmoid()), ("c", Linear(64, 8)));
            """));

        int[] bars = [.. new[] { "a", "b", "c" }.Select(name =>
            result.OutputLines.Single(line => line.TrimStart().StartsWith(name + " ", StringComparison.Ordinal)).Count(character => character is > '▀' and <= '█'))];
        Assert.True(bars[0] > 0 && bars[0] < bars[1] && bars[1] < bars[2], string.Join(", ", bars));
    }

    [Theory]
    [InlineData("public static class Nets { public static TorchSharp.Modules.Sequential Mlp() => Sequential(Linear(4, 8), ReLU(), Linear(8, 2)); }", "Mlp")]
    [InlineData("public class Holder { private readonly TorchSharp.Modules.Sequential _net = Sequential(Linear(4, 8), ReLU(), Linear(8, 2)); }", "_net")]
    [InlineData("public class Holder { public TorchSharp.Modules.Sequential Net { get; } = Sequential(Linear(4, 8), ReLU(), Linear(8, 2)); }", "Net")]
    [InlineData("var mlp = Sequential(Linear(4, 8), ReLU(), Linear(8, 2)); mlp.eval();", "mlp")]
    [InlineData("public static class Nets { public static void Train() { var inner = Sequential(Linear(4, 8), ReLU(), Linear(8, 2)); inner.train(); } }", "inner")]
    public async Task A_Sequential_is_named_after_what_holds_it(string code, string name)
    {
        JsonElement model = await SingleModelAsync("using static TorchSharp.torch.nn;\n" + code);

        Assert.Equal((name, 2), (model.GetProperty("name").GetString(), model.GetProperty("line").GetInt32()));
        Assert.Equal(2, model.GetProperty("layers").GetArrayLength());
        Assert.Equal("fine", model.GetProperty("class").GetString());
    }

    [Fact]
    public async Task Implicit_usings_are_there_where_a_file_needs_them()
    {
        JsonElement model = await SingleModelAsync(Code.Factory);

        Assert.Equal(["first", "last"], model.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Implicit_usings_are_not_there_where_they_make_a_name_mean_two_things()
    {
        JsonElement model = await SingleModelAsync("""
            using Mine;
            using static TorchSharp.torch.nn;

            var timer = new Timer();
            var net = Sequential(Linear(timer.Width, 8), ReLU(), Linear(8, 2));

            namespace Mine
            {
                public sealed class Timer { public int Width => 4; }
            }
            """);

        Assert.Equal("net", model.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_program_may_name_its_packages_itself() =>
        Assert.Equal("net", (await SingleModelAsync("""
            #:package TorchSharp@0.107.0
            using static TorchSharp.torch.nn;

            var net = Sequential(Linear(4, 8), ReLU(), Linear(8, 2));
            """)).GetProperty("name").GetString());

    [Fact]
    public async Task Programs_in_one_folder_do_not_disturb_each_other()
    {
        _folder.Write("A.cs", "using static TorchSharp.torch.nn;\nvar a = Nets.Make(4);\nclass Same;");
        _folder.Write("B.cs", "using static TorchSharp.torch.nn;\nvar b = Sequential(Linear(4, 8), ReLU(), Linear(8, 2));\nclass Same;");
        _folder.Write("inner/Nets.cs", "using static TorchSharp.torch.nn;\nstatic class Nets { public static TorchSharp.Modules.Sequential Make(int n) => Sequential(Linear(n, 8), ReLU(), Linear(8, 2)); }");
        _folder.Write("bin/Old.cs", "this does not compile");

        ToolResult result = await Tool.RunAsync("flow", _folder.Path, "--json");

        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.Equal(["b", "Make"], Models(result).Select(model => model.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task What_cannot_be_predicted_is_null_and_has_its_reason()
    {
        JsonElement model = await SingleModelAsync("""
            using TorchSharp;
            using TorchSharp.Modules;
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;

            public sealed class Odd : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(8, 8);
                private readonly Linear fc2 = Linear(8, 2);
                public Odd() : base("odd") => RegisterComponents();
                public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).cumprod(1));
            }
            """);

        Assert.Equal(("Odd", "unpredictable"), (model.GetProperty("name").GetString(), model.GetProperty("class").GetString()));
        Assert.Equal(JsonValueKind.Null, model.GetProperty("growth").ValueKind);
        Assert.All(model.GetProperty("layers").EnumerateArray(), layer => Assert.Equal(JsonValueKind.Null, layer.GetProperty("log10GradientNorm").ValueKind));
        Assert.Equal(["fc1", "fc2"], model.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("name").GetString()));
        Assert.Contains("cumprod", Assert.Single(model.GetProperty("opaque").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_is_not_understood_is_not_left_out_of_the_growth_where_it_may_hold_layers()
    {
        JsonElement model = await SingleModelAsync("""
            using TorchSharp;
            using TorchSharp.Modules;
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;

            public sealed class Hidden : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(8, 8);
                private readonly Linear fc2 = Linear(8, 8);
                private readonly Linear fc3 = Linear(8, 2);
                public Hidden() : base("hidden") => RegisterComponents();
                public override Tensor forward(Tensor x) => fc3.call(fc2.call(Choose(System.Environment.TickCount).call(x)));
                private Linear Choose(int i) => i % 2 == 0 ? fc1 : fc2;
            }
            """);

        Assert.Equal(("Hidden", "unpredictable"), (model.GetProperty("name").GetString(), model.GetProperty("class").GetString()));
        Assert.NotEmpty(model.GetProperty("opaque").EnumerateArray());
    }

    [Fact]
    public async Task A_gradient_of_zero_is_a_number_in_the_JSON()
    {
        JsonElement model = await SingleModelAsync("""
            using TorchSharp;
            using TorchSharp.Modules;
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;

            public sealed class Dead : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(8, 8);
                private readonly Linear fc2 = Linear(8, 2);
                private readonly Linear fc3 = Linear(2, 2);

                public Dead() : base("dead")
                {
                    RegisterComponents();
                    init.zeros_(fc2.weight);
                }

                public override Tensor forward(Tensor x) => fc3.call(fc2.call(fc1.call(x)));
            }
            """);

        Assert.Equal(("vanishes", -9999), (model.GetProperty("class").GetString(), model.GetProperty("growth").GetDouble()));
    }

    [Fact]
    public async Task One_layer_neither_explodes_nor_vanishes()
    {
        JsonElement model = await SingleModelAsync("using static TorchSharp.torch.nn;\nvar net = Sequential(Linear(784, 10));");

        Assert.Equal(("fine", 0), (model.GetProperty("class").GetString(), model.GetProperty("growth").GetDouble()));
    }

    [Fact]
    public async Task Modules_without_weights_are_no_models()
    {
        string file = _folder.Write("Swish.cs", """
            using TorchSharp;
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;

            public sealed class Swish() : Module<Tensor, Tensor>("swish")
            {
                public override Tensor forward(Tensor x) => x * x.sigmoid().cumprod(0);
            }
            """);

        ToolResult result = await Tool.RunAsync("flow", file);

        Assert.Equal((2, ""), (result.Code, result.Output));
        Assert.Equal($"gradlint: '{file}' holds no TorchSharp model.", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task What_does_not_compile_is_said_in_one_line_and_the_rest_is_shown()
    {
        string file = _folder.Write("Exploding.cs", Code.Exploding + "\n\npublic class Broken { public int F() => missing; Unknown G; }\n");

        ToolResult result = await Tool.RunAsync("flow", file, "--json");

        Assert.Equal(2, result.Code);
        Assert.Equal("explodes", Assert.Single(Models(result)).GetProperty("class").GetString());
        Assert.StartsWith($"gradlint: {file}(", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Contains("error CS", result.Errors, StringComparison.Ordinal);
        Assert.Contains("the first of 2 errors", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_model_of_several_can_be_asked_for()
    {
        _folder.Write("Exploding.cs", Code.Exploding);
        _folder.Write("Nets.cs", Code.Factory);

        ToolResult small = await Tool.RunAsync("flow", _folder.Path, "--json", "--model", "small");
        ToolResult missing = await Tool.RunAsync("flow", _folder.Path, "--model", "Large");

        Assert.Equal("Small", Assert.Single(Models(small)).GetProperty("name").GetString());
        Assert.Equal((2, ""), (missing.Code, missing.Output));
        Assert.Equal("gradlint: No model is called 'Large': there are Exploding, Small.", Assert.Single(missing.ErrorLines));
    }

    [Fact]
    public async Task The_picture_has_a_dot_for_every_layer()
    {
        string picture = _folder.File("flow.svg");

        ToolResult result = await Tool.RunAsync("flow", _folder.Write("Exploding.cs", Code.Exploding), "--svg", picture);

        Assert.Equal(0, result.Code);
        var svg = System.Xml.Linq.XDocument.Load(picture);
        Assert.Equal(3, svg.Descendants().Count(element => element.Name.LocalName == "circle"));
        Assert.Contains(svg.Descendants(), element => element.Value == "Exploding");
    }

    [Fact]
    public async Task A_picture_that_cannot_be_written_is_said_in_one_line()
    {
        ToolResult result = await Tool.RunAsync("flow", _folder.Write("Exploding.cs", Code.Exploding), "--svg", _folder.File("no/such/folder.svg"));

        Assert.Equal(2, result.Code);
        Assert.StartsWith("gradlint: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.cs", "does not exist")]
    [InlineData("notes.txt", "is no C# file, project (.csproj) or solution (.sln, .slnx)")]
    [InlineData("empty", "holds no C# files")]
    [InlineData("two", "holds 2 solutions: name one of a.sln, b.slnx")]
    public async Task A_path_that_cannot_be_read_is_said_in_one_line(string name, string reason)
    {
        _folder.Write("notes.txt", "");
        _folder.Write("empty/readme.md", "");
        _folder.Write("two/a.sln", "");
        _folder.Write("two/b.slnx", "");

        ToolResult result = await Tool.RunAsync("flow", _folder.File(name));

        Assert.Equal((2, ""), (result.Code, result.Output));
        Assert.Equal($"gradlint: '{_folder.File(name)}' {reason}.", Assert.Single(result.ErrorLines));
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];

    private static JsonElement[] Models(ToolResult result) =>
        [.. JsonDocument.Parse(result.Output).RootElement.GetProperty("models").EnumerateArray()];

    private async Task<JsonElement> SingleModelAsync(string code)
    {
        ToolResult result = await Tool.RunAsync("flow", _folder.Write("Code.cs", code), "--json");
        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.DoesNotContain("NaN", result.Output, StringComparison.Ordinal);
        return Assert.Single(Models(result));
    }
}
