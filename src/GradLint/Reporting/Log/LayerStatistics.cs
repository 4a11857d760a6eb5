namespace GradLint;

/// <summary>The gradient norms of the layers, from those of their parameters. One instance serves all steps.</summary>
internal sealed class LayerStatistics
{
    private readonly int[] _layerOfParameter;
    private readonly double[] _norms;

    public LayerStatistics(IReadOnlyList<string> parameters)
    {
        string[] layers = [.. parameters.Select(Layer.Of)];
        Names = [.. layers.Distinct()];
        Dictionary<string, int> places = Names.Select((name, i) => (name, i)).ToDictionary();
        _layerOfParameter = [.. layers.Select(layer => places[layer])];
        _norms = new double[Names.Count];
    }

    /// <summary>The layers, in the model's order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>NaN where a gradient is not finite.</summary>
    public ReadOnlySpan<double> Norms => _norms;

    public int LayerOf(int parameter) => _layerOfParameter[parameter];

    public void Read(in StepMeasurement measurement)
    {
        Array.Clear(_norms);
        for (int i = 0; i < _layerOfParameter.Length; i++)
        {
            Append(ref _norms[_layerOfParameter[i]], measurement.NormOf(i));
        }
    }

    /// <summary>The norm of both together. Does not overflow where the result does not.</summary>
    public static void Append(ref double norm, double other)
    {
        (double large, double small) = norm >= other ? (norm, other) : (other, norm);
        double ratio = large == 0 || double.IsInfinity(large) ? 0 : small / large;
        norm = double.IsNaN(norm + other) ? double.NaN : large * Math.Sqrt(1 + (ratio * ratio));
    }
}
