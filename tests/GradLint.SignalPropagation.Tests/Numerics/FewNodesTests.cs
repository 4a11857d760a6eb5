namespace GradLint.SignalPropagation.Tests.Numerics;

public class FewNodesTests
{
    private static readonly (double Z, double Weight)[] s_gaussian = LargestOfGaussians.Common;

    /// <summary>The rule of Gauss and Hermite with three nodes.</summary>
    [Fact]
    public void Three_nodes_of_a_Gaussian_are_those_of_the_textbook()
    {
        (double Z, double Weight)[] nodes = FewNodes.Of(s_gaussian, 3);
        Assert.Equal([-Math.Sqrt(3), 0, Math.Sqrt(3)], nodes.Select(node => node.Z), (expected, actual) => Math.Abs(expected - actual) < 1e-9);
        Assert.Equal([1.0 / 6, 2.0 / 3, 1.0 / 6], nodes.Select(node => node.Weight), (expected, actual) => Math.Abs(expected - actual) < 1e-9);
    }

    [Theory, InlineData(1), InlineData(4), InlineData(8)]
    public void Polynomials_of_twice_the_degree_are_exact(int count)
    {
        (double Z, double Weight)[] largest = LargestOfGaussians.Of(4).Many;
        (double Z, double Weight)[] nodes = FewNodes.Of(largest, count);
        Assert.Equal(count, nodes.Length);
        for (int degree = 0; degree < 2 * count; degree++)
        {
            double exact = largest.Sum(node => node.Weight * Math.Pow(node.Z, degree));
            Assert.Equal(exact, nodes.Sum(node => node.Weight * Math.Pow(node.Z, degree)), 1e-9 * Math.Max(1, Math.Abs(exact)));
        }
    }
}
