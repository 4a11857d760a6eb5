using System.Globalization;
using System.Runtime.InteropServices;
using GradLint.Benchmarks;

// Prints the bars of the guard, what it costs beside what it replaces, and of the analyzers. Without arguments all of them, or those that are named:
// measure, share, snapshot, allocations, analysis. "kill 200" kills a training that writes checkpoints 200 times, and takes minutes.
if (args is [KillStudy.Name, ..])
{
    return KillStudy.Run(args[1..]);
}

(string Name, Action Run)[] benchmarks =
[
    ("measure", MeasurementCost.Run),
    ("share", StepShare.Run),
    ("snapshot", SnapshotCost.Run),
    ("allocations", Allocations.Run),
    ("analysis", AnalysisCost.Run),
];

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] unknown = [.. args.Except(benchmarks.Select(benchmark => benchmark.Name))];
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"Unknown: {string.Join(", ", unknown)}. There are {string.Join(", ", benchmarks.Select(b => b.Name))}.");
    return 1;
}

Console.WriteLine(
    $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors, "
    + $"{RuntimeInformation.FrameworkDescription}, libtorch threads {TorchSharp.torch.get_num_threads()}");
foreach ((_, Action run) in benchmarks.Where(benchmark => args.Length == 0 || args.Contains(benchmark.Name)))
{
    Console.WriteLine();
    run();
}

return 0;
