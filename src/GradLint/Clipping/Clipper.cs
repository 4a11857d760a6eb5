using static TorchSharp.torch;

namespace GradLint;

/// <summary>Clips the gradients of one run. One instance serves all steps.</summary>
internal abstract class Clipper : IGuardState
{
    /// <summary>The norm above which all gradients are clipped, if there is one: in the latest step, or the next.</summary>
    public virtual double? Threshold => null;

    /// <summary>The norm up to which gradients are taken for harmless; 0 if this kind knows none.</summary>
    public virtual double HarmlessNorm => 0;

    /// <summary>Is told the parameters whose gradients follow: on attaching, and when others join.</summary>
    public virtual void Attach(GuardedParameters guarded)
    {
    }

    /// <summary>Clips gradients that are finite. True if any was changed.</summary>
    public abstract bool Clip(ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured);

    public virtual void Save(BinaryWriter writer)
    {
    }

    public virtual void Load(BinaryReader reader)
    {
    }
}

/// <summary>Scales all gradients by one factor, so that the norm of all together is at most a threshold.</summary>
internal abstract class GlobalClipper(bool throughMemory) : Clipper
{
    private double? _threshold;

    public sealed override double? Threshold => _threshold ?? NextThreshold;

    /// <summary>What is known of the threshold before the next norm is.</summary>
    protected abstract double? NextThreshold { get; }

    public sealed override bool Clip(ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured)
    {
        _threshold = ThresholdFor(Math.Min(measured.Total.Squares.Norm, double.MaxValue));
        if (!(measured.Total.Squares.Norm > _threshold))
        {
            return false;
        }

        Scale(gradients, measured.Flat, measured.Total.Squares.FactorTo(_threshold.Value));
        return true;
    }

    private void Scale(ReadOnlySpan<Tensor?> gradients, FlatGradients? flat, double factor)
    {
        if (flat is null)
        {
            GradientScaling.Scale(gradients, factor, throughMemory);
            return;
        }

        flat.Scale(factor);
        for (int i = 0; i < gradients.Length; i++)
        {
            if (!flat.IsHeld(i))
            {
                GradientScaling.Scale(gradients.Slice(i, 1), factor, throughMemory);
            }
        }
    }

    /// <summary>The threshold for a norm, null to let it pass. Where a kind learns from the norms, it learns from this one here.</summary>
    protected abstract double? ThresholdFor(double norm);

    /// <summary>Infinity stands for no limit.</summary>
    protected static double HarmlessBelow(double maxNorm) => double.IsFinite(maxNorm) ? maxNorm : 0;
}
