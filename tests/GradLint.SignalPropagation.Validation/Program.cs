using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GradLint.SignalPropagation;
using GradLint.SignalPropagation.Tests.Measuring;
using GradLint.SignalPropagation.Validation;
using TorchSharp;

// Holds the prediction against autograd on networks drawn at random:
//   dotnet run -c Release --project tests/GradLint.SignalPropagation.Validation -- [--grid 1] [--per-family 30] [--seeds 20] [--family mlp,conv] [--worst 10] [--limit seconds] [--more mlp-explode:60,mlp:20] [--json file] [--svg file] [--from file,file]
Dictionary<string, string> arguments = [];
for (int i = 0; i + 1 < args.Length; i += 2)
{
    arguments[args[i]] = args[i + 1];
}

int grid = Number("--grid", 1);
int perFamily = Number("--per-family", 30);
int seeds = Number("--seeds", 20);
int worst = Number("--worst", 10);
int limit = Number("--limit", int.MaxValue); // seconds after which no further network is begun
string[] families = arguments.TryGetValue("--family", out string? chosen) ? chosen.Split(',') : [.. RandomNetworks.Families.Keys];
JsonSerializerOptions json = new() { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };
torch.set_num_threads(1);

if (arguments.TryGetValue("--divergence", out string? perDivergence))
{
    // --divergence 8: the divergence criterion instead, on so many networks of each family
    List<DivergenceStudy.Run> runs = DivergenceStudy.On(grid, int.Parse(perDivergence, CultureInfo.InvariantCulture), 100, limit);
    foreach (OptimizerFamily family in new[] { OptimizerFamily.Sgd, OptimizerFamily.Adam })
    {
        DivergenceStudy.Run[] own = [.. runs.Where(run => run.Family == family)];
        Console.WriteLine(DivergenceStudy.Score($"{family}", own, run => run.Verdict.Diverges == true));
        Console.WriteLine(DivergenceStudy.Score($"{family} naive", own, run => run.Rate > (family == OptimizerFamily.Sgd ? 0.05 : 0.05)));
        foreach (double factor in new[] { 0.5, 0.7, 1.4, 2 })
        {
            Console.WriteLine(DivergenceStudy.Score($"  threshold x {factor}", own, run => run.Verdict.Score > factor * run.Verdict.Threshold && (run.Verdict.Diverges == true || run.Verdict.Score <= run.Verdict.Threshold)));
        }

        foreach (DivergenceStudy.Run run in own.Where(run => run.Verdict.Diverges != run.Diverged).Take(worst))
        {
            Console.WriteLine($"  - {run.Description} lr {run.Rate}: score {run.Verdict.Score:g3}, diverged {run.Diverged}");
        }
    }

    return;
}

// --from a.json,b.json: the table and the picture of earlier runs, of whose networks nothing is measured again
List<Comparison> comparisons = arguments.TryGetValue("--from", out string? earlier)
    ? [.. earlier.Split(',').SelectMany(path => JsonSerializer.Deserialize<List<Comparison>>(File.ReadAllText(path), json)!)]
    : [];
Stopwatch clock = Stopwatch.StartNew();
foreach (string family in earlier is null ? families : [])
{
    RandomNetworks networks = new((grid * 1000) + Array.IndexOf([.. RandomNetworks.Families.Keys], family));
    int count = perFamily + More(family);
    for (int i = 0; i < count && clock.Elapsed.TotalSeconds < limit; i++)
    {
        comparisons.Add(Comparison.Of(networks.Draw(family), seeds));
    }

    Save();
    Console.Error.WriteLine($"{family} {clock.Elapsed.TotalSeconds:f0} s");
}

Console.WriteLine(new ErrorTable(comparisons, worst).ToMarkdown());

if (arguments.TryGetValue("--svg", out string? picture))
{
    File.WriteAllText(picture, PredictionPicture.Of(comparisons));
}

// After each family: a run of hours is not lost with its last one.
void Save()
{
    if (arguments.TryGetValue("--json", out string? file))
    {
        File.WriteAllText(file, JsonSerializer.Serialize(comparisons, json));
    }
}

// More networks of some families, so that there are enough that explode or vanish.
int More(string family) => arguments.TryGetValue("--more", out string? text)
    ? text.Split(',').Select(one => one.Split(':')).Where(one => one[0] == family).Sum(one => int.Parse(one[1], CultureInfo.InvariantCulture))
    : 0;

int Number(string name, int fallback) => arguments.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;
