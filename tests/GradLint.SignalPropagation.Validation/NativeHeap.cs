using System.Runtime.InteropServices;

namespace GradLint.SignalPropagation.Validation;

/// <summary>Keeps the memory of freed tensors from piling up.</summary>
/// <remarks>
/// libtorch asks for aligned blocks. glibc before 2.38 does not find a freed aligned block again (its bug 14581) and takes more memory instead: thousands of tensors of half a megabyte,
/// each freed, left 9 GB behind. Blocks that are mapped by themselves go back to the system when they are freed.
/// </remarks>
internal static partial class NativeHeap
{
    private const int MapThreshold = -3; // M_MMAP_THRESHOLD
    private const int LargeBlock = 64 * 1024;

    /// <summary>Has large blocks mapped by themselves. Elsewhere than with glibc it does nothing.</summary>
    public static void ReturnLargeBlocks()
    {
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint library) && NativeLibrary.TryGetExport(library, "mallopt", out _))
        {
            _ = SetOption(MapThreshold, LargeBlock);
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
