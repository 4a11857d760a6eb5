namespace GradLint.Benchmarks;

/// <summary>What a snapshot costs at the default interval, as a share of the steps between two.</summary>
internal static class SnapshotCost
{
    private const double Bar = 0.01;

    public static void Run()
    {
        int interval = new RecoveryOptions().SnapshotInterval;
        Console.WriteLine($"A snapshot every {interval} steps. Bar: <= {Bar:P0} of the time of the steps.");
        Console.WriteLine("model        parameters   step us  snapshot us   share");
        foreach (Workload workload in Workload.All())
        {
            using (workload)
            {
                Run(workload, interval);
            }
        }
    }

    private static void Run(Workload workload, int interval)
    {
        using var without = GradientGuard.For(workload.Model, workload.Optimizer, new() { Recovery = null });
        using var every = GradientGuard.For(workload.Model, workload.Optimizer, new() { Recovery = new() { SnapshotInterval = 1 } });
        double[] microseconds = Stopwatches.Medians(
            TimeSpan.FromSeconds(4),
            () =>
            {
                workload.Backward().Dispose();
                workload.Optimizer.step()?.Dispose();
            },
            () => without.Inspect(),
            () => every.Inspect());
        double snapshot = Math.Max(microseconds[2] - microseconds[1], 0);
        double share = snapshot / interval / microseconds[0];
        Console.WriteLine(
            $"{workload.Name,-11} {workload.Elements / 1e6,10:F2} M {microseconds[0],9:F0} {snapshot,12:F0} "
            + $"{share,7:P2}{(share <= Bar ? "" : "  missed")}");
    }
}
