using System.Diagnostics;
using System.Text.Json;

namespace GradLint.Fuzz;

/// <summary>
/// Analyses a row of mutants in a process of its own, which is this program started again: a mutant that uses up the stack takes that process down and no other.
/// </summary>
internal static class Worker
{
    private const string Command = "analyse";

    /// <summary>A mutant that takes longer than this is given up, and the process with it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>Starts a process that analyses the mutants in turn, and hands on what comes of each until one ends the process.</summary>
    public static async IAsyncEnumerable<Outcome> Start(int seed, int first, int count)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Worker).Assembly.Location, Command, $"{seed}", $"{first}", $"{count}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_GCHeapHardLimit"] = "80000000", ["DOTNET_gcServer"] = "0" },
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        int next = first;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            yield return JsonSerializer.Deserialize<Outcome>(line)!;
            next++;
        }

        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            yield return new Outcome(next, TimeSpan.Zero, 0, Fault.Death, $"exit code {process.ExitCode}\n{await errors}");
        }
    }

    /// <summary>The other end: whether the arguments ask for mutants to be analysed, and analysing them.</summary>
    public static async Task<bool> IsAskedAsync(string[] args)
    {
        if (args is not [Command, var seed, var first, var count])
        {
            return false;
        }

        var mutants = new Mutants(int.Parse(seed));
        await OfAsync(new Mutant(-1, mutants[0].Source, mutants[0].Tree));
        foreach (int number in Enumerable.Range(int.Parse(first), int.Parse(count)))
        {
            Outcome outcome = await OfAsync(mutants[number]);
            Console.WriteLine(JsonSerializer.Serialize(outcome));
            if (outcome.Fault == Fault.Hang)
            {
                break;
            }
        }

        // Not by returning: an analysis that does not end would hold the process.
        Environment.Exit(0);
        return true;
    }

    private static async Task<Outcome> OfAsync(Mutant mutant)
    {
        using var cancellation = new CancellationTokenSource(s_patience);
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        try
        {
            (int diagnostics, IReadOnlyCollection<string> crashes) =
                await Task.Run(() => Analysis.OfAsync(mutant.Tree, cancellation.Token)).WaitAsync(s_patience * 2);
            TimeSpan processor = Environment.CpuUsage.TotalTime - before;
            TimeSpan time = processor < clock.Elapsed ? processor : clock.Elapsed;
            Fault fault = crashes.Count > 0 ? Fault.Crash : time > Outcome.Bar ? Fault.Slow : Fault.None;
            return new Outcome(mutant.Number, time, diagnostics, fault, string.Join('\n', crashes.Distinct()));
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            return new Outcome(mutant.Number, clock.Elapsed, 0, Fault.Hang, $"given up after {clock.Elapsed.TotalSeconds:0} s");
        }
        catch (Exception exception) when (Analysis.CompilerFailsOn(mutant.Tree))
        {
            return new Outcome(mutant.Number, clock.Elapsed, 0, Fault.CompilerFails, exception.ToString());
        }
    }
}
