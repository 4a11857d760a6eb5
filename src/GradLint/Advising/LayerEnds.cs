using TorchSharp.Modules;

namespace GradLint;

/// <summary>The gradient norms of a model's first and last weight layer, as averages of their logarithms over the latest steps.</summary>
/// <remarks>
/// A weight layer is a parameter with two dimensions or more, in the model's order. Those without a gradient, or with one that is zero
/// throughout, are passed over: they are frozen, or dead.
/// </remarks>
internal sealed class LayerEnds : IGuardState
{
    /// <summary>As many steps count, and are needed before anything is said.</summary>
    private const int Window = 32;

    private int[] _weights = [];
    private IReadOnlyList<string> _names = [];
    private double _first;
    private double _last;
    private int _count;

    public bool IsReady => _count >= Window;

    /// <summary>The first layer's norm over the last's.</summary>
    public double Ratio => Math.Pow(10, _first - _last);

    public double FirstNorm => Math.Pow(10, _first);

    public string FirstName { get; private set; } = "";

    public string LastName { get; private set; } = "";

    public void Attach(IReadOnlyList<string> names, IReadOnlyList<Parameter> parameters)
    {
        _names = names;
        _weights = [.. Enumerable.Range(0, parameters.Count).Where(i => parameters[i].dim() >= 2)];
    }

    /// <summary>False if there is only one layer with a gradient, or none.</summary>
    public bool Add(in ObservedStep step)
    {
        if (!step.HasGradients || !TryFind(step.Measured.Each, out int first, out int last))
        {
            return false;
        }

        _count = Math.Min(_count + 1, Window);
        _first += (Math.Log10(step.Measured.Each[first].Squares.Norm) - _first) / _count;
        _last += (Math.Log10(step.Measured.Each[last].Squares.Norm) - _last) / _count;
        (FirstName, LastName) = (_names[first], _names[last]);
        return true;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_first);
        writer.Write(_last);
        writer.Write(_count);
    }

    public void Load(BinaryReader reader)
    {
        _first = reader.ReadDouble();
        _last = reader.ReadDouble();
        _count = reader.ReadInt32();
    }

    private bool TryFind(ReadOnlySpan<TensorStatistics> each, out int first, out int last)
    {
        (first, last) = (-1, -1);
        foreach (int weight in _weights)
        {
            if (each[weight].Squares.Sum > 0)
            {
                first = first < 0 ? weight : first;
                last = weight;
            }
        }

        return first < last;
    }
}
