using static TorchSharp.torch;

namespace GradLint;

/// <summary>A tensor as bytes: type, shape, elements.</summary>
internal static class TensorFormat
{
    /// <summary>A span holds no more than 2 GiB.</summary>
    private const long MaxElementsAtOnce = 1 << 26;

    public static void Write(BinaryWriter writer, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        Tensor flat = tensor.detach().cpu().contiguous().flatten();
        writer.Write((byte)tensor.dtype);
        writer.Write((byte)tensor.dim());
        foreach (long size in tensor.shape)
        {
            writer.Write(size);
        }

        for (long start = 0; start < flat.numel(); start += MaxElementsAtOnce)
        {
            writer.Write(flat.narrow(0, start, Math.Min(MaxElementsAtOnce, flat.numel() - start)).bytes);
        }
    }

    /// <summary>A tensor on the CPU, which belongs to the caller's scope.</summary>
    public static Tensor Read(BinaryReader reader)
    {
        var type = (ScalarType)reader.ReadByte();
        long[] shape = new long[reader.ReadByte()];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = reader.ReadInt64();
        }

        using var scope = NewDisposeScope();
        Tensor tensor = empty(shape, type);
        Tensor flat = tensor.flatten();
        for (long start = 0; start < flat.numel(); start += MaxElementsAtOnce)
        {
            reader.BaseStream.ReadExactly(flat.narrow(0, start, Math.Min(MaxElementsAtOnce, flat.numel() - start)).bytes);
        }

        return tensor.MoveToOuterDisposeScope();
    }
}
