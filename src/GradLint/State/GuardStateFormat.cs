using System.Text;

namespace GradLint;

/// <summary>A guard's state as bytes: a mark, a version, and what the guard's parts write.</summary>
internal static class GuardStateFormat
{
    private const string Mark = "GradLint.GuardState";
    private const int Version = 4;

    public static void Save(Stream stream, IGuardState guard)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Mark);
        writer.Write(Version);
        guard.Save(writer);
    }

    /// <exception cref="InvalidDataException">The state is none, is damaged or does not fit; the guard is what it was.</exception>
    public static void Load(Stream stream, IGuardState guard)
    {
        using var former = new MemoryStream();
        Save(former, guard);
        try
        {
            LoadInPlace(stream, guard);
        }
        catch (Exception error)
        {
            former.Position = 0;
            LoadInPlace(former, guard);
            if (error is EndOfStreamException or FormatException)
            {
                throw new InvalidDataException("The guard's state is damaged: it ends too early.", error);
            }

            throw;
        }
    }

    private static void LoadInPlace(Stream stream, IGuardState guard)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadString() != Mark)
        {
            throw new InvalidDataException("This is not the state of a GradLint guard.");
        }

        int version = reader.ReadInt32();
        if (version != Version)
        {
            throw new InvalidDataException($"The guard's state has version {version}; this version of GradLint reads version {Version}.");
        }

        guard.Load(reader);
    }
}
