using System.Text;
using System.Text.Json;

namespace GradLint.Cli.Tests;

public sealed class CheckCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Findings_look_like_a_compilers_and_make_the_exit_code_1()
    {
        string file = _folder.Write("Training.cs", Code.BadThreshold);

        ToolResult result = await Tool.RunAsync("check", file);

        Assert.Equal((1, ""), (result.Code, result.Errors));
        Assert.StartsWith($"{file}(9,54): warning GL2003: ", result.OutputLines[0], StringComparison.Ordinal);
        Assert.Equal("1 diagnostic", result.OutputLines[^1]);
    }

    [Fact]
    public async Task Nothing_found_is_exit_code_0()
    {
        ToolResult result = await Tool.RunAsync("check", _folder.Write("Harmless.cs", Code.Harmless));

        Assert.Equal((0, "", "nothing to report"), (result.Code, result.Errors, result.Output.Trim()));
    }

    [Theory]
    [InlineData("info", 1)]
    [InlineData("warning", 0)]
    [InlineData("error", 0)]
    public async Task Only_what_reaches_the_severity_counts(string severity, int code)
    {
        string file = _folder.Write("Training.cs", Code.BadThreshold.Replace("0.0", "double.PositiveInfinity", StringComparison.Ordinal));

        ToolResult result = await Tool.RunAsync("check", file, "--severity", severity);

        Assert.Equal((code, ""), (result.Code, result.Errors));
        Assert.Equal(code == 1, result.Output.Contains("info GL2003", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("none", 0)]
    [InlineData("suggestion", 0)]
    [InlineData("error", 1)]
    public async Task The_editorconfig_above_the_file_counts(string severity, int code)
    {
        _folder.Write(".editorconfig", $"root = true\n[*.cs]\ndotnet_diagnostic.GL2003.severity = {severity}\n");

        ToolResult result = await Tool.RunAsync("check", _folder.Write("inner/Training.cs", Code.BadThreshold));

        Assert.Equal(code, result.Code);
        Assert.Equal(code == 1, result.Output.Contains("error GL2003", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pragma_silences_a_line()
    {
        string file = _folder.Write("Training.cs", "#pragma warning disable GL2003\n" + Code.BadThreshold);

        Assert.Equal(0, (await Tool.RunAsync("check", file, "--severity", "info")).Code);
    }

    [Fact]
    public async Task Json_tells_where_and_what()
    {
        string file = _folder.Write("Training.cs", Code.BadThreshold);

        ToolResult result = await Tool.RunAsync("check", file, "--format", "json");

        JsonElement found = Assert.Single(JsonDocument.Parse(result.Output).RootElement.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal(["id", "severity", "message", "file", "line", "column", "endLine", "endColumn"], found.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("GL2003", "warning", file.Replace('\\', '/')), (found.GetProperty("id").GetString(), found.GetProperty("severity").GetString(), found.GetProperty("file").GetString()));
        Assert.Equal((9, 54, 9, 57), (found.GetProperty("line").GetInt32(), found.GetProperty("column").GetInt32(), found.GetProperty("endLine").GetInt32(), found.GetProperty("endColumn").GetInt32()));
    }

    [Fact]
    public async Task Code_that_does_not_compile_is_exit_code_2_and_still_checked()
    {
        string file = _folder.Write("Training.cs", Code.BadThreshold + "\npublic class Half { public void F() { int x = ; } }\n");

        ToolResult result = await Tool.RunAsync("check", file);

        Assert.Equal(2, result.Code);
        Assert.Contains("warning GL2003", result.Output, StringComparison.Ordinal);
        Assert.StartsWith($"gradlint: {file}(13,", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fix_repairs_the_file_and_reports_what_is_left()
    {
        string file = _folder.Write("Training.cs", Code.BadThreshold);

        ToolResult result = await Tool.RunAsync("check", file, "--fix");

        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.Equal([$"fixed {file}", "nothing to report"], result.OutputLines);
        Assert.Equal(Code.BadThreshold.Replace("0.0", "1.0", StringComparison.Ordinal), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Fix_repairs_all_hits_of_all_rules_in_all_files()
    {
        string first = _folder.Write("First.cs", Code.BadThreshold.Replace("Console.WriteLine(\"clipped\")", "nn.utils.clip_grad_norm_(model.parameters(), -2.0)", StringComparison.Ordinal));
        string second = _folder.Write("Second.cs", Code.BadThreshold.Replace("Training", "Second", StringComparison.Ordinal));
        string network = _folder.Write("Exploding.cs", Code.Exploding);

        ToolResult result = await Tool.RunAsync("check", _folder.Path, "--fix");

        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.Equal(2, Count(first, "1.0"));
        Assert.Equal(1, Count(second, "1.0"));
        Assert.Equal((1, 1), (Count(network, "kaiming_normal_"), Count(network, "xavier_uniform_")));

        static int Count(string file, string text) => File.ReadAllText(file).Split(text).Length - 1;
    }

    [Theory]
    [InlineData(true, "\r\n")]
    [InlineData(true, "\n")]
    [InlineData(false, "\r\n")]
    [InlineData(false, "\n")]
    public async Task Fix_keeps_encoding_and_line_breaks(bool byteOrderMark, string lineBreak)
    {
        string before = Code.BadThreshold.ReplaceLineEndings(lineBreak).Replace("clipped", "gekürzt", StringComparison.Ordinal);
        var encoding = new UTF8Encoding(byteOrderMark);
        string file = _folder.File("Training.cs");
        await File.WriteAllTextAsync(file, before, encoding, TestContext.Current.CancellationToken);

        Assert.Equal(0, (await Tool.RunAsync("check", file, "--fix")).Code);

        byte[] expected = [.. encoding.GetPreamble(), .. encoding.GetBytes(before.Replace("0.0", "1.0", StringComparison.Ordinal))];
        Assert.Equal(expected, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_dry_run_shows_the_diff_and_writes_nothing()
    {
        string file = _folder.Write("Training.cs", Code.BadThreshold);

        ToolResult result = await Tool.RunAsync("check", file, "--fix", "--dry-run");

        Assert.Equal((1, ""), (result.Code, result.Errors));
        Assert.Equal(Code.BadThreshold, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.StartsWith("--- a/", result.OutputLines[0], StringComparison.Ordinal);
        Assert.StartsWith("+++ b/", result.OutputLines[1], StringComparison.Ordinal);
        Assert.Equal("@@ -6,7 +6,7 @@", result.OutputLines[2]);
        Assert.Contains("-        nn.utils.clip_grad_norm_(model.parameters(), 0.0);", result.OutputLines);
        Assert.Contains("+        nn.utils.clip_grad_norm_(model.parameters(), 1.0);", result.OutputLines);
        Assert.Equal(2, result.OutputLines.Count(line => line[0] is '+' or '-' && !line.StartsWith("---", StringComparison.Ordinal) && !line.StartsWith("+++", StringComparison.Ordinal)));
    }

    public void Dispose() => _folder.Dispose();
}
