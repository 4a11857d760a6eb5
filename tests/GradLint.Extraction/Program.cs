using System.Globalization;
using GradLint.Extraction;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

// How much of real code the analyzer can read:
//   dotnet run -c Release --project tests/GradLint.Extraction -- FOLDER... [--graph CLASS] [--measure SEEDS]
// compiles the sources of each folder against TorchSharp, lists every module class, whether its network is read wholly, and if not, why.
// With --measure it also makes the models that need no arguments, and holds the prediction from their source against autograd.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] folders = [.. args.TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal))];
string? shown = Option("--graph");
int seeds = int.Parse(Option("--measure") ?? "0", CultureInfo.InvariantCulture);
TorchSharp.torch.set_num_threads(1);
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
        measurements.AddRange(Measurement.Candidates(compilation, models)
            .Select(candidate => Measurement.Of(candidate.Model, candidate.Create, seeds)).OfType<Measurement>().Where(measurement => measurement.NormErrors.Count > 1));
    }

    nets += classes.Count(extracted => extracted.BuildsANet);
    whole += classes.Count(extracted => extracted is { BuildsANet: true, Reason: null });
    Console.WriteLine();
}

Console.WriteLine($"{whole} of {nets} module classes that build a net are read wholly: {100.0 * whole / Math.Max(1, nets):0.0} %");
if (measurements.Count > 0)
{
    ErrorTable.Write(measurements);
}

return 0;

string? Option(string name) => args.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault();

static string Line(ExtractedClass extracted)
{
    string state = !extracted.BuildsANet ? "no net" : extracted.Reason is null ? "read" : "NOT";
    string growth = extracted.Model.Growth is { } decades ? $"growth {decades,6:0.00}" : "growth      -";
    string reason = extracted.Reason ?? extracted.Model.Flow?.Stop?.Reason ?? "";
    return $"{state,-6} {extracted.Class.Name,-32} {extracted.Place,-32} {extracted.Model.WeightLayerCount,4} layers  {growth}  {reason}";
}
