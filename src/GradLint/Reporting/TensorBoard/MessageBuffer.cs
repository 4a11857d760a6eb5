using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace GradLint;

/// <summary>A protocol buffer message that is being written, field by field.</summary>
internal sealed class MessageBuffer
{
    private const int Varint = 0;
    private const int EightBytes = 1;
    private const int Counted = 2;
    private const int FourBytes = 5;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Clear() => _bytes.ResetWrittenCount();

    public void Integer(int field, long value)
    {
        Key(field, Varint);
        Number((ulong)value);
    }

    public void Double(int field, double value)
    {
        Key(field, EightBytes);
        Raw(value);
    }

    public void Float(int field, float value)
    {
        Key(field, FourBytes);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(sizeof(float)), value);
        _bytes.Advance(sizeof(float));
    }

    public void Text(int field, string value)
    {
        Key(field, Counted);
        Number((ulong)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _bytes);
    }

    public void Message(int field, ReadOnlySpan<byte> message)
    {
        Key(field, Counted);
        Number((ulong)message.Length);
        _bytes.Write(message);
    }

    public void Doubles(int field, ReadOnlySpan<double> values)
    {
        Key(field, Counted);
        Number((ulong)(values.Length * sizeof(double)));
        foreach (double value in values)
        {
            Raw(value);
        }
    }

    private void Key(int field, int kind) => Number((ulong)((field << 3) | kind));

    private void Raw(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), value);
        _bytes.Advance(sizeof(double));
    }

    private void Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    private void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
