using System.Text.Json;
using System.Text.Json.Serialization;
using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Validation;

/// <summary>One network of a grid, by its place there, with what autograd says of it: measured once, it holds every later prediction to account.</summary>
internal sealed record MeasuredNetwork(int Grid, string Family, int Index, string Description, MeasuredFlow Flow)
{
    private static readonly JsonSerializerOptions s_json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Draws the networks of a family, as many as are asked for: the same ones for each grid.</summary>
    public static IEnumerable<RandomNetwork> Draw(int grid, string family)
    {
        RandomNetworks networks = new((grid * 1000) + RandomNetworks.Families.Keys.ToList().IndexOf(family));
        while (true)
        {
            yield return networks.Draw(family);
        }
    }

    /// <summary>Measures the first networks of a family, but for those that are there already.</summary>
    public static IEnumerable<MeasuredNetwork> Measure(int grid, string family, int count, int seeds, IReadOnlyList<MeasuredNetwork> there)
    {
        HashSet<int> done = [.. there.Where(one => one.Grid == grid && one.Family == family && one.Flow.Growths.Count == seeds).Select(one => one.Index)];
        return from drawn in Draw(grid, family).Take(count).Index()
               where !done.Contains(drawn.Index)
               select new MeasuredNetwork(grid, family, drawn.Index, drawn.Item.Description, MeasuredFlow.Of(drawn.Item.Graph, seeds, drawn.Item.Options));
    }

    /// <summary>Predicts networks that have been measured, which are drawn again.</summary>
    public static IEnumerable<Comparison> Predict(IEnumerable<MeasuredNetwork> measured) =>
        from family in measured.GroupBy(one => (one.Grid, one.Family))
        let drawn = Draw(family.Key.Grid, family.Key.Family).Take(family.Max(one => one.Index) + 1).ToArray()
        from one in family
        select drawn[one.Index].Description == one.Description
            ? Comparison.Of(drawn[one.Index], one.Flow)
            : throw new InvalidDataException($"{one.Family} {one.Index} of grid {one.Grid} was measured as '{one.Description}', and is drawn as '{drawn[one.Index].Description}' now: measure it again.");

    public static List<MeasuredNetwork> Read(string path) => JsonSerializer.Deserialize<List<MeasuredNetwork>>(File.ReadAllText(path), s_json)!;

    /// <summary>Writes a file that is whole even where the process ends in the middle of it.</summary>
    public static void Write(string path, IReadOnlyList<MeasuredNetwork> measured)
    {
        File.WriteAllText(path + ".part", JsonSerializer.Serialize(measured, s_json));
        File.Move(path + ".part", path, overwrite: true);
    }
}
