using System.Security.Cryptography;

namespace GradLint;

/// <summary>A file that is there as a whole or not at all, whenever the process or the machine stops.</summary>
/// <remarks>
/// It is written under another name, forced to the disk, and only then given its name, in one step of the file system. A checksum at
/// its end tells a file that was damaged later.
/// </remarks>
internal static class WholeFile
{
    private const int ChecksumBytes = SHA256.HashSizeInBytes;

    public static void Write(string path, Action<BinaryWriter> write)
    {
        string unfinished = path + ".unfinished";
        // One that another writer has open is not this one's to delete.
        FileStream file = new(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        try
        {
            using (file)
            {
                using var checksum = SHA256.Create();
                using (var summed = new CryptoStream(file, checksum, CryptoStreamMode.Write, leaveOpen: true))
                using (var writer = new BinaryWriter(summed))
                {
                    write(writer);
                }

                file.Write(checksum.Hash!);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <exception cref="InvalidDataException">The file is not as it was written.</exception>
    public static void Read(string path, Action<BinaryReader> read)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        if (file.Length < ChecksumBytes || !HasItsChecksum(file))
        {
            throw new InvalidDataException($"{path} is damaged or no checkpoint: its checksum does not fit.");
        }

        file.Position = 0;
        using var reader = new BinaryReader(file);
        read(reader);
    }

    private static bool HasItsChecksum(FileStream file)
    {
        using var checksum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        for (long left = file.Length - ChecksumBytes; left > 0;)
        {
            int read = file.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            checksum.AppendData(buffer, 0, read);
            left -= read;
        }

        byte[] expected = new byte[ChecksumBytes];
        file.ReadExactly(expected);
        return checksum.GetHashAndReset().AsSpan().SequenceEqual(expected);
    }
}
