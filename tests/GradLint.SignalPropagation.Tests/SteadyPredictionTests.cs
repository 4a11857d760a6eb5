using System.Globalization;
using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Tests;

/// <summary>
/// The same network gets the same prediction, on every machine and after every change that is not meant to improve it: random networks of every family, with all that is said about
/// them, written down in predictions.txt. How true these predictions are, autograd says in the other tests.
/// </summary>
public class SteadyPredictionTests
{
    /// <summary>Of those drawn, the shallowest are kept: thousands of mutants are held against them.</summary>
    private const int NetworksDrawn = 20;
    private const int NetworksKept = 3;

    /// <summary>What two machines' mathematical functions may differ by, after all the layers, and what the written digits leave out.</summary>
    private const double Tolerance = 1e-5;

    private static readonly Lazy<ILookup<string, string>> s_written = new(() => File.ReadLines(Path).ToLookup(FamilyOf));

    /// <summary>The names of the families.</summary>
    public static TheoryData<string> Families => [.. RandomNetworks.Families.Keys];

    private static string Path => Repository.PathTo("tests/GradLint.SignalPropagation.Tests/predictions.txt");

    [Theory]
    [MemberData(nameof(Families))]
    public void A_network_gets_the_prediction_that_is_written_down(string family)
    {
        string[] lines = [.. Lines(family)];
        string[] written = [.. s_written.Value[family]];

        Assert.Equal(written.Length, lines.Length);
        Assert.All(lines.Zip(written), pair => AssertSame(pair.Second, pair.First));
    }

    /// <summary>With the variable UPDATE_DOCS set, the file is written instead.</summary>
    [Fact]
    public void Every_written_line_is_about_a_family()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") is not null)
        {
            File.WriteAllLines(Path, RandomNetworks.Families.Keys.SelectMany(Lines));
        }

        Assert.Equal(RandomNetworks.Families.Keys.Order(), File.ReadLines(Path).Select(FamilyOf).Distinct().Order());
    }

    private static string FamilyOf(string line) => line[..line.IndexOf(' ')];

    private static void AssertSame(string written, string line)
    {
        string[] expected = written.Split(' ');
        string[] actual = line.Split(' ');
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(actual.Zip(expected), pair => Assert.True(IsSame(pair.Second, pair.First), $"{pair.First} instead of {pair.Second} in: {written}"));
    }

    private static bool IsSame(string expected, string actual) =>
        expected == actual || (Number(expected) is double one && Number(actual) is double other && Math.Abs(one - other) <= Tolerance * Math.Max(1, Math.Abs(one)));

    private static double? Number(string word) =>
        double.TryParse(word[(word.IndexOf('=') + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    private static IEnumerable<string> Lines(string family)
    {
        RandomNetworks networks = new(5000);
        return Enumerable.Range(0, NetworksDrawn)
            .Select(_ => networks.Draw(family))
            .OrderBy(network => network.Depth)
            .Take(NetworksKept)
            .SelectMany((network, index) => Lines(network).Select(line => $"{family} {index + 1} {line}"));
    }

    private static IEnumerable<string> Lines(RandomNetwork network)
    {
        GradientFlow flow = SignalPropagator.Propagate(network.Graph, network.Options);
        yield return network.Description;
        yield return Line($"growth={flow.Growth:g8} low={flow.Low:g8} high={flow.High:g8} time={flow.GrowthThroughTime:g8} span={flow.Span?.First}..{flow.Span?.Last} decades={flow.Span?.Decades:g8}");
        foreach (LayerFlow layer in Few(flow.Layers))
        {
            yield return Line(
                $"{layer.Name} {layer.Kind} q={layer.Log10SecondMoment:g8} gains={layer.ForwardGain:g8} ={layer.BackwardGain:g8} signal={layer.Log10SignalNorm:g8} gradient={layer.Log10GradientNorm:g8} low={layer.Log10GradientNormLow:g8} high={layer.Log10GradientNormHigh:g8} time={layer.GrowthThroughTime:g8} weight={layer.Log10WeightNorm:g8} init={layer.InitializationDecades:g8}");
        }

        foreach (Contribution contribution in flow.Contributions)
        {
            yield return Line($"{contribution.Kind} {contribution.Choice} of {contribution.Nodes.Count}: decades={contribution.Decades:g8}");
        }

        foreach (RangeFinding finding in flow.Findings)
        {
            yield return Line($"{finding.Problem} {finding.Node} {finding.Log10Magnitude:g8}");
        }

        foreach (string words in flow.Assumptions.Append($"stop {flow.Stop?.Node}: {flow.Stop?.Reason}"))
        {
            yield return words;
        }

        foreach (OptimizerFamily optimizer in Enum.GetValues<OptimizerFamily>())
        {
            DivergenceVerdict verdict = DivergenceCriterion.Judge(network.Graph, new OptimizerSettings(optimizer, 0.01) { Momentum = 0.5 }, network.Options);
            yield return Line($"{optimizer} {verdict.Diverges} {verdict.Layer} score={verdict.Score:g6} of={verdict.Threshold}");
        }
    }

    /// <summary>The first layers and the last: what is between them is in the growth.</summary>
    private static IEnumerable<LayerFlow> Few(IReadOnlyList<LayerFlow> layers) =>
        layers.Where((_, index) => index < 3 || index >= layers.Count - 2);

    private static string Line(FormattableString line) => FormattableString.Invariant(line);
}
