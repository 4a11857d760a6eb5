using System.Globalization;
using GradLint.Extraction;
using GradLint.Extraction.Hits;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

// How much of real code the analyzer can read:
//   dotnet run -c Release --project tests/GradLint.Extraction -- FOLDER... [--graph CLASS] [--measure SEEDS [--only MODEL] [--kept FOLDER]]
// compiles the sources of each folder (or of several, joined by '+') against TorchSharp, lists every module class, whether its network is read wholly, and if not, why.
// With --hits CLONES [--markdown FILE] it lists what all rules say about public repositories, with the verdicts on each hit (docs/judged-hits.md).
// With --measure it also makes the models that need no arguments, each in a process of its own, and holds the prediction from their source against autograd;
// of a single one it lists the layers. What is measured is kept in a folder, to be predicted again.
if (Trial.RunFrom(args) is { } ended)
{
    return ended;
}

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] folders = [.. args.TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal))];
if (Option("--hits") is { } clones)
{
    return await HitsCommand.RunAsync(clones, Option("--markdown"));
}

string? shown = Option("--graph");
string? only = Option("--only");
string? kept = Option("--kept");
int seeds = int.Parse(Option("--measure") ?? "0", CultureInfo.InvariantCulture);
List<Measurement> measurements = [];
if (folders.Length == 0)
{
    Console.Error.WriteLine("Name at least one folder with C# sources.");
    return 1;
}

int nets = 0;
int whole = 0;
foreach (string folder in folders)
{
    CSharpCompilation compilation = Sources.Compile(folder);
    int errors = compilation.GetDiagnostics().Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
    Console.WriteLine($"# {folder} ({compilation.SyntaxTrees.Length - 1} files, {errors} compiler errors)");
    if (TorchSharpSymbols.TryCreate(compilation) is not { } torchSharp)
    {
        continue;
    }

    NetworkModels models = NetworkModels.Of(compilation, torchSharp);
    ExtractedClass[] classes = [.. ExtractedClass.In(compilation, models)];
    foreach (ExtractedClass extracted in classes)
    {
        Console.WriteLine(Line(extracted));
        if (extracted.Class.Name == shown)
        {
            Console.WriteLine(extracted.Model.Graph);
        }
    }

    if (seeds > 0)
    {
        Measure(compilation, models);
    }

    nets += classes.Count(extracted => extracted.BuildsANet);
    whole += classes.Count(extracted => extracted is { BuildsANet: true, Reason: null });
    Console.WriteLine();
}

Console.WriteLine($"{whole} of {nets} module classes that build a net are read wholly: {100.0 * whole / Math.Max(1, nets):0.0} %");
if (measurements.Count > 0)
{
    ErrorTable.Write(measurements);
    if (only is not null)
    {
        ErrorTable.WriteLayers(measurements);
    }
}

return 0;

void Measure(CSharpCompilation compilation, NetworkModels models)
{
    string image = Path.Combine(Path.GetTempPath(), $"{compilation.AssemblyName}-{Environment.ProcessId}.dll");
    if (!CompiledModels.Write(compilation, image))
    {
        Console.WriteLine("Its models cannot be compiled.");
        return;
    }

    foreach (Candidate candidate in Candidate.In(compilation, models, image).Where(candidate => only is null || candidate.Name == only))
    {
        if (Measurement.Of(candidate, seeds, kept, out string? reason) is { } measurement)
        {
            measurements.Add(measurement);
        }
        else
        {
            Console.WriteLine($"not measured: {candidate.Name}: {reason}");
        }
    }

    File.Delete(image);
}

string? Option(string name) => args.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault();

static string Line(ExtractedClass extracted)
{
    string state = !extracted.BuildsANet ? "no net" : extracted.Reason is null ? "read" : "NOT";
    string growth = extracted.Model.Growth is { } decades ? $"growth {decades,6:0.00}" : "growth      -";
    string reason = extracted.Reason ?? extracted.Model.Flow?.Stop?.Reason ?? "";
    return $"{state,-6} {extracted.Class.Name,-32} {extracted.Place,-32} {extracted.Model.WeightLayerCount,4} layers  {growth}  {reason}";
}
