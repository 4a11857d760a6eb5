using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>The reader here is written from the published definitions of the format, apart from the writer.</summary>
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
        List<Field[]> events = Write(steps: 3);

        Assert.Equal("brain.Event:2", events[0].Single(field => field.Number == 3).Text);
        (long Step, string Tag, float Value)[] scalars = [.. Scalars(events)];
        Assert.Equal([(1, 0.5f), (2, 0.5f), (3, 0.5f)], scalars.Where(scalar => scalar.Tag == "step/loss").Select(scalar => (scalar.Step, scalar.Value)));
        Assert.Equal([13f, 13f, 13f], scalars.Where(scalar => scalar.Tag == "step/gradient norm").Select(scalar => scalar.Value));
        Assert.Equal([0.25f, 0.25f, 0.25f], scalars.Where(scalar => scalar.Tag == "step/learning rate").Select(scalar => scalar.Value));
        Assert.Equal([(1, 12f)], scalars.Where(scalar => scalar.Tag == "gradient norm/w1").Select(scalar => (scalar.Step, scalar.Value)));
    }

    [Fact]
    public void A_histogram_has_as_many_limits_as_buckets_and_counts_every_element()
    {
        List<Field[]> events = Write(steps: 1);

        Field[] value = Values(events).Single(value => value.Any(field => field is { Number: 1, Text: "gradient magnitude/w1" }));
        Field[] histogram = Parse(value.Single(field => field.Number == 5).Bytes);
        double[] limits = histogram.Single(field => field.Number == 6).Doubles;
        double[] buckets = histogram.Single(field => field.Number == 7).Doubles;

        // The gradient is (0, 12): one zero, one in [8, 16).
        Assert.Equal([8, 16], limits);
        Assert.Equal([1, 1], buckets);
        Assert.Equal(2, histogram.Single(field => field.Number == 3).Double);
    }

    private List<Field[]> Write(int steps)
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
        return [.. Records(File.ReadAllBytes(file)).Select(Parse)];
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

    private static IEnumerable<Field[]> Values(List<Field[]> events) =>
        from fields in events
        from summary in fields
        where summary.Number == 5
        from value in Parse(summary.Bytes)
        select Parse(value.Bytes);

    private static IEnumerable<(long Step, string Tag, float Value)> Scalars(List<Field[]> events) =>
        from fields in events
        let step = fields.FirstOrDefault(field => field.Number == 2)?.Integer ?? 0
        from value in Values([fields])
        where value.Any(field => field.Number == 2)
        select (step, value.Single(field => field.Number == 1).Text, value.Single(field => field.Number == 2).Float);

    private static Field[] Parse(byte[] message)
    {
        var fields = new List<Field>();
        for (int at = 0; at < message.Length;)
        {
            long key = Varint(message, ref at);
            int number = (int)(key >> 3);
            int kind = (int)(key & 7);
            int length = kind switch { 1 => 8, 2 => (int)Varint(message, ref at), 5 => 4, _ => 0 };
            long integer = kind == 0 ? Varint(message, ref at) : 0;
            fields.Add(new Field(number, integer, message[at..(at + length)]));
            at += length;
        }

        return [.. fields];
    }

    private static long Varint(byte[] message, ref int at)
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message[at++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private sealed record Field(int Number, long Integer, byte[] Bytes)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);

        public float Float => BinaryPrimitives.ReadSingleLittleEndian(Bytes);

        public double Double => BinaryPrimitives.ReadDoubleLittleEndian(Bytes);

        public double[] Doubles => [.. Bytes.Chunk(8).Select(eight => BinaryPrimitives.ReadDoubleLittleEndian(eight))];
    }
}
