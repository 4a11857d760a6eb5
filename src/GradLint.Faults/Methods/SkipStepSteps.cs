using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>
/// OLMo-core's <c>SkipStepOptimizer</c> as published: skips a step whose loss or norm lies more than six standard deviations above the mean of
/// the latest 128, skipped ones included, once there are 64; clips the others.
/// </summary>
/// <remarks>It skips by multiplying the update with 0 on the device: where a gradient is not finite, that is NaN, and is taken.</remarks>
internal sealed class SkipStepSteps(nn.Module model, optim.Optimizer optimizer) : PublishedMethod(model, optimizer)
{
    private const int Window = 128;
    private const int WarmUp = 64;
    private const double Deviations = 6;

    private readonly Queue<double> _losses = new();
    private readonly Queue<double> _norms = new();

    public override long TakeStep(Tensor loss)
    {
        double lossValue = loss.item<float>();
        double norm = GradientNorm();
        bool skips = !(IsUsual(lossValue, _losses) && IsUsual(norm, _norms));
        Remember(lossValue, _losses);
        Remember(norm, _norms);
        if (skips && double.IsFinite(norm))
        {
            return 1;
        }

        Clip(MaxNorm);
        return Apply();
    }

    private static bool IsUsual(double value, Queue<double> values)
    {
        if (values.Count < WarmUp)
        {
            return true;
        }

        double mean = values.Average();
        double deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        return value - mean <= Deviations * deviation;
    }

    private static void Remember(double value, Queue<double> values)
    {
        values.Enqueue(value);
        if (values.Count > Window)
        {
            _ = values.Dequeue();
        }
    }
}
