using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>What a step of the guard allocates on the managed heap once it is warm, snapshots apart.</summary>
internal static class Allocations
{
    /// <summary>The second snapshot is taken in step 101, the third in step 201: what they need is there by then.</summary>
    private const int WarmUp = 201;

    private const int Steps = 99;

    public static void Run()
    {
        Console.WriteLine($"Bytes that the guard allocates on the managed heap in {Steps} steps between two snapshots. Bar: 0.");
        foreach (Workload workload in Workload.All())
        {
            using (workload)
            {
                using var guard = GradientGuard.For(workload.Model, workload.Optimizer);
                long bytes = 0;
                for (int step = 0; step < WarmUp + Steps; step++)
                {
                    using Tensor loss = workload.Backward();
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    _ = guard.Inspect(loss);
                    bytes += step < WarmUp ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
                }

                Console.WriteLine($"{workload.Name,-11} {bytes,8}{(bytes == 0 ? "" : "  missed")}");
            }
        }
    }
}
