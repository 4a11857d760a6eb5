using System.Buffers.Binary;
using System.Numerics;

namespace GradLint;

/// <summary>
/// A file of records as TensorFlow writes them: the length, its checksum, the bytes, their checksum; all little-endian, the checksums
/// CRC-32C (RFC 3720) rotated and shifted, because a record may hold records.
/// </summary>
internal sealed class RecordFile(string path) : IDisposable
{
    private const uint MaskDelta = 0xA282EAD8;

    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);

    /// <summary>Why records can no longer be written; null while all is well. A full disk is no reason to stop a training.</summary>
    public string? Failure { get; private set; }

    public void Add(ReadOnlySpan<byte> record)
    {
        if (Failure is not null)
        {
            return;
        }

        try
        {
            Write(record);
        }
        catch (IOException error)
        {
            Failure = error.Message;
        }
    }

    public void Flush() => Try(_file.Flush);

    public void Dispose() => Try(_file.Dispose);

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (IOException error)
        {
            Failure ??= error.Message;
        }
    }

    private void Write(ReadOnlySpan<byte> record)
    {
        Span<byte> head = stackalloc byte[sizeof(long) + sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(head, record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[sizeof(long)..], Masked(Crc32C(head[..sizeof(long)])));
        _file.Write(head);
        _file.Write(record);
        Span<byte> tail = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Masked(Crc32C(record)));
        _file.Write(tail);
    }

    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    public static uint Masked(uint crc) => BitOperations.RotateRight(crc, 15) + MaskDelta;
}
