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
}
