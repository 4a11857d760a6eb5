using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using GradLint;
using GradLint.EditorLatency;
using GradLint.Proofs;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

// Prints how long an editor waits for GradLint, as the tables of docs/analyzer-performance.md; each figure is the least of several rounds, 3 unless told:
//   dotnet run -c Release --project tests/GradLint.EditorLatency -- [rounds]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Lines = 500;
const int Changes = 200;
const int WarmUp = 100;
const int OtherFiles = 20;
const int ManyFiles = 250;
int rounds = args is [var given] ? int.Parse(given) : 3;
ImmutableArray<DiagnosticAnalyzer> nothing = [new EmptyAnalyzer()];
Console.WriteLine($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}; load {Machine.Load}");
Console.WriteLine();
Console.WriteLine($"A file of {Lines} lines, {Changes} keystrokes (after {WarmUp} to warm up); milliseconds to the diagnostics of the file, the least of {rounds} rounds");
Console.WriteLine();
Console.WriteLine("| the model class is made of | other files | median | 95 % | the compiler alone | last half / first half | memory kept, MB |");
Console.WriteLine("|---|---|---|---|---|---|---|");
foreach (GeneratedCode.LongClass kind in GeneratedCode.LongClasses)
{
    await PrintTypingAsync(kind, OtherFiles);
}

await PrintTypingAsync(GeneratedCode.LongClasses[0], ManyFiles);
Console.WriteLine();
Console.WriteLine("| in the same solution of two projects | milliseconds |");
Console.WriteLine("|---|---|");
await PrintActionsAsync();
Console.WriteLine();
Console.WriteLine($"Load at the end {Machine.Load}");
return;

async Task PrintTypingAsync(GeneratedCode.LongClass kind, int others)
{
    Latency[] all = new Latency[rounds];
    Latency[] empty = new Latency[rounds];
    for (int round = 0; round < rounds; round++)
    {
        empty[round] = await TypeAsync(kind, others, nothing);
        all[round] = await TypeAsync(kind, others, Rules.Analyzers);
    }

    Console.WriteLine(
        $"| {kind.Name} | {others} | {all.Min(run => run.Median):0} | {all.Min(run => run.NinetyFifth):0} | {empty.Min(run => run.Median):0} "
        + $"| {all.Min(run => run.Slowdown):0.00} | {all.Min(run => run.MegabytesKept):0.0} |");
}

async Task<Latency> TypeAsync(GeneratedCode.LongClass kind, int others, ImmutableArray<DiagnosticAnalyzer> analyzers)
{
    using EditorSession session = Open(kind, others, analyzers);
    await Latency.OfTypingAsync(session, WarmUp, CancellationToken.None);
    return await Latency.OfTypingAsync(session, Changes, CancellationToken.None);
}

async Task PrintActionsAsync()
{
    var times = new Dictionary<string, double>();
    for (int round = 0; round < rounds + 1; round++)
    {
        using EditorSession session = Open(GeneratedCode.LongClasses[0], OtherFiles, Rules.Analyzers);
        await Latency.OfTypingAsync(session, WarmUp / 4, CancellationToken.None);
        await session.MistypeThresholdAsync(CancellationToken.None);
        OfferedAction offer = (await Timed("code actions at a position", async () => await session.ActionsAtWrongThresholdAsync(CancellationToken.None)))[0];
        foreach (FixAllScope scope in new[] { FixAllScope.Document, FixAllScope.Project, FixAllScope.Solution })
        {
            await Timed($"preview of fix all in the {scope.ToString().ToLowerInvariant()}", () => session.PreviewFixAllAsync(offer, scope, CancellationToken.None));
        }

        await Timed("the fix applied", async () =>
        {
            await session.ApplyAsync(offer, CancellationToken.None);
            return offer;
        });
    }

    foreach ((string what, double least) in times)
    {
        Console.WriteLine($"| {what} | {least:0} |");
    }

    async Task<T> Timed<T>(string what, Func<Task<T>> action)
    {
        long start = Stopwatch.GetTimestamp();
        T result = await action();
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        times[what] = times.TryGetValue(what, out double least) ? Math.Min(least, time) : time;
        return result;
    }
}

static EditorSession Open(GeneratedCode.LongClass kind, int others, ImmutableArray<DiagnosticAnalyzer> analyzers) => new(
    analyzers,
    Rules.CodeFixes,
    [OpenFile.Of(kind, Lines), OpenFile.WithWrongThresholds(0, 3), .. Enumerable.Range(0, others).Select(GeneratedCode.Small)],
    [OpenFile.WithWrongThresholds(1, 3), .. Enumerable.Range(0, OtherFiles / 2).Select(GeneratedCode.Small)]);
