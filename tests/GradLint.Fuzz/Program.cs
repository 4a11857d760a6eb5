using System.Diagnostics;
using System.Globalization;
using GradLint.Fuzz;

// Half-typed code of every kind, to all rules: does one crash or hang?
//   dotnet run -c Release --project tests/GradLint.Fuzz [-- --mutants 20000] [--first 0] [--seed 1] [--workers CORES] [--keep FOLDER]
// Prints what went wrong and keeps those mutants in FOLDER (artifacts/fuzz); exit code 1 where something did, unless the compiler by itself fails on the code, too.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (await Worker.IsAskedAsync(args))
{
    return 0;
}

int count = Number("--mutants", 20_000);
int seed = Number("--seed", 1);
string folder = Directory.CreateDirectory(Option("--keep") ?? Path.Combine("artifacts", "fuzz")).FullName;
var mutants = new Mutants(seed);
Console.WriteLine($"{count} mutants of {mutants.SourceCount} sources, {Analysis.RuleCount} rules, seed {seed}");
Stopwatch clock = Stopwatch.StartNew();
List<Outcome> outcomes = [];
await new Campaign(seed).RunAsync(Number("--first", 0), count, Number("--workers", Environment.ProcessorCount), outcome =>
{
    outcomes.Add(outcome);
    if (outcome.Fault != Fault.None)
    {
        Mutant mutant = mutants[outcome.Number];
        string file = Path.Combine(folder, $"{outcome.Fault}-{outcome.Number}.cs");
        File.WriteAllText(file, $"// {mutant}\n{mutant.Tree}");
        Console.WriteLine($"{outcome.Fault}: {mutant}, {outcome.Time.TotalSeconds:0.0} s, {file}\n{string.Join('\n', outcome.Detail.Split('\n').Take(12))}");
    }

    if (outcomes.Count % 1000 == 0)
    {
        Console.WriteLine($"  {outcomes.Count} mutants in {clock.Elapsed.TotalSeconds:0} s");
    }
});

double[] times = [.. outcomes.Select(outcome => outcome.Time.TotalMilliseconds).Order()];
Console.WriteLine($"{outcomes.Count} mutants in {clock.Elapsed.TotalSeconds:0} s; the rules spoke about {outcomes.Count(outcome => outcome.Diagnostics > 0)} of them");
Console.WriteLine($"median {At(0.5):0} ms, 99 % below {At(0.99):0} ms, longest {At(1):0} ms");
Console.WriteLine(string.Join(", ", Enum.GetValues<Fault>()[1..].Select(fault => $"{fault}: {outcomes.Count(outcome => outcome.Fault == fault)}")));
return outcomes.Count == count && !outcomes.Exists(outcome => outcome.IsDefect) ? 0 : 1;

double At(double share) => times.Length == 0 ? 0 : times[(int)(share * (times.Length - 1))];

int Number(string name, int byDefault) => Option(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : byDefault;

string? Option(string name) => args.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault();
