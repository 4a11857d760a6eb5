using GradLint.Benchmarks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Cuda;

/// <summary>The guard's whole step on gradients that need no clipping, beside <c>clip_grad_norm_</c>, each until the device is done.</summary>
internal static class Times
{
    public static void Run(Device device)
    {
        Console.WriteLine();
        Console.WriteLine("tensors  parameters   guard us  clip_grad_norm_ us   guard/clip");
        foreach (long elements in (long[])[400_000, 5_000_000, 40_000_000])
        {
            foreach (int tensors in (int[])[40, 200, 1000])
            {
                Run(device, tensors, elements);
            }
        }
    }

    /// <summary>A model that is nothing but parameters with gradients.</summary>
    public static GradientSet OnDevice(Device device, int tensors, long elements)
    {
        var model = new GradientSet(tensors, elements);
        Tensor[] gradients = [.. model.parameters().Select(parameter => parameter.grad!.to(device))];
        _ = model.to(device);
        foreach ((Parameter parameter, Tensor gradient) in model.parameters().Zip(gradients))
        {
            parameter.grad = gradient;
        }

        return model;
    }

    private static void Run(Device device, int tensors, long elements)
    {
        using GradientSet model = OnDevice(device, tensors, elements);
        Parameter[] parameters = [.. model.parameters()];
        using optim.Optimizer optimizer = optim.SGD(parameters, 0.1);
        using var guard = GradientGuard.For(
            model, optimizer, new() { Clipping = new GlobalNormClipping(1e9), Recovery = null }, throughMemory: false);
        double[] microseconds = Stopwatches.Medians(
            TimeSpan.FromSeconds(1),
            () =>
            {
                _ = guard.Inspect();
                Wait(device);
            },
            () =>
            {
                _ = nn.utils.clip_grad_norm_(parameters, 1e9);
                Wait(device);
            });
        Console.WriteLine(
            $"{tensors,7} {elements / 1e6,10:F1} M {microseconds[0],9:F0} {microseconds[1],19:F0} {microseconds[0] / microseconds[1],12:F2}");
    }

    private static void Wait(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize();
        }
    }
}
