using static TorchSharp.torch;

namespace Quickstart;

/// <summary>The training and test part of Fashion-MNIST, as four files in one folder.</summary>
internal sealed record FashionMnist(LabelledImages Training, LabelledImages Test) : IDisposable
{
    private const int Classes = 10;
    private const int Side = 28;

    /// <summary>The subset that is shipped with the program.</summary>
    public static string ShippedFolder => Path.Combine(AppContext.BaseDirectory, "Data");

    public static FashionMnist Load(string folder, Device device)
    {
        string[] files = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];
        string[] paths = [.. files.Select(file => Path.Combine(folder, file))];
        if (Array.Find(paths, path => !File.Exists(path)) is { } missing)
        {
            throw new QuickstartException($"'{missing}' is missing: the data folder must hold Fashion-MNIST's {string.Join(", ", files)}");
        }

        return new FashionMnist(LoadPart(paths[0], paths[1], device), LoadPart(paths[2], paths[3], device));
    }

    public void Dispose()
    {
        Training.Dispose();
        Test.Dispose();
    }

    private static LabelledImages LoadPart(string imagesPath, string labelsPath, Device device)
    {
        byte[] images = IdxFile.Read(imagesPath, Side, Side);
        byte[] labels = IdxFile.Read(labelsPath);
        if (images.Length != labels.Length * Side * Side || labels.Length == 0)
        {
            throw new QuickstartException($"'{labelsPath}' holds {labels.Length} labels for {images.Length / (Side * Side)} images");
        }

        if (labels.Max() is >= Classes and var label)
        {
            throw new QuickstartException($"'{labelsPath}' is damaged: it holds the label {label}, and there are {Classes} classes");
        }

        using var scope = NewDisposeScope();
        return new LabelledImages(
            tensor(images, dtype: uint8).reshape(labels.Length, Side * Side).to(float32, device).div(255).MoveToOuterDisposeScope(),
            tensor(labels, dtype: uint8).to(int64, device).MoveToOuterDisposeScope());
    }
}
