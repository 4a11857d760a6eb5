using System.Buffers.Binary;
using System.Text;

namespace GradLint;

/// <summary>
/// Edits the symbol versions of a 64-bit little-endian ELF shared library in memory.
/// Layout: "System V ABI", chapter 4; "Linux Standard Base Core", chapter "Symbol Versioning".
/// </summary>
internal static class ElfImage
{
    private const uint SectionDynamicSymbols = 11;
    private const uint SectionSymbolVersions = 0x6fffffff;
    private const uint SectionVersionNeeds = 0x6ffffffe;
    private const ushort WeakVersion = 2;
    private const ushort GlobalVersion = 1;
    private const int SymbolSize = 24;

    private readonly record struct Section(uint Type, int Offset, int Size, int Link);

    /// <summary>
    /// Drops the need for <paramref name="version"/>: marks it weak, so that the loader does not insist on it, and lets the
    /// one symbol that asks for it resolve to <paramref name="replacement"/>, a function without arguments that every C library has.
    /// </summary>
    /// <returns>False, and the image unchanged, if it does not ask for that version or asks for it for another symbol too.</returns>
    /// <exception cref="BadImageFormatException">The image is not a 64-bit little-endian ELF file, or is damaged.</exception>
    public static bool TryDropVersionNeed(byte[] image, string version, string symbol, string replacement)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(replacement.Length, symbol.Length);
        try
        {
            Section[] sections = ReadSections(image);
            if (Array.Find(sections, s => s.Type == SectionVersionNeeds) is not { Size: > 0 } needs
                || FindVersionNeed(image, needs, sections[needs.Link], version) is not { } need)
            {
                return false;
            }

            Section symbols = Array.Find(sections, s => s.Type == SectionDynamicSymbols);
            Section symbolVersions = Array.Find(sections, s => s.Type == SectionSymbolVersions);
            int[] dependents = SymbolsOfVersion(image, symbolVersions, U16(image, need + 6));
            if (dependents is not [int index])
            {
                return false;
            }

            int name = sections[symbols.Link].Offset + (int)U32(image, symbols.Offset + (index * SymbolSize));
            if (ReadString(image, name) != symbol)
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(need + 4), (ushort)(U16(image, need + 4) | WeakVersion));
            BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(symbolVersions.Offset + (index * 2)), GlobalVersion);
            Encoding.ASCII.GetBytes(replacement + '\0', image.AsSpan(name));
            return true;
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new BadImageFormatException("The shared library is damaged: its section headers point outside the file.", error);
        }
    }

    private static Section[] ReadSections(byte[] image)
    {
        ReadOnlySpan<byte> elf64LittleEndian = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1];
        if (!image.AsSpan().StartsWith(elf64LittleEndian))
        {
            throw new BadImageFormatException("The shared library is not a 64-bit little-endian ELF file.");
        }

        int table = (int)U64(image, 0x28);
        int entrySize = U16(image, 0x3a);
        var sections = new Section[U16(image, 0x3c)];
        for (int i = 0; i < sections.Length; i++)
        {
            int header = table + (i * entrySize);
            sections[i] = new Section(
                U32(image, header + 4), (int)U64(image, header + 0x18), (int)U64(image, header + 0x20), (int)U32(image, header + 0x28));
        }

        return sections;
    }

    /// <summary>The offset of the auxiliary entry (Vernaux) that names the version, over all needed libraries.</summary>
    private static int? FindVersionNeed(byte[] image, Section needs, Section strings, string version)
    {
        int need = needs.Offset;
        while (true)
        {
            int auxiliary = need + (int)U32(image, need + 8);
            for (int left = U16(image, need + 2); left > 0; left--)
            {
                if (ReadString(image, strings.Offset + (int)U32(image, auxiliary + 8)) == version)
                {
                    return auxiliary;
                }

                auxiliary += (int)U32(image, auxiliary + 12);
            }

            int next = (int)U32(image, need + 12);
            if (next == 0)
            {
                return null;
            }

            // A step back would go round for ever in a damaged file.
            ArgumentOutOfRangeException.ThrowIfNegative(next);
            need += next;
        }
    }

    private static int[] SymbolsOfVersion(byte[] image, Section symbolVersions, ushort version) =>
        [.. Enumerable.Range(0, symbolVersions.Size / 2).Where(i => U16(image, symbolVersions.Offset + (i * 2)) == version)];

    private static string ReadString(byte[] image, int offset)
    {
        ReadOnlySpan<byte> rest = image.AsSpan(offset);
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private static ushort U16(byte[] image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(offset));

    private static uint U32(byte[] image, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(offset));

    private static ulong U64(byte[] image, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(offset));
}
