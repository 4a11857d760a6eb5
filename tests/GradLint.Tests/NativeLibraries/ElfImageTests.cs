using System.Buffers.Binary;

namespace GradLint.Tests;

/// <summary>On the shared libraries that the TorchSharp packages bring to Linux.</summary>
public class ElfImageTests
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv";

    [Fact]
    public void The_version_need_of_TorchSharps_library_is_dropped_once()
    {
        string path = NativeFolder.File("libLibTorchSharp.so");
        byte[] original = File.ReadAllBytes(path);
        byte[] image = [.. original];

        Assert.True(ElfImage.TryDropVersionNeed(image, Version, Symbol, "getpid"));

        int flags = FlagsOfVersionNeed(image);
        Assert.Equal(0, BinaryPrimitives.ReadUInt16LittleEndian(original.AsSpan(flags)) & 2);
        Assert.Equal(2, BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(flags)) & 2);
        Assert.True(original.AsSpan().IndexOf("_ZSt21ios_base_library_initv\0"u8) > 0);
        Assert.Equal(-1, image.AsSpan().IndexOf("_ZSt21ios_base_library_initv\0"u8));
        Assert.Equal(original.Length, image.Length);
        Assert.Equal(original, File.ReadAllBytes(path));

        byte[] once = [.. image];
        Assert.False(ElfImage.TryDropVersionNeed(image, Version, Symbol, "getpid"));
        Assert.Equal(once, image);
    }

    [Theory]
    [InlineData("libc10.so", Version, Symbol)]
    [InlineData("libLibTorchSharp.so", "GLIBCXX_9.9.99", Symbol)]
    [InlineData("libLibTorchSharp.so", Version, "_ZSt21ios_base_library_init_")]
    public void A_library_that_does_not_ask_for_it_stays_as_it_is(string library, string version, string symbol)
    {
        byte[] original = File.ReadAllBytes(NativeFolder.File(library));
        byte[] image = [.. original];

        Assert.False(ElfImage.TryDropVersionNeed(image, version, symbol, "getpid"));
        Assert.True(original.AsSpan().SequenceEqual(image));
    }

    [Fact]
    public void A_file_of_another_format_is_told_apart()
    {
        byte[] notElf = [.. "MZ this is a library of another system, and long enough for a header"u8];

        var error = Assert.Throws<BadImageFormatException>(() => ElfImage.TryDropVersionNeed(notElf, Version, Symbol, "getpid"));

        Assert.Equal("The shared library is not a 64-bit little-endian ELF file.", error.Message);
        Assert.Throws<BadImageFormatException>(() => ElfImage.TryDropVersionNeed([], Version, Symbol, "getpid"));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(64)]
    [InlineData(100_000)]
    public void A_truncated_library_is_told_damaged(int length)
    {
        byte[] whole = File.ReadAllBytes(NativeFolder.File("libLibTorchSharp.so"));

        Assert.Throws<BadImageFormatException>(() => ElfImage.TryDropVersionNeed(whole[..length], Version, Symbol, "getpid"));
    }

    [Fact]
    public void Version_needs_that_point_back_are_told_damaged_and_not_followed_for_ever()
    {
        byte[] image = File.ReadAllBytes(NativeFolder.File("libLibTorchSharp.so"));
        // vn_next of the first entry, to a place before it.
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(VersionNeeds(image).Offset + 12), -16);

        Assert.Throws<BadImageFormatException>(() => ElfImage.TryDropVersionNeed(image, "GLIBCXX_9.9.99", Symbol, "getpid"));
    }

    /// <summary>Where the flags of the need for the version are: found from its hash (vna_hash), which comes right before them.</summary>
    private static int FlagsOfVersionNeed(byte[] image)
    {
        (int offset, int size) = VersionNeeds(image);
        var hash = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(hash, HashOf(Version));
        return offset + image.AsSpan(offset, size).IndexOf(hash) + 4;
    }

    private static (int Offset, int Size) VersionNeeds(byte[] image)
    {
        int table = (int)BinaryPrimitives.ReadInt64LittleEndian(image.AsSpan(0x28));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(0x3c));
        ReadOnlySpan<byte> header = [];
        for (int i = 0; i < count; i++)
        {
            header = image.AsSpan(table + (i * 64), 64);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == 0x6ffffffe)
            {
                break;
            }
        }

        return ((int)BinaryPrimitives.ReadInt64LittleEndian(header[0x18..]), (int)BinaryPrimitives.ReadInt64LittleEndian(header[0x20..]));
    }

    /// <summary>The hash function of the System V ABI.</summary>
    private static uint HashOf(string name)
    {
        uint hash = 0;
        foreach (char letter in name)
        {
            hash = (hash << 4) + letter;
            uint high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }
}
