using System.Buffers.Binary;
using Tensorboard;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>The files are read by TensorBoard's own messages, which TorchSharp brings along as its schema compiled; the records around them by the published definition of their format.</summary>
public sealed class TensorBoardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gradlint-board-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The vectors of RFC 3720, B.4, and the check value of the catalogue of CRC algorithms.</summary>
    [Fact]
    public void The_checksum_is_that_of_the_published_vectors()
    {
        byte[] rising = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

        Assert.Equal(0x8A9136AAu, RecordFile.Crc32C(new byte[32]));
        Assert.Equal(0x62A8AB43u, RecordFile.Crc32C([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, RecordFile.Crc32C(rising));
        Assert.Equal(0x113FDB5Cu, RecordFile.Crc32C([.. rising.Reverse()]));
        Assert.Equal(0xE3069283u, RecordFile.Crc32C("123456789"u8));
    }

    [Fact]
    public void A_masked_checksum_is_turned_back_by_the_published_unmasking()
    {
        uint masked = RecordFile.Masked(0xE3069283);
        uint turned = masked - 0xA282EAD8;

        Assert.Equal(0xE3069283, (turned >> 17) | (turned << 15));
    }

    [Fact]
    public void The_file_begins_with_its_version_and_holds_the_scalars_of_each_step()
    {
        List<Event> events = Write(steps: 3);

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal([(1, 0.5f), (2, 0.5f), (3, 0.5f)], Scalars(events, "step/loss"));
        Assert.Equal([(1, 13f), (2, 13f), (3, 13f)], Scalars(events, "step/gradient norm"));
        Assert.Equal([(1, 0.25f), (2, 0.25f), (3, 0.25f)], Scalars(events, "step/learning rate"));
        Assert.Equal([(1, 12f)], Scalars(events, "gradient norm/w1"));
        Assert.All(events, one => Assert.Equal(DateTime.UtcNow, DateTime.UnixEpoch.AddSeconds(one.WallTime), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void A_histogram_has_as_many_limits_as_buckets_and_counts_every_element()
    {
        List<Event> events = Write(steps: 1);

        HistogramProto histogram = Values(events).Single(one => one.Value.Tag == "gradient magnitude/w1").Value.Histo;

        // The gradient is (0, 12): one zero, one in [8, 16).
        Assert.Equal([8, 16], histogram.BucketLimit);
        Assert.Equal([1, 1], histogram.Bucket);
        Assert.Equal(2, histogram.Num);
    }

    [Fact]
    public void A_full_disk_ends_the_file_and_not_the_training()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there is a file that is always full.");
        using var records = new RecordFile("/dev/full");

        records.Add(new byte[1 << 17]);
        records.Add([1]);
        records.Flush();

        Assert.NotNull(records.Failure);
    }

    private List<Event> Write(int steps)
    {
        using var model = new Weights(tensor(new[] { 100f, 0f }), tensor(new[] { 0f, 200f }));
        using optim.Optimizer optimizer = model.Sgd(learningRate: 0.25);
        using var guard = GradientGuard.For(model, optimizer);
        using (TensorBoardWriter.Start(_folder, guard))
        {
            for (int step = 0; step < steps; step++)
            {
                _ = model.WithGradients(tensor(new[] { 3f, 4f }), tensor(new[] { 0f, 12f }));
                _ = guard.Step(tensor(0.5f));
            }
        }

        string file = Assert.Single(Directory.GetFiles(_folder));
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(file), StringComparison.Ordinal);
        return [.. Records(File.ReadAllBytes(file)).Select(Event.Parser.ParseFrom)];
    }

    /// <summary>Length, masked CRC of the length, bytes, masked CRC of the bytes; the CRC bit by bit, as RFC 3720 defines it.</summary>
    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(MaskedCrc(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            Assert.Equal(MaskedCrc(file.AsSpan(at + 12, length)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            yield return file[(at + 12)..(at + 12 + length)];
            at += 16 + length;
        }
    }

    private static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private static IEnumerable<(long Step, float Value)> Scalars(List<Event> events, string tag) =>
        Values(events).Where(one => one.Value.Tag == tag).Select(one => (one.Of.Step, one.Value.SimpleValue));

    private static IEnumerable<(Event Of, Summary.Types.Value Value)> Values(List<Event> events) =>
        events.Where(one => one.Summary is not null).SelectMany(one => one.Summary.Value.Select(value => (one, value)));
}
