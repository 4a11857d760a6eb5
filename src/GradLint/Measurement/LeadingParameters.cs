namespace GradLint;

/// <summary>Finds the parameters that a verdict names. Allocates only when they lead for the first time.</summary>
internal sealed class LeadingParameters(IReadOnlyList<string> names, int limit)
{
    private const int MaxKnown = 4096;

    private readonly int[] _leaders = new int[Math.Min(limit, names.Count)];
    private readonly double[] _norms = new double[Math.Min(limit, names.Count)];
    private readonly Dictionary<ulong, NamedLeaders> _known = [];

    /// <summary>Those with the largest norms, largest first; the first in the model leads among equals.</summary>
    public IReadOnlyList<string> WithLargestNorm(ReadOnlySpan<TensorStatistics> statistics)
    {
        int count = 0;
        for (int i = 0; i < statistics.Length; i++)
        {
            double norm = statistics[i].Squares.Norm;
            if (norm > 0 && (count < _leaders.Length || (count > 0 && norm > _norms[count - 1])))
            {
                count = Math.Min(count + 1, _leaders.Length);
                Insert(i, norm, count);
            }
        }

        return NamesOf(_leaders.AsSpan(0, count));
    }

    /// <summary>Those with non-finite elements, last in the model first: the backward pass reached it first.</summary>
    public IReadOnlyList<string> NonFinite(ReadOnlySpan<TensorStatistics> statistics)
    {
        int count = 0;
        for (int i = statistics.Length - 1; i >= 0 && count < _leaders.Length; i--)
        {
            if (statistics[i].NonFinite > 0)
            {
                _leaders[count++] = i;
            }
        }

        return NamesOf(_leaders.AsSpan(0, count));
    }

    private void Insert(int parameter, double norm, int count)
    {
        int place = count - 1;
        for (; place > 0 && norm > _norms[place - 1]; place--)
        {
            _norms[place] = _norms[place - 1];
            _leaders[place] = _leaders[place - 1];
        }

        _norms[place] = norm;
        _leaders[place] = parameter;
    }

    private IReadOnlyList<string> NamesOf(ReadOnlySpan<int> leaders)
    {
        ulong hash = (ulong)leaders.Length;
        foreach (int leader in leaders)
        {
            hash = (hash * 1_000_003) + (ulong)leader;
        }

        if (_known.TryGetValue(hash, out NamedLeaders known) && leaders.SequenceEqual(known.Leaders))
        {
            return known.Names;
        }

        if (_known.Count == MaxKnown)
        {
            _known.Clear();
        }

        int[] copy = [.. leaders];
        IReadOnlyList<string> leaderNames = Array.AsReadOnly(Array.ConvertAll(copy, i => names[i]));
        _known[hash] = new NamedLeaders(copy, leaderNames);
        return leaderNames;
    }

    private readonly record struct NamedLeaders(int[] Leaders, IReadOnlyList<string> Names);
}
