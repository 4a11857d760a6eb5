using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>The weights as they were before a step.</summary>
internal sealed class WeightCopy : IDisposable
{
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly Tensor[] _copies;

    public WeightCopy(long step, IReadOnlyList<Parameter> parameters)
    {
        using IDisposable noGradients = no_grad();
        Step = step;
        _parameters = parameters;
        _copies = [.. parameters.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())];
    }

    public long Step { get; }

    /// <summary>|dW|/|W| of each layer: how far the weights are from where they were. NaN for weights that were zero.</summary>
    public double[] UpdateRatios(LayerStatistics layers)
    {
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var updates = new double[layers.Names.Count];
        var weights = new double[layers.Names.Count];
        for (int i = 0; i < _copies.Length; i++)
        {
            int layer = layers.LayerOf(i);
            LayerStatistics.Append(ref updates[layer], (_parameters[i] - _copies[i]).norm().to(ScalarType.Float64).item<double>());
            LayerStatistics.Append(ref weights[layer], _copies[i].norm().to(ScalarType.Float64).item<double>());
        }

        return [.. updates.Zip(weights, (update, weight) => update / weight)];
    }

    public void Dispose()
    {
        foreach (Tensor copy in _copies)
        {
            copy.Dispose();
        }
    }
}
