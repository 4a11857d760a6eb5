using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>The guard's share of a whole training step, with all defaults, snapshots included.</summary>
internal static class StepShare
{
    private const double Bar = 0.02;

    public static void Run()
    {
        Console.WriteLine($"The guard's share of a training step. Bar: <= {Bar:P0}.");
        Console.WriteLine("model        parameters   step us  guard us   share");
        foreach (Workload workload in Workload.All())
        {
            using (workload)
            {
                Run(workload);
            }
        }
    }

    private static void Run(Workload workload)
    {
        using var guard = GradientGuard.For(workload.Model, workload.Optimizer);
        Tensor? loss = null;
        double[] microseconds = Stopwatches.Medians(
            TimeSpan.FromSeconds(4),
            () => (loss = workload.Backward()).Dispose(),
            () =>
            {
                loss = workload.Backward();
            },
            () => guard.Inspect(loss),
            () =>
            {
                loss!.Dispose();
                workload.Optimizer.step()?.Dispose();
            });
        double step = microseconds[0] + microseconds[3];
        double share = microseconds[2] / step;
        Console.WriteLine(
            $"{workload.Name,-11} {workload.Elements / 1e6,10:F2} M {step,9:F0} {microseconds[2],9:F1} "
            + $"{share,7:P2}{(share <= Bar ? "" : "  missed")}");
    }
}
