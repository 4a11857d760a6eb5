using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GradLint.SignalPropagation.Tests.Measuring;
using TorchSharp;

// Holds the prediction against autograd on networks drawn at random:
//   dotnet run -c Release --project tests/GradLint.SignalPropagation.Validation -- [--grid 1] [--per-family 30] [--seeds 20] [--family mlp,conv] [--worst 10] [--json file]
Dictionary<string, string> arguments = [];
for (int i = 0; i + 1 < args.Length; i += 2)
{
    arguments[args[i]] = args[i + 1];
}

int grid = Number("--grid", 1);
int perFamily = Number("--per-family", 30);
int seeds = Number("--seeds", 20);
int worst = Number("--worst", 10);
string[] families = arguments.TryGetValue("--family", out string? chosen) ? chosen.Split(',') : [.. RandomNetworks.Families.Keys];
torch.set_num_threads(1);

List<Comparison> comparisons = [];
Stopwatch clock = Stopwatch.StartNew();
foreach (string family in families)
{
    RandomNetworks networks = new((grid * 1000) + Array.IndexOf([.. RandomNetworks.Families.Keys], family));
    for (int i = 0; i < perFamily; i++)
    {
        comparisons.Add(Comparison.Of(networks.Draw(family), seeds));
    }

    Console.Error.WriteLine($"{family} {clock.Elapsed.TotalSeconds:f0} s");
}

Console.WriteLine(new ErrorTable(comparisons, worst).ToMarkdown());
if (arguments.TryGetValue("--json", out string? file))
{
    File.WriteAllText(file, JsonSerializer.Serialize(comparisons, new JsonSerializerOptions { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals }));
}

int Number(string name, int fallback) => arguments.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;
