using GradLint.Benchmarks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Cuda;

/// <summary>What the guard finds and does on a device, beside what it finds and does with the same numbers on the CPU.</summary>
internal static class Checks
{
    public static int Run(Device device)
    {
        Console.WriteLine();
        Console.WriteLine("gradients             type      outcome   norm on the device   on the CPU   largest difference");
        int failures = 0;
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16])
        {
            foreach ((string name, double scale) in ((string, double)[])[
                ("small", 1e-4), ("to be clipped", 1), ("NaN", double.NaN), ("infinite", double.PositiveInfinity), ("zero", 0)])
            {
                failures += Agree(device, type, name, scale) ? 0 : 1;
            }
        }

        failures += Agree(device, ScalarType.Float32, "norm overflows", 1e25) ? 0 : 1;
        return failures;
    }

    private static bool Agree(Device device, ScalarType type, string name, double scale)
    {
        _ = manual_seed(1);
        using var near = new GradientSet(50, 100_000);
        using var far = new GradientSet(50, 100_000);
        Move(near, near, type, CPU, scale);
        Move(near, far, type, device, 1);
        (StepVerdict onCpu, StepVerdict onDevice) = (Inspect(near, throughMemory: true), Inspect(far, throughMemory: false));
        double difference = near.parameters().Zip(far.parameters()).Max(pair => Difference(pair.First, pair.Second));
        double tolerance = type is ScalarType.Float16 or ScalarType.BFloat16 ? 1e-2 : 1e-5;
        bool agree = (onCpu.Outcome, onCpu.Reason) == (onDevice.Outcome, onDevice.Reason)
            && !(Math.Abs(onCpu.GradientNorm - onDevice.GradientNorm) > 1e-5 * onCpu.GradientNorm)
            && difference <= tolerance;
        Console.WriteLine(
            $"{name,-20}  {type,-8}  {onDevice.Outcome,-8}  {onDevice.GradientNorm,18:G7} {onCpu.GradientNorm,12:G7} {difference,20:G2}"
            + (agree ? "" : "  FAILED"));
        return agree;
    }

    private static void Move(GradientSet from, GradientSet to, ScalarType type, Device device, double scale)
    {
        using IDisposable noGradient = no_grad();
        Tensor[] gradients = [.. from.parameters().Select((p, i) => i % 7 == 3 || double.IsFinite(scale) ? p.grad! * scale : p.grad!)];
        _ = to.to(device, type);
        foreach ((Parameter parameter, Tensor gradient) in to.parameters().Zip(gradients))
        {
            parameter.grad = gradient.to(type).to(device);
        }
    }

    private static StepVerdict Inspect(GradientSet model, bool throughMemory)
    {
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);
        using var guard = GradientGuard.For(model, optimizer, new() { Recovery = null }, throughMemory);
        using Tensor loss = ones(1, device: model.parameters().First().device);
        return guard.Inspect(loss);
    }

    /// <summary>The largest difference of two elements, not counting those that are not finite in both, in parts of the largest.</summary>
    private static double Difference(Parameter near, Parameter far)
    {
        using Tensor expected = near.grad!.to(ScalarType.Float64).nan_to_num(0, 0, 0);
        using Tensor actual = far.grad!.cpu().to(ScalarType.Float64).nan_to_num(0, 0, 0);
        double largest = expected.abs().max().item<double>();
        return (expected - actual).abs().max().item<double>() / Math.Max(largest, double.Epsilon);
    }
}
