using TorchSharp;

namespace GradLint.Tests;

public class TorchSharpLibraryTests
{
    [Fact]
    public void TorchSharp_runs_on_this_machine()
    {
        TorchSharpLibrary.EnsureLoadable();
        TorchSharpLibrary.EnsureLoadable();

        Assert.Equal(3, torch.ones(3).sum().item<float>());
    }

    [Fact]
    public void A_missing_library_is_named_with_the_folders_that_were_searched()
    {
        string folder = EmptyFolder();

        var error = Assert.Throws<DllNotFoundException>(() => TorchSharpLibrary.LoadRelaxedCopy([folder, "/nowhere"]));

        Assert.Equal(
            $"libLibTorchSharp.so is in none of {folder}, /nowhere; is the package TorchSharp restored for linux-x64?", error.Message);
    }

    [Fact]
    public void A_missing_libtorch_is_named_with_the_package_that_brings_it()
    {
        string folder = EmptyFolder();
        File.Copy(NativeFolder.File("libLibTorchSharp.so"), Path.Combine(folder, "libLibTorchSharp.so"));

        var error = Assert.Throws<DllNotFoundException>(() => TorchSharpLibrary.LoadRelaxedCopy([folder]));

        Assert.Equal(
            $"libc10.so is in none of {folder}; add a libtorch package, such as libtorch-cpu-linux-x64 2.10.0.", error.Message);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_folder_that_holds_no_libtorch_is_named()
    {
        string folder = EmptyFolder();

        var error = Assert.Throws<DllNotFoundException>(() => TorchSharpLibrary.LoadLibtorch(folder));

        Assert.Contains($"is not in {folder}", error.Message, StringComparison.Ordinal);
        Directory.Delete(folder);
    }

    private static string EmptyFolder() => Directory.CreateTempSubdirectory("gradlint-").FullName;
}
