using System.Xml.Linq;
using TorchSharp;

namespace Quickstart.Tests;

public sealed class QuickstartCommandTests
{
    [Theory]
    [InlineData("--seed 'x' is not a whole number", "--seed", "x")]
    [InlineData("--seed '-1' is not a whole number", "--seed", "-1")]
    [InlineData("--seed", "--seed")]
    [InlineData("--epochs '0' is not a whole number from 1 on", "--epochs", "0")]
    [InlineData("--device 'tpu' is unknown: cpu or cuda", "--device", "tpu")]
    [InlineData("'--wrong'", "--wrong")]
    [InlineData("'stray'", "stray")]
    [InlineData("train-images-idx3-ubyte.gz' is missing", "--data", "/no/such/folder")]
    [InlineData("--output '/no/such/folder/picture.svg'", "--output", "/no/such/folder/picture.svg")]
    [InlineData("--output", "--output", ".")]
    [InlineData("--data", "--data", "")]
    [InlineData("--output", "--output", "")]
    public void A_mistake_is_told_in_one_line_with_exit_code_2(string told, params string[] args)
    {
        (int exitCode, string output, string errors) = Invoke(args);

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("quickstart: ", errors, StringComparison.Ordinal);
        Assert.Contains(told, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\r', '\n').Split('\n'));
    }

    [Fact]
    public void A_missing_GPU_is_told_in_one_line_with_exit_code_2()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "this machine has a GPU");

        (int exitCode, string output, string errors) = Invoke("--device", "cuda");

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("quickstart: --device cuda: there is no CUDA device", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\r', '\n').Split('\n'));
    }

    [Fact]
    public void Help_names_every_option()
    {
        (int exitCode, string output, string errors) = Invoke("--help");

        Assert.Equal(0, exitCode);
        Assert.Empty(errors);
        Assert.All(["--data", "--device", "--seed", "--epochs", "--output"], option => Assert.Contains(option, output, StringComparison.Ordinal));
    }

    [Fact]
    public void The_tour_ends_with_a_table_and_a_picture()
    {
        using var folder = new TemporaryFolder();
        string picture = folder.File("picture.svg");

        (int exitCode, string output, string errors) = Invoke("--epochs", "1", "--output", picture);

        Assert.Equal(0, exitCode);
        Assert.Empty(errors);
        Assert.Contains("guarded  step     1/80  loss ", output, StringComparison.Ordinal);
        Assert.Matches(@"bare .* NaN .* s", output);
        Assert.Contains($"Picture: {picture}", output, StringComparison.Ordinal);
        IEnumerable<string> drawn = XDocument.Load(picture).Root!.Elements().Where(element => element.Name.LocalName == "text").Select(text => text.Value);
        Assert.Superset(new HashSet<string> { "bare", "guarded", "fixed", "loss", "gradient norm before clipping" }, drawn.ToHashSet());
    }

    private static (int ExitCode, string Output, string Errors) Invoke(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int exitCode = QuickstartCommand.Invoke(args, output, errors);
        return (exitCode, output.ToString(), errors.ToString());
    }
}
