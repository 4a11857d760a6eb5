using Microsoft.CodeAnalysis;
using Spectre.Console;
using TorchSharp;

namespace Quickstart;

/// <summary>What the program shows, from the first warning to the picture.</summary>
internal sealed class Tour(Settings settings, TextWriter output)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        // What can be wrong is looked at before anything is shown.
        torch.Device device = Devices.Find(settings.Device);
        Picture picture = Picture.At(settings.Output);
        using FashionMnist data = FashionMnist.Load(settings.DataFolder, device);

        IAnsiConsole console = Terminal.For(output);
        console.Write(new Rule("RiskyNet.cs, read before it runs").LeftJustified());
        var rules = RuleSet.GradLint;
        TrainingSource source = TrainingSource.RiskyNet;
        IReadOnlyList<Diagnostic> diagnostics = await source.LintAsync(rules, cancellation);
        DiagnosticList.Print(diagnostics, console);
        TrainingSource repairedSource = await source.RepairAsync(diagnostics, rules, cancellation);
        TrainingLoop repaired = await repairedSource.CompileAsync(cancellation);

        console.WriteLine();
        string conditions = $"seed {settings.Seed}, {data.Training.Count:N0} images, {settings.Epochs} epochs, {settings.Device}";
        console.Write(new Rule($"Three runs, {conditions}").LeftJustified());
        IProgressDisplay display = Terminal.IsInteractive(console) ? new LiveProgress(console) : new PlainProgress(output);
        var experiment = new Experiment(data, settings, display, cancellation);
        RunResult[] runs =
        [
            experiment.Run("bare", (batches, on, recorder) => RiskyNet.Train(batches, on, recorder.Observe)),
            experiment.Run("guarded", (batches, on, recorder) => GuardedTraining.Train(batches, on, recorder.Observe)),
            experiment.Run("fixed", (batches, on, recorder) => repaired(batches, on, recorder.Observe)),
        ];

        console.WriteLine();
        console.Write(ResultTable.Of(runs));
        output.WriteLine(
            "Accuracy: on the test images. Final loss: mean of the last epoch. " +
            $"A run that has not been finite for {StepRecorder.Patience} steps is called off.");
        picture.Draw(runs);
        output.WriteLine($"Picture: {picture.FilePath}");
    }
}
