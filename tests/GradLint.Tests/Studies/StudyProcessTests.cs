using System.Diagnostics;
using System.Text.Json;

namespace GradLint.Tests;

/// <summary>A whole program, tests/GradLint.StudyProgram, whose study trains in processes of its own: run, and killed.</summary>
public sealed class StudyProcessTests : IDisposable
{
    private const int Trials = 9;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("gradlint-study-").FullName;

    private string Results => Path.Combine(_folder, "study.jsonl");

    private string Picture => Path.Combine(_folder, "study.svg");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Processes_come_to_the_same_results_as_trainings_one_after_the_other()
    {
        (int code, string table) = await RunAsync(processes: 2);
        string[] inProcesses = [.. LinesOf(Results).Order()];
        File.Delete(Results);
        (_, string sameTable) = await RunAsync(processes: 0);

        Assert.Equal((0, 1 + Trials), (code, inProcesses.Length));
        Assert.Equal(LinesOf(Results).Order(), inProcesses);
        // What the processes print is not the study's.
        Assert.Equal(sameTable, table);
        string[] rows = table.Split('\n');
        Assert.Matches(@"^none +NaN \+- NaN +3 of 3", rows[1]);
        Assert.Matches(@"^clip global norm 1 +[\d.]+ \+- [\d.]+ +0 of 3", rows[2]);
        Assert.Matches("^ELU +no result: the model has no ReLU", rows[3]);
        Assert.Contains("3 of 3 diverged", await File.ReadAllTextAsync(Picture, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_that_is_killed_takes_its_processes_with_it_and_goes_on_with_what_is_done()
    {
        string[] done;
        int[] left;
        using (Process study = Start(processes: 2, pause: 40))
        {
            await UntilAsync(() => LinesOf(Results).Length >= 3 && ChildrenOf(study).Length > 0);
            left = ChildrenOf(study);
            study.Kill();
            await study.WaitForExitAsync(Cancellation);
            done = LinesOf(Results);
        }

        await UntilAsync(() => !left.Any(IsRunning));
        Assert.InRange(done.Length, 3, Trials);
        Assert.Equal(done, LinesOf(Results));

        (int code, string table) = await RunAsync(processes: 2);

        Assert.Equal(0, code);
        Assert.Equal(done, LinesOf(Results)[..done.Length]);
        Assert.Equal(1 + Trials, LinesOf(Results).Length);
        Assert.Contains("3 of 3", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_that_is_killed_is_in_the_table_without_a_result_and_trained_by_the_next_study()
    {
        using Process study = Start(processes: 1, pause: 40);
        // The first trial's process.
        await UntilAsync(() => ChildrenOf(study).Length > 0);
        using (var trial = Process.GetProcessById(ChildrenOf(study)[0]))
        {
            trial.Kill();
        }

        string table = await study.StandardOutput.ReadToEndAsync(Cancellation);

        Assert.Matches(@"none .* 2 of 2 .*  1 without result: its process ended with exit code \d+", table);
        Assert.Equal(Trials, LinesOf(Results).Length);
        (_, string whole) = await RunAsync(processes: 1);
        Assert.Matches("none .* 3 of 3 ", whole);
        Assert.Equal(1 + Trials, LinesOf(Results).Length);
    }

    [Fact]
    public async Task A_process_that_takes_too_much_memory_is_ended_and_trained_again_with_more()
    {
        (int code, string table) = await RunAsync(processes: 2, megabytes: 1);

        Assert.Equal(0, code);
        Assert.Contains("no result: it took more than 1 MB of memory", table, StringComparison.Ordinal);
        Assert.Single(LinesOf(Results));
        (_, string whole) = await RunAsync(processes: 2);
        Assert.DoesNotContain("memory", whole, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The whole lines of a file that may be being written; each is JSON.</summary>
    private static string[] LinesOf(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string text = file.ReadToEnd();
        string[] lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
        return lines;
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < s_patience, "It did not come to that.");
            await Task.Delay(20, Cancellation);
        }
    }

    private static int[] ChildrenOf(Process parent)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells, in /proc, whose child a process is.");
        try
        {
            // Each thread has its own.
            return
            [
                .. Directory.GetDirectories($"/proc/{parent.Id}/task")
                    .SelectMany(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse),
            ];
        }
        catch (IOException)
        {
            // A thread of it has just ended.
            return [];
        }
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private async Task<(int Code, string Table)> RunAsync(int processes, int megabytes = 2000)
    {
        using Process study = Start(processes, pause: 0, megabytes);
        string table = await study.StandardOutput.ReadToEndAsync(Cancellation);
        await study.WaitForExitAsync(Cancellation);
        return (study.ExitCode, table);
    }

    private Process Start(int processes, int pause, int megabytes = 2000) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "GradLint.StudyProgram.dll"), Results, Picture, $"{processes}", $"{megabytes}", $"{pause}"])
    {
        RedirectStandardOutput = true,
    })!;
}
