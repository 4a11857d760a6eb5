using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>
/// ZClip as published (Kumar and others, 2025), with its defaults: a moving mean and deviation of the norms, which NaN enters, and
/// which a lasting rise never does.
/// </summary>
internal sealed class ZClipSteps(nn.Module model, optim.Optimizer optimizer) : PublishedMethod(model, optimizer)
{
    private const double Smoothing = 0.97;
    private const double Threshold = 2.5;
    private const double Epsilon = 1e-6;
    private const int WarmUp = 25;

    private readonly List<double> _first = [];
    private double _mean;
    private double _variance;

    public override long TakeStep(Tensor loss)
    {
        double norm = GradientNorm();
        if (_first.Count < WarmUp)
        {
            _first.Add(norm);
            _mean = _first.Average();
            _variance = _first.Average(first => (first - _mean) * (first - _mean));
            Clip(MaxNorm);
            return Apply();
        }

        double deviation = Math.Sqrt(_variance);
        double z = (norm - _mean) / (deviation + Epsilon);
        double limited = z > Threshold ? _mean + (Threshold * deviation / (z / Threshold)) : norm;
        Clip(Math.Min(limited, MaxNorm));
        _mean = (Smoothing * _mean) + ((1 - Smoothing) * limited);
        _variance = (Smoothing * _variance) + ((1 - Smoothing) * (limited - _mean) * (limited - _mean));
        return Apply();
    }
}
