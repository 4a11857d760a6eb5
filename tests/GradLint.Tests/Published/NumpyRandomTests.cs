using GradLint.Benchmarks;

namespace GradLint.Tests;

/// <summary>Against the numbers that numpy prints.</summary>
public class NumpyRandomTests
{
    [Fact]
    public void Uniform_numbers_are_numpy_s()
    {
        var random = new NumpyRandom(1);

        Assert.Equal([0.417022004702574, 0.7203244934421581, 0.00011437481734488664], Take(3, random.NextDouble));
    }

    [Fact]
    public void Normal_numbers_are_numpy_s()
    {
        var random = new NumpyRandom(1);

        Assert.Equal([1.62434536, -0.61175641, -0.52817175], Take(3, () => Math.Round(random.Normal(0, 1), 8)));
    }

    [Fact]
    public void Permutations_are_numpy_s() => Assert.Equal([2, 8, 4, 9, 1, 6, 7, 3, 0, 5], new NumpyRandom(0).Permutation(10));

    [Fact]
    public void Circle_and_Blob_have_1000_points_in_classes_of_equal_size()
    {
        foreach (PointCloud data in (PointCloud[])[PointCloud.Circle(), PointCloud.Blob()])
        {
            int[] sizes = [.. data.Labels.CountBy(label => label).Select(pair => pair.Value)];

            Assert.Equal((1000, 1000, data.Classes), (data.Points.Length, sizes.Sum(), sizes.Length));
            Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
        }
    }

    private static double[] Take(int count, Func<double> next) => [.. Enumerable.Range(0, count).Select(_ => next())];
}
