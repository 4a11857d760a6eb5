using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Brings about the gradients of one optimizer step, from one batch or the mean of several.</summary>
/// <param name="guard">Knows the parameters that are trained, each once.</param>
/// <param name="accumulation">How many batches a step has.</param>
/// <param name="penalty">What the squared gradient norm is multiplied with and added to the loss.</param>
internal sealed class StepGradients(GradientGuard guard, int accumulation, double penalty) : IDisposable
{
    private Tensor? _sum;
    private int _batches;

    public bool AreComplete => _batches == accumulation;

    public bool AreBegun => _batches > 0;

    /// <param name="loss">That of one batch. The caller's scope disposes it.</param>
    public void Add(Tensor loss)
    {
        Tensor share = penalty > 0 ? loss + (penalty * SquaredNorm(loss)) : loss;
        (accumulation > 1 ? share / accumulation : share).backward();
        Tensor sum = _sum is null ? loss.detach() : _sum + loss.detach();
        _sum?.Dispose();
        _sum = sum.DetachFromDisposeScope();
        _batches++;
    }

    /// <summary>Ends the step. The mean loss of its batches; the caller's scope disposes it.</summary>
    public Tensor Complete()
    {
        // The last step of an epoch may have fewer batches.
        if (!AreComplete)
        {
            using IDisposable noGradients = no_grad();
            foreach (Parameter parameter in guard.Parameters)
            {
                using Tensor? gradient = parameter.grad;
                gradient?.mul_((double)accumulation / _batches);
            }
        }

        Tensor mean = _sum! / _batches;
        Dispose();
        return mean;
    }

    public void Dispose()
    {
        _sum?.Dispose();
        (_sum, _batches) = (null, 0);
    }

    private Tensor SquaredNorm(Tensor loss)
    {
        IEnumerable<Tensor?> gradients = autograd.grad(
            [loss], [.. guard.Parameters.Where(parameter => parameter.requires_grad)], retain_graph: true, create_graph: true,
            allow_unused: true);
        return gradients.Where(gradient => gradient is { IsInvalid: false }).Select(gradient => gradient!.square().sum()).Aggregate((sum, next) => sum + next);
    }
}
