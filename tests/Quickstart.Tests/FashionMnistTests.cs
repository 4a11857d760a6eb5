using System.IO.Compression;
using TorchSharp;

namespace Quickstart.Tests;

public sealed class FashionMnistTests
{
    private const string TrainingImages = "train-images-idx3-ubyte.gz";
    private const string TrainingLabels = "train-labels-idx1-ubyte.gz";

    [Fact]
    public void The_shipped_subset_is_balanced()
    {
        using FashionMnist data = FashionMnist.Load(FashionMnist.ShippedFolder, torch.CPU);

        Assert.Equal([4000, 784], data.Training.Images.shape);
        Assert.Equal([1000, 784], data.Test.Images.shape);
        Assert.All(data.Training.Labels.bincount(null).data<long>(), count => Assert.Equal(400, count));
        Assert.All(data.Test.Labels.bincount(null).data<long>(), count => Assert.Equal(100, count));
        Assert.Equal((0f, 1f), (data.Training.Images.min().item<float>(), data.Training.Images.max().item<float>()));
    }

    [Fact]
    public void Batches_come_in_the_same_order_for_the_same_seed_and_cover_each_epoch()
    {
        using FashionMnist data = FashionMnist.Load(FashionMnist.ShippedFolder, torch.CPU);

        long[] labels = LabelsInOrder(seed: 1);

        Assert.Equal(labels, LabelsInOrder(seed: 1));
        Assert.NotEqual(labels, LabelsInOrder(seed: 2));
        Assert.Equal(400, labels.Take(4000).Count(label => label == 3));
        Assert.NotEqual(labels.Take(4000), labels.Skip(4000));

        long[] LabelsInOrder(int seed) =>
            [.. data.Training.Batches(batchSize: 300, epochs: 2, seed).SelectMany(batch => batch.Labels.data<long>().ToArray())];
    }

    [Theory]
    [InlineData(TrainingImages)]
    [InlineData("t10k-labels-idx1-ubyte.gz")]
    public void A_missing_file_is_named(string name)
    {
        using TemporaryFolder folder = CopyOfShipped();
        File.Delete(folder.File(name));

        var mistake = Assert.Throws<QuickstartException>(() => FashionMnist.Load(folder.Path, torch.CPU));

        Assert.StartsWith($"'{folder.File(name)}' is missing", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_off_is_damaged() =>
        AssertDamaged(TrainingImages, path => File.WriteAllBytes(path, File.ReadAllBytes(path)[..100_000]));

    [Fact]
    public void A_file_that_is_not_compressed_is_damaged() =>
        AssertDamaged(TrainingImages, path => File.WriteAllText(path, "<html>404</html>"));

    [Fact]
    public void An_empty_file_is_damaged() =>
        AssertDamaged(TrainingLabels, path => File.WriteAllBytes(path, []));

    [Fact]
    public void Labels_in_the_place_of_images_are_damaged() =>
        AssertDamaged(TrainingImages, path => File.Copy(Path.Combine(Path.GetDirectoryName(path)!, TrainingLabels), path, overwrite: true));

    [Fact]
    public void Images_of_another_size_are_damaged() =>
        AssertDamaged(TrainingImages, path => Rewrite(path, content => content[11] = 32));

    [Fact]
    public void Fewer_bytes_than_promised_are_damage() =>
        AssertDamaged(TrainingLabels, path => Rewrite(path, content => content[5] = 1));

    [Fact]
    public void A_label_beyond_the_classes_is_damage() =>
        AssertDamaged(TrainingLabels, path => Rewrite(path, content => content[100] = 10));

    [Fact]
    public void Labels_must_fit_the_images()
    {
        using TemporaryFolder folder = CopyOfShipped();
        File.Copy(folder.File("t10k-labels-idx1-ubyte.gz"), folder.File(TrainingLabels), overwrite: true);

        var mistake = Assert.Throws<QuickstartException>(() => FashionMnist.Load(folder.Path, torch.CPU));

        Assert.EndsWith("holds 1000 labels for 4000 images", mistake.Message, StringComparison.Ordinal);
    }

    private static void AssertDamaged(string name, Action<string> damage)
    {
        using TemporaryFolder folder = CopyOfShipped();
        damage(folder.File(name));

        var mistake = Assert.Throws<QuickstartException>(() => FashionMnist.Load(folder.Path, torch.CPU));

        Assert.StartsWith($"'{folder.File(name)}' is damaged: ", mistake.Message, StringComparison.Ordinal);
    }

    private static TemporaryFolder CopyOfShipped()
    {
        var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(FashionMnist.ShippedFolder, "*.gz"))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        return folder;
    }

    private static void Rewrite(string path, Action<byte[]> change)
    {
        using var content = new MemoryStream();
        using (var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
        {
            file.CopyTo(content);
        }

        byte[] bytes = content.ToArray();
        change(bytes);
        using var rewritten = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        rewritten.Write(bytes);
    }
}
