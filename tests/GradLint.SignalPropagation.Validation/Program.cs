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
NativeHeap.ReturnLargeBlocks();

if (arguments.TryGetValue("--divergence", out string? perDivergence))
{
    // --divergence 8: the divergence criterion instead, on so many networks of each family, with --seeds initializations each
    List<DivergenceStudy.Run> runs = arguments.TryGetValue("--from", out string? trained)
        ? [.. trained.Split(',').SelectMany(path => JsonSerializer.Deserialize<List<DivergenceStudy.Run>>(File.ReadAllText(path), json)!)]
        : TrainAll(int.Parse(perDivergence, CultureInfo.InvariantCulture));
    List<(DivergenceStudy.Run Run, DivergenceVerdict Verdict)> judged = DivergenceStudy.Judge(grid, runs);
    foreach (OptimizerFamily family in new[] { OptimizerFamily.Sgd, OptimizerFamily.Adam })
    {
        (DivergenceStudy.Run Run, DivergenceVerdict Verdict)[] own = [.. judged.Where(one => one.Run.Family == family)];
        Console.WriteLine(DivergenceStudy.Score($"{family}", own, one => one.Verdict.Diverges == true));
        foreach (double rate in own.Select(one => one.Run.Rate).Distinct())
        {
            Console.WriteLine(DivergenceStudy.Score($"  at a rate of {rate}", [.. own.Where(one => one.Run.Rate == rate)], one => one.Verdict.Diverges == true));
            Console.WriteLine(DivergenceStudy.Score($"  where every rate from {rate} is said", own, one => one.Run.Rate >= rate));
        }

        foreach ((DivergenceStudy.Run run, DivergenceVerdict verdict) in own.Where(one => one.Verdict.Diverges != one.Run.Diverged).Take(worst))
        {
            Console.WriteLine($"  - {run.Network} {run.Description} lr {run.Rate}: score {verdict.Score:g3}, diverged {run.Diverged}");
        }
    }

    return;
}

// --from a.json,b.json: networks that were measured earlier; --json: what is measured, read first where it is there, so that a run that was stopped goes on
List<MeasuredNetwork> measured = arguments.TryGetValue("--from", out string? earlier)
    ? [.. earlier.Split(',').SelectMany(MeasuredNetwork.Read)]
    : arguments.TryGetValue("--json", out string? begun) && File.Exists(begun) ? MeasuredNetwork.Read(begun) : [];
if (earlier is null)
{
    Measure();
}

// Small families draw some networks twice: they count once.
List<Comparison> comparisons = [.. MeasuredNetwork.Predict(measured).DistinctBy(one => (one.Family, one.Description))];
Console.WriteLine(new ErrorTable(comparisons, worst).ToMarkdown());

if (arguments.TryGetValue("--svg", out string? picture))
{
    File.WriteAllText(picture, PredictionPicture.Of(comparisons));
}

void Measure()
{
    Stopwatch clock = Stopwatch.StartNew();
    foreach (string family in families)
    {
        foreach (MeasuredNetwork network in MeasuredNetwork.Measure(grid, family, perFamily + More(family), seeds, [.. measured]).TakeWhile(_ => clock.Elapsed.TotalSeconds < limit))
        {
            measured.Add(network);
            if (arguments.TryGetValue("--json", out string? file))
            {
                MeasuredNetwork.Write(file, measured);
            }
        }

        Console.Error.WriteLine($"{family} {clock.Elapsed.TotalSeconds:f0} s, {Environment.WorkingSet >> 20} MB");
    }
}

List<DivergenceStudy.Run> TrainAll(int count)
{
    List<DivergenceStudy.Run> runs = [];
    Stopwatch clock = Stopwatch.StartNew();
    foreach (string family in DivergenceStudy.Families.Intersect(families))
    {
        foreach ((int index, RandomNetwork network) in DivergenceStudy.Draw(grid, family).Take(count).Index())
        {
            if (clock.Elapsed.TotalSeconds < limit)
            {
                runs.AddRange(DivergenceStudy.Train(network, index, 100, seeds));
            }
        }

        if (arguments.TryGetValue("--json", out string? file))
        {
            File.WriteAllText(file, JsonSerializer.Serialize(runs, json));
        }
    }

    return runs;
}

// More networks of some families, so that there are enough that explode or vanish.
int More(string family) => arguments.TryGetValue("--more", out string? text)
    ? text.Split(',').Select(one => one.Split(':')).Where(one => one[0] == family).Sum(one => int.Parse(one[1], CultureInfo.InvariantCulture))
    : 0;

int Number(string name, int fallback) => arguments.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;
