using System.Text.Json.Nodes;

namespace GradLint;

/// <summary>A quantity over the steps: the first steps one by one, then the least, mean and largest of as many as share a place.</summary>
internal sealed class Curve
{
    private const int First = 256;
    private const int Places = 1500;
    private const int PlacesOfShare = 100;
    private const int LeastOfShare = 10;

    private readonly List<float> _steps = [];
    private readonly List<float> _least = [];
    private readonly List<float> _mean = [];
    private readonly List<float> _largest = [];

    /// <summary>Values that are not finite are left out; a place that has none else is NaN.</summary>
    public static Curve Of(IReadOnlyList<RunStep> steps, Func<RunStep, double> value)
    {
        int rest = Math.Max(0, steps.Count - First);
        int width = Math.Max(1, (rest + Places - 1) / Places);
        return Of(steps, value, start => start < First ? 1 : width);
    }

    /// <summary>The share of steps of a kind: among ten steps at least, because one step alone has no share.</summary>
    public static Curve OfShare(IReadOnlyList<RunStep> steps, Func<RunStep, bool> isOfKind)
    {
        int width = Math.Max(LeastOfShare, (steps.Count + PlacesOfShare - 1) / PlacesOfShare);
        return Of(steps, step => isOfKind(step) ? 1 : 0, _ => width);
    }

    public JsonObject ToJson() => new()
    {
        ["x"] = Packed(_steps),
        ["low"] = Packed(_least),
        ["mean"] = Packed(_mean),
        ["high"] = Packed(_largest),
    };

    private static Curve Of(IReadOnlyList<RunStep> steps, Func<RunStep, double> value, Func<int, int> widthAt)
    {
        var curve = new Curve();
        for (int start = 0; start < steps.Count;)
        {
            int end = Math.Min(start + widthAt(start), steps.Count);
            curve.Add(steps, start, end, value);
            start = end;
        }

        return curve;
    }

    private static string Packed(List<float> values) => ReportData.Base64(values.ToArray());

    private void Add(IReadOnlyList<RunStep> steps, int start, int end, Func<RunStep, double> value)
    {
        (double least, double sum, double largest) = (double.PositiveInfinity, 0, double.NegativeInfinity);
        int count = 0;
        for (int i = start; i < end; i++)
        {
            double one = value(steps[i]);
            if (double.IsFinite(one))
            {
                (least, sum, largest) = (Math.Min(least, one), sum + one, Math.Max(largest, one));
                count++;
            }
        }

        _steps.Add(steps[end - 1].Step);
        _least.Add(count == 0 ? float.NaN : (float)least);
        _mean.Add(count == 0 ? float.NaN : (float)(sum / count));
        _largest.Add(count == 0 ? float.NaN : (float)largest);
    }
}
