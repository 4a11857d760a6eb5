using System.Globalization;
using System.Runtime.InteropServices;
using GradLint.Benchmarks;

// Prints the bars of the guard, what it costs beside what it replaces, and of the analyzers. Without arguments all of them, or those that are named:
// measure, share, snapshot, allocations, reporting, analysis. "compile SOURCES ASSEMBLIES" compiles a project with and without the rules. "kill 200" kills a training that writes checkpoints 200 times, and takes minutes.
// "faults" runs the fault study, "temporal-order" and "exploding" reproduce published results; on one thread, and for up to an hour.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case [KillStudy.Name, ..]:
        return KillStudy.Run(args[1..]);
    case [TemporalOrder.Name, ..]:
        TorchSharp.torch.set_num_threads(1);
        return TemporalOrder.Run(args[1..]);
    case [ExplodingModels.Name]:
        TorchSharp.torch.set_num_threads(1);
        return ExplodingModels.Run();
    case [CompileShare.Name, ..]:
        return CompileShare.Run(args[1..]);
    case [Faults.Name, ..]:
        TorchSharp.torch.set_num_threads(1);
        return Faults.Run(args[1..]);
    default:
        break;
}

(string Name, Action Run)[] benchmarks =
[
    ("measure", MeasurementCost.Run),
    ("share", StepShare.Run),
    ("snapshot", SnapshotCost.Run),
    ("allocations", Allocations.Run),
    ("reporting", ReportingCost.Run),
    ("analysis", AnalysisCost.Run),
];

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
