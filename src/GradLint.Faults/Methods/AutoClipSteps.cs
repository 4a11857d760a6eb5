using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>
/// AutoClip as published (Seetharaman and others, 2020): clips to the tenth percentile of all norms so far. A NaN among them makes the
/// percentile NaN for good, and with it every gradient that is clipped.
/// </summary>
internal sealed class AutoClipSteps(nn.Module model, optim.Optimizer optimizer) : PublishedMethod(model, optimizer)
{
    private const double Percentile = 0.1;

    private readonly List<double> _norms = [];

    public override long TakeStep(Tensor loss)
    {
        double norm = GradientNorm();
        int place = _norms.BinarySearch(norm);
        _norms.Insert(place < 0 ? ~place : place, norm);
        // NaN sorts before all numbers.
        double rank = Percentile * (_norms.Count - 1);
        int below = (int)rank;
        double above = _norms[Math.Min(below + 1, _norms.Count - 1)];
        Clip(double.IsNaN(_norms[0]) ? double.NaN : _norms[below] + ((rank - below) * (above - _norms[below])));
        return Apply();
    }
}
