using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>What is let pass in a step, known before the step is: infinity lets all pass that is finite.</summary>
/// <param name="ClipNorm">The norm to which larger ones are clipped.</param>
/// <param name="SpikeNorm">The norm beyond which a step has no effect.</param>
/// <param name="SpikeLoss">The loss beyond which a step has no effect.</param>
internal readonly record struct StepLimits(double ClipNorm, double SpikeNorm, double SpikeLoss);

/// <summary>
/// Decides about a step on the device and tells in the next step what was found: nobody waits for the device to be done with this one.
/// </summary>
/// <remarks>
/// What was found is copied to the host while the device goes on, and a number after it: copies are made in order, so once the number is
/// there, so is the rest. It is waited for only where the device is more than a step behind.
/// </remarks>
internal sealed class LateDecision(FlatGradients flat, int parameterCount) : IDisposable
{
    private readonly TensorStatistics[] _each = new TensorStatistics[parameterCount];
    private Tensor? _found;
    private Tensor? _number;
    private double _sent;

    /// <summary>Whether a step was decided about of which nothing was told yet.</summary>
    public bool IsPending { get; private set; }

    /// <summary>What was found in each parameter's gradient in the step before. Valid after <see cref="Receive"/>.</summary>
    public ReadOnlySpan<TensorStatistics> Each => _each;

    /// <summary>Scales the gradients, to nothing if they must have no effect.</summary>
    /// <param name="loss">The loss of the step; null if there is none.</param>
    /// <param name="limits">What is let pass.</param>
    public void Decide(Tensor? loss, StepLimits limits)
    {
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        (Tensor summary, Tensor norm) = flat.Summarize();
        Tensor value = loss is null ? torch.zeros(1, ScalarType.Float64, norm.device) : loss.detach().reshape(1).to(ScalarType.Float64).to(norm.device);
        Tensor passes = norm.isfinite() & (norm <= limits.SpikeNorm) & value.isfinite() & (value <= limits.SpikeLoss);
        Tensor factor = torch.where(passes, (limits.ClipNorm / norm).clamp_max(1), torch.zeros_like(norm));
        flat.ScaleFinite(factor);
        Send(torch.cat([summary, value, factor]));
    }

    /// <summary>Fetches what was found in the step before.</summary>
    /// <returns>Its loss, and what its gradients were multiplied with.</returns>
    public (double Loss, double Factor) Receive()
    {
        var wait = new SpinWait();
        while (Volatile.Read(ref MemoryMarshal.Cast<byte, double>(_number!.bytes)[0]) != _sent)
        {
            wait.SpinOnce();
        }

        IsPending = false;
        ReadOnlySpan<double> found = MemoryMarshal.Cast<byte, double>(_found!.bytes);
        flat.ReadLate(found, _each);
        return (found[^2], found[^1]);
    }

    public void Dispose()
    {
        _found?.Dispose();
        _number?.Dispose();
    }

    private void Send(Tensor message)
    {
        _found ??= OnHost(message.numel(), message.device_type);
        _number ??= OnHost(1, message.device_type);
        _ = _found.copy_(message, nonBlocking: true);
        _ = _number.copy_(torch.full(1, ++_sent, ScalarType.Float64, message.device), nonBlocking: true);
        IsPending = true;
    }

    /// <summary>A device writes into the host's memory by itself only where that stays in place.</summary>
    private static Tensor OnHost(long count, DeviceType device)
    {
        using Tensor plain = torch.zeros(count, ScalarType.Float64);
        return (device == DeviceType.CPU ? plain.clone() : plain.pin_memory()).DetachFromDisposeScope();
    }
}
