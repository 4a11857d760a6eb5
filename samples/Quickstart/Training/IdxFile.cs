using System.Buffers.Binary;
using System.IO.Compression;

namespace Quickstart;

/// <summary>A file of the MNIST family: a magic number, the sizes (big-endian), then the bytes; compressed.</summary>
internal static class IdxFile
{
    private const int UnsignedBytes = 0x08;

    /// <summary>Reads the items of a file whose items have the given shape, such as 28 x 28 pixels.</summary>
    public static byte[] Read(string path, params ReadOnlySpan<int> itemShape)
    {
        byte[] content = Decompress(path);
        int dimensions = 1 + itemShape.Length;
        int headerSize = 4 + (4 * dimensions);
        if (content.Length < headerSize || Word(content, 0) != ((UnsignedBytes << 8) | dimensions))
        {
            throw Damaged(path, "it does not start like an IDX file of bytes");
        }

        int itemSize = 1;
        for (int i = 0; i < itemShape.Length; i++)
        {
            itemSize *= itemShape[i];
            if (Word(content, 2 + i) != itemShape[i])
            {
                throw Damaged(path, $"its items are {Word(content, 2 + i)} wide where {itemShape[i]} is expected");
            }
        }

        long promised = Math.BigMul(Word(content, 1), itemSize);
        return content.Length - headerSize == promised
            ? content[headerSize..]
            : throw Damaged(path, $"it promises {promised} bytes and holds {content.Length - headerSize}");
    }

    private static byte[] Decompress(string path)
    {
        try
        {
            using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            using var content = new MemoryStream();
            file.CopyTo(content);
            return content.ToArray();
        }
        catch (InvalidDataException)
        {
            throw Damaged(path, "it cannot be decompressed");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new QuickstartException($"cannot read '{path}': {error.Message}");
        }
    }

    private static int Word(byte[] content, int index) => BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(4 * index));

    private static QuickstartException Damaged(string path, string how) => new($"'{path}' is damaged: {how}");
}
