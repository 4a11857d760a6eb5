// Made this folder's four files from the full Fashion-MNIST: dotnet run make-subset.cs -- /usr/share/datasets/fashion-mnist .
// Of every class the first 400 training and the first 100 test images, in the order of the original files.
using System.Buffers.Binary;
using System.IO.Compression;

const int ClassCount = 10;
(string from, string to) = (args[0], args[1]);
MakeSubset("train", perClass: 400);
MakeSubset("t10k", perClass: 100);

void MakeSubset(string part, int perClass)
{
    // IDX: a magic number whose last byte counts the dimensions, the big-endian dimensions, then the bytes.
    const int labelHeader = 8, imageHeader = 16, imageSize = 28 * 28;
    byte[] labels = Read($"{part}-labels-idx1-ubyte.gz");
    byte[] images = Read($"{part}-images-idx3-ubyte.gz");

    var taken = new int[ClassCount];
    int[] chosen = [.. Enumerable.Range(0, labels.Length - labelHeader).Where(i => taken[labels[labelHeader + i]]++ < perClass)];
    Write($"{part}-labels-idx1-ubyte.gz", labels[..labelHeader], chosen.Length, chosen.Select(i => labels.AsMemory(labelHeader + i, 1)));
    Write(
        $"{part}-images-idx3-ubyte.gz", images[..imageHeader], chosen.Length,
        chosen.Select(i => images.AsMemory(imageHeader + (i * imageSize), imageSize)));
}

byte[] Read(string name)
{
    using var file = new GZipStream(File.OpenRead(Path.Combine(from, name)), CompressionMode.Decompress);
    using var bytes = new MemoryStream();
    file.CopyTo(bytes);
    return bytes.ToArray();
}

void Write(string name, byte[] header, int count, IEnumerable<Memory<byte>> items)
{
    BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), count);
    using var file = new GZipStream(File.Create(Path.Combine(to, name)), CompressionLevel.SmallestSize);
    file.Write(header);
    foreach (Memory<byte> item in items)
    {
        file.Write(item.Span);
    }
}
