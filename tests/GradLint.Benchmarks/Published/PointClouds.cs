namespace GradLint.Benchmarks;

/// <summary>Points in the plane that belong to classes: the data sets on which AutoTrainer's small models are trained.</summary>
/// <param name="Name">Circle or Blob.</param>
/// <param name="Points">Two coordinates each.</param>
/// <param name="Labels">The class of each point.</param>
/// <param name="Classes">How many classes there are.</param>
internal sealed record PointCloud(string Name, double[][] Points, int[] Labels, int Classes)
{
    /// <summary>scikit-learn's <c>make_circles(1000, noise=0.1, random_state=1)</c>: the same points.</summary>
    public static PointCloud Circle()
    {
        const int Half = 500;
        var random = new NumpyRandom(1);
        double[][] circles =
        [
            .. from radius in (double[])[1, 0.8]
               from i in Enumerable.Range(0, Half)
               let angle = 2 * Math.PI * i / Half
               select new[] { radius * Math.Cos(angle), radius * Math.Sin(angle) },
        ];
        int[] order = random.Permutation(2 * Half);
        double[][] noisy = Array.ConvertAll(order, i => Array.ConvertAll(circles[i], x => x + random.Normal(0, 0.1)));
        return new("Circle", noisy, Array.ConvertAll(order, i => i / Half), Classes: 2);
    }

    /// <summary>scikit-learn's <c>make_blobs(1000, centers=3, n_features=2, cluster_std=2, random_state=2)</c>: the same points.</summary>
    public static PointCloud Blob()
    {
        const int Count = 1000;
        const int Centers = 3;
        var random = new NumpyRandom(2);
        double[][] centers = [.. Enumerable.Range(0, Centers).Select(_ => new[] { random.Uniform(-10, 10), random.Uniform(-10, 10) })];
        // The first center gets the point that is left over.
        int[] labels = [.. Enumerable.Range(0, Centers).SelectMany(c => Enumerable.Repeat(c, (Count + Centers - 1 - c) / Centers))];
        double[][] points = Array.ConvertAll(labels, label => Array.ConvertAll(centers[label], x => random.Normal(x, 2)));
        int[] order = random.Permutation(Count);
        return new("Blob", Array.ConvertAll(order, i => points[i]), Array.ConvertAll(order, i => labels[i]), Centers);
    }
}
