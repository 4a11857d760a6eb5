using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace GradLint.Tests;

public class ScanCrewTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(3_000_000)]
    public void Memory_of_any_size_gives_the_same_bits_in_every_run(int length)
    {
        var random = new Random(8);
        float[] pinned = GC.AllocateArray<float>(length, pinned: true);
        for (int i = 0; i < length; i++)
        {
            pinned[i] = random.NextSingle() - 0.5f;
        }

        var crew = new ScanCrew();
        TensorStatistics first = Scan(crew, pinned);

        Assert.Equal(Math.Sqrt(pinned.Sum(x => (double)x * x)), first.Squares.Norm, 1e-6 * Math.Sqrt(length));
        for (int i = 0; i < 200; i++)
        {
            // Small and large scans in turns: helpers of one may come when the next has begun.
            Assert.Equal(0.25, Scan(crew, pinned.AsSpan(0, 0), 0.5f).Squares.Sum);
            Assert.Equal(first, Scan(crew, pinned));
        }
    }

    [Fact]
    public void Results_go_to_their_tensors()
    {
        float[] pinned = GC.AllocateArray<float>(4_000_000, pinned: true);
        pinned.AsSpan(0, 2_000_000).Fill(1);
        pinned.AsSpan(2_000_000).Fill(2);
        pinned[^1] = float.NaN;
        var crew = new ScanCrew();
        crew.Add(MemoryMarshal.AsBytes(pinned.AsSpan(2_000_000)), ScalarType.Float32, tensor: 0);
        crew.Add(MemoryMarshal.AsBytes(pinned.AsSpan(0, 2_000_000)), ScalarType.Float32, tensor: 2);
        TensorStatistics[] statistics = [TensorStatistics.Empty, TensorStatistics.Empty, TensorStatistics.Empty];

        crew.ScanInto(statistics);

        Assert.Equal([(2, 1), (0, 0), (1, 0)], statistics.Select(tensor => (tensor.Largest, tensor.NonFinite)));
        Assert.Equal([Math.Sqrt(4 * 1_999_999), 0, Math.Sqrt(2_000_000)], statistics.Select(tensor => tensor.Squares.Norm), Close);
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-6;

    private static TensorStatistics Scan(ScanCrew crew, ReadOnlySpan<float> pinned, float? single = null)
    {
        float[] one = GC.AllocateArray<float>(1, pinned: true);
        one[0] = single ?? 0;
        TensorStatistics[] statistics = [TensorStatistics.Empty];
        crew.Add(MemoryMarshal.AsBytes(single is null ? pinned : one), ScalarType.Float32, tensor: 0);
        crew.ScanInto(statistics);
        GC.KeepAlive(one);
        return statistics[0];
    }
}
