using System.Globalization;
using GradLint;
using GradLint.SignalPropagation;
using GuardedTraining;
using static TorchSharp.torch;

// Trains a small network under the guard, and writes its log and report: dotnet run -c Release -- lstm | cnn | transformer | study
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Dictionary<string, Func<TrainerOptions, TrainingResult>> samples = new()
{
    ["lstm"] = CharacterLstm.Train,
    ["cnn"] = FashionCnn.Train,
    ["transformer"] = SmallTransformer.Train,
};
if (args is ["study", ..])
{
    FashionStudy.Run(results: "study.jsonl", picture: "study.svg");
    return 0;
}

if (args is not [var name] || !samples.TryGetValue(name, out Func<TrainerOptions, TrainingResult>? train))
{
    Console.Error.WriteLine($"Say which: {string.Join(", ", samples.Keys)} or study.");
    return 1;
}

// Layers this small gain little from more threads.
set_num_threads(1);
string log = $"{name}.jsonl";
TrainingResult result = train(new()
{
    Seed = 1,
    Log = log,
    Progress = new ConsoleProgress(),
    // All three end in a cross-entropy.
    Prediction = new() { Loss = Loss.CrossEntropy },
});
RunReport.Write(RunHistory.Read(log), $"{name}.html");
Console.WriteLine();
Console.WriteLine(result.Guard);
Console.WriteLine($"Report: {Path.GetFullPath($"{name}.html")}");
return 0;
