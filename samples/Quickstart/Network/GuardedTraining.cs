using GradLint;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Quickstart;

/// <summary>The loop of <see cref="RiskyNet.Train"/> with the guard: one line more, and <c>guard.Step</c> takes the optimizer's step.</summary>
internal static class GuardedTraining
{
    /// <summary>Tells <paramref name="observe"/> the guard's verdict on each step.</summary>
    public static RiskyNet Train(IEnumerable<(Tensor Images, Tensor Labels)> batches, Device device, Action<StepVerdict> observe)
    {
        var model = new RiskyNet();
        model.to(device);
        using var optimizer = optim.SGD(model.parameters(), 0.1, momentum: 0.9);
        using var guard = GradientGuard.For(model, optimizer);
        foreach (var (images, labels) in batches)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = functional.cross_entropy(model.call(images), labels);
            loss.backward();
            observe(guard.Step(loss));
        }

        return model;
    }
}
