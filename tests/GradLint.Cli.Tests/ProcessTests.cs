using System.Diagnostics;
using System.Text.Json;
using GradLint.Cli.CommandLine;

namespace GradLint.Cli.Tests;

/// <summary>The tool as its users run it: a process of its own.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task It_runs_and_writes_plain_text_where_nobody_watches()
    {
        _folder.Write("Exploding.cs", Code.Exploding);
        using Process tool = Start("flow", "Exploding.cs", "--json");

        string output = await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await tool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (tool.ExitCode, errors));
        Assert.DoesNotContain('\e', output);
        Assert.Equal("Exploding.cs", JsonDocument.Parse(output).RootElement.GetProperty("models")[0].GetProperty("file").GetString());
    }

    [Fact]
    public async Task It_trains_with_the_libtorch_of_the_NuGet_cache()
    {
        using Process tool = Start(
            "faults", "--model", "MLP", "--optimizer", "SGD", "--method", "GradientGuard", "--seeds", "1", "--steps", "100", "--json", "faults.json", "--picture", "faults.png");

        string output = await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await tool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (tool.ExitCode, errors));
        Assert.StartsWith("| fault | GradientGuard |", output, StringComparison.Ordinal);
        Assert.Contains("| parameters that end as NaN | 0/12 |", output, StringComparison.Ordinal);
        Assert.Equal(12, JsonDocument.Parse(File.ReadAllText(_folder.File("faults.json"))).RootElement.GetProperty("cases").GetArrayLength());
        Assert.True(new FileInfo(_folder.File("faults.png")).Length > 1000);
    }

    [Fact]
    public async Task A_reader_that_goes_away_is_no_error()
    {
        using Process tool = Start("explain", "GL2001");
        tool.StandardOutput.Close();

        string errors = await tool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (tool.ExitCode, errors));
    }

    [Fact]
    public async Task A_signal_ends_it_without_a_stack_trace_even_where_it_waits_for_a_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a pipe with a name in the file system");
        CancellationToken cancellation = TestContext.Current.CancellationToken;

        string file = _folder.File("Endless.cs");
        await RunAsync("mkfifo", file);
        using Process tool = Start("flow", file);
        try
        {
            Task<string> errors = tool.StandardError.ReadToEndAsync(cancellation);

            // A pipe opens once both ends do; whoever reads it waits until the writer is done.
            await using FileStream silent = await Task.Run(() => new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), cancellation).WaitAsync(TimeSpan.FromMinutes(1), cancellation);

            // Not Ctrl+C's SIGINT: what a shell starts in the background is deaf to it, and so is all that it starts in turn.
            await RunAsync("kill", "-TERM", $"{tool.Id}");
            await tool.WaitForExitAsync(cancellation).WaitAsync(TimeSpan.FromMinutes(1), cancellation);

            Assert.Equal((ExitCode.Terminated, ""), (tool.ExitCode, await errors));
        }
        finally
        {
            tool.Kill();
        }
    }

    public void Dispose() => _folder.Dispose();

    private Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(GradLintTool).Assembly.Location, .. args])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static async Task RunAsync(string program, params string[] args)
    {
        using Process process = Process.Start(program, args);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
