using static TorchSharp.torch;

namespace GradLint;

/// <summary>Measures tensors: through their memory where it is within reach, all others together with tensor operations.</summary>
/// <param name="throughMemory">False measures with tensor operations only, as on another device.</param>
internal sealed class StatisticsReader(bool throughMemory)
{
    private readonly ScanCrew _crew = new();
    private readonly List<int> _remoteIndices = [];
    private readonly List<Tensor> _remote = [];

    /// <summary>Fills in one entry per tensor; a missing tensor counts as an empty one.</summary>
    public void Read(ReadOnlySpan<Tensor?> tensors, Span<TensorStatistics> statistics)
    {
        for (int i = 0; i < tensors.Length; i++)
        {
            statistics[i] = TensorStatistics.Empty;
            if (tensors[i] is not { } tensor)
            {
                continue;
            }

            if (throughMemory && TensorMemory.TryGetFloats(tensor, out Span<byte> bytes, out ScalarType type))
            {
                _crew.Add(bytes, type, i);
            }
            else
            {
                _remoteIndices.Add(i);
                _remote.Add(tensor);
            }
        }

        _crew.ScanInto(statistics);

        if (_remote.Count > 0)
        {
            ReadRemote(statistics);
        }
    }

    private void ReadRemote(Span<TensorStatistics> statistics)
    {
        IReadOnlyList<TensorStatistics> measured = TensorScan.Scan(_remote);
        for (int i = 0; i < measured.Count; i++)
        {
            statistics[_remoteIndices[i]] = measured[i];
        }

        _remoteIndices.Clear();
        _remote.Clear();
    }
}
