using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>
/// The guard's whole step on gradients that need no clipping, beside <c>clip_grad_norm_</c> and a plain read of their memory.
/// </summary>
internal static class MeasurementCost
{
    private const double ClipBar = 0.5;
    private const double ReadBar = 1.3;

    public static void Run()
    {
        Console.WriteLine($"Measure and decide. Bars: <= {ClipBar} x clip_grad_norm_; <= {ReadBar} x a plain read at 40 M.");
        Console.WriteLine("tensors  parameters   guard us  clip_grad_norm_ us   read us   guard/clip  guard/read");
        foreach (long elements in (long[])[400_000, 5_000_000, 40_000_000])
        {
            foreach (int tensors in (int[])[40, 200, 1000])
            {
                Run(tensors, elements);
            }
        }
    }

    private static void Run(int tensors, long elements)
    {
        using var model = new GradientSet(tensors, elements);
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = new GlobalNormClipping(1e9), Recovery = null });
        Parameter[] parameters = [.. model.parameters()];
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.grad!)];
        double[] microseconds = Stopwatches.Medians(
            TimeSpan.FromSeconds(2.5),
            () => guard.Inspect(),
            () => nn.utils.clip_grad_norm_(parameters, 1e9),
            () => Read(gradients));
        (double ofGuard, double ofClip, double ofRead) = (microseconds[0], microseconds[1], microseconds[2]);
        string verdict = ofGuard <= ClipBar * ofClip && (elements < 40_000_000 || ofGuard <= ReadBar * ofRead) ? "" : "  missed";
        Console.WriteLine(
            $"{tensors,7} {elements / 1e6,10:F1} M {ofGuard,10:F0} {ofClip,19:F0} {ofRead,9:F0} "
            + $"{ofGuard / ofClip,11:F2} {ofGuard / ofRead,11:F2}{verdict}");
    }

    /// <summary>Adds all elements up, each tensor on one thread, on as many threads as there are processors.</summary>
    private static float Read(Tensor[] gradients)
    {
        float total = 0;
        var sums = new float[gradients.Length];
        _ = Parallel.For(0, gradients.Length, i => sums[i] = Sum(MemoryMarshal.Cast<byte, Vector256<float>>(gradients[i].bytes)));
        foreach (float sum in sums)
        {
            total += sum;
        }

        return total;
    }

    private static float Sum(ReadOnlySpan<Vector256<float>> values)
    {
        Vector256<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        int i = 0;
        for (; i + 3 < values.Length; i += 4)
        {
            sum0 += values[i];
            sum1 += values[i + 1];
            sum2 += values[i + 2];
            sum3 += values[i + 3];
        }

        for (; i < values.Length; i++)
        {
            sum0 += values[i];
        }

        return Vector256.Sum(sum0 + sum1 + (sum2 + sum3));
    }
}
