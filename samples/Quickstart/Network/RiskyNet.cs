using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Quickstart;

/// <summary>
/// A deep classifier of 28 x 28 images with the mistakes that GradLint is for. This file is also shipped as source: the
/// program lints it, applies the code fixes and trains the result, so it depends on nothing but TorchSharp.
/// </summary>
public sealed class RiskyNet : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _layers;

    public RiskyNet()
        : base(nameof(RiskyNet))
    {
        int[] widths = [28 * 28, 200, 200, 200, 200, 200, 200, 200, 200, 10];
        var layers = new List<Module<Tensor, Tensor>>();
        for (int i = 1; i < widths.Length; i++)
        {
            var layer = Linear(widths[i - 1], widths[i]);
            init.normal_(layer.weight, 0, 0.2);
            layers.Add(layer);
            if (i < widths.Length - 1)
            {
                layers.Add(ReLU());
            }
        }

        _layers = Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor images) => _layers.forward(images);

    /// <summary>Tells <paramref name="observe"/> the model and the loss of each step, once the gradients are there.</summary>
    public static RiskyNet Train(IEnumerable<(Tensor Images, Tensor Labels)> batches, Device device, Action<Module, Tensor> observe)
    {
        var model = new RiskyNet();
        model.to(device);
        using var optimizer = optim.SGD(model.parameters(), 0.1, momentum: 0.9);
        foreach (var (images, labels) in batches)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = functional.cross_entropy(model.call(images), labels);
            loss.backward();
            observe(model, loss);
            optimizer.step();
        }

        return model;
    }
}
