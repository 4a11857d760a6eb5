using GradLint.Benchmarks;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Cuda;

/// <summary>
/// How many tensor operations a step of the guard takes: each gives a tensor, and those are counted. Of synchronizations there is one, where
/// the result comes to the host; they are not counted here, but a profiler shows them.
/// </summary>
internal static class Operations
{
    private const int Most = 20;

    public static void Run(Device device, ref int failures)
    {
        Console.WriteLine();
        Console.WriteLine($"tensors  operations in a step that clips (at most {Most}, the same for all)");
        long former = 0;
        foreach (int tensors in (int[])[40, 200, 1000])
        {
            long operations = Count(device, tensors);
            bool passes = operations <= Most && (former == 0 || operations == former);
            Console.WriteLine($"{tensors,7}  {operations}{(passes ? "" : "  FAILED")}");
            failures += passes ? 0 : 1;
            former = operations;
        }
    }

    private static long Count(Device device, int tensors)
    {
        using GradientSet model = Times.OnDevice(device, tensors, 400_000);
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);
        using var guard = GradientGuard.For(model, optimizer, new() { Recovery = null }, throughMemory: false);
        using Tensor loss = ones(1, device: device);
        _ = guard.Inspect(loss);
        _ = model.parameters().First().grad!.mul_(1e6);
        long before = Created();
        _ = guard.Inspect(loss);
        return Created() - before;
    }

    private static long Created() =>
        DisposeScopeManager.Statistics.TensorStatistics.CreatedInScopeCount
        + DisposeScopeManager.Statistics.TensorStatistics.CreatedOutsideScopeCount;
}
