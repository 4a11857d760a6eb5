namespace GradLint.Cli.Tests;

public sealed class ReportCommandTests
{
    [Fact]
    public async Task A_log_that_is_not_there_is_said_in_one_line()
    {
        ToolResult result = await Tool.RunAsync("report", "nowhere.jsonl");

        Assert.Equal((2, ""), (result.Code, result.Output));
        Assert.Contains("nowhere.jsonl", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty.jsonl", "report.html", "empty.jsonl is empty: a run log has a line as soon as it is started.")]
    [InlineData("newer.jsonl", "report.html", "newer.jsonl is a run log of schema 9; this version of GradLint reads schema 1. Use a later one.")]
    [InlineData(".", "report.html", ". is a folder. Name the file of the log.")]
    [InlineData("run.jsonl", ".", ". is a folder. Name the file of the report.")]
    [InlineData("run.jsonl", "run.jsonl", "The report would replace the log run.jsonl. Choose another file with --output.")]
    [InlineData("run.jsonl", "nowhere/report.html", "There is no folder nowhere for the report. Create it, or choose another file with --output.")]
    public async Task What_is_wrong_is_said_in_one_line(string log, string page, string message)
    {
        using var folder = new TemporaryFolder();
        _ = folder.Write("empty.jsonl", "");
        _ = folder.Write("run.jsonl", Head(schema: 1));
        _ = folder.Write("newer.jsonl", Head(schema: 9));

        ToolResult result = await Tool.RunAsync("report", folder.File(log), "--output", folder.File(page));

        Assert.Equal((2, ""), (result.Code, result.Output));
        Assert.Equal($"gradlint: {message}", Assert.Single(result.ErrorLines).Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_is_cut_off_has_a_report_and_a_line_that_says_so()
    {
        using var folder = new TemporaryFolder();
        _ = folder.Write("run.jsonl", Head(schema: 1) + "{\"type\":\"st");

        ToolResult result = await Tool.RunAsync("report", folder.File("run.jsonl"));

        Assert.Equal(0, result.Code);
        Assert.True(File.Exists(folder.File("run.html")));
        Assert.Equal("gradlint: The log ends within line 2: the run was cut off, and what followed is not known.", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task A_file_that_is_no_log_is_said_in_one_line_and_stays()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "hello\n", TestContext.Current.CancellationToken);

            ToolResult result = await Tool.RunAsync("report", file, "--output", file);

            Assert.Equal(2, result.Code);
            Assert.Single(result.ErrorLines);
            Assert.Equal("hello\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task The_fault_study_says_where_libtorch_is_missing()
    {
        ToolResult result = await Tool.RunAsync("faults", "--libtorch", "nowhere");

        Assert.Equal((2, ""), (result.Code, result.Output));
        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("gradlint: libtorch 2.10.0 was not found: there is no ", line, StringComparison.Ordinal);
        Assert.Contains("nowhere", line, StringComparison.Ordinal);
        Assert.EndsWith("or name the folder by --libtorch.", line, StringComparison.Ordinal);
    }

    private static string Head(int schema) =>
        $$"""{"type":"run","schema":{{schema}},"gradlint":"0.1.0","started":"2026-01-02T03:04:05+00:00","model":"Net","optimizer":"SGD","clipping":"none"}""" + "\n";
}
