using System.CommandLine;
using System.Globalization;
using GradLint.Cli.CommandLine;
using GradLint.Cli.Studies;
using GradLint.Faults;

namespace GradLint.Cli.Commands;

/// <summary><c>gradlint faults</c>: what becomes of a training in which something goes wrong, under the guard and under other methods.</summary>
internal static class FaultsCommand
{
    private static readonly Option<string[]> s_models = Chosen("--model", "Only these networks", StandardModels.All(1).Select(model => model.Name));
    private static readonly Option<string[]> s_optimizers = Chosen("--optimizer", "Only these optimizers", StudyOptimizer.Standard.Select(optimizer => optimizer.Name));
    private static readonly Option<string[]> s_methods = Chosen("--method", "Only these methods", StudyMethod.Standard.Select(method => method.Name));
    private static readonly Option<int> s_seeds = AtLeastOne("--seeds", "How many seeds each run is repeated with", 3);
    private static readonly Option<int> s_steps = AtLeastOne("--steps", "How many steps a run has; the faults come in the middle", 600);
    private static readonly Option<string?> s_json = new("--json") { Description = "Write all results to this file", HelpName = "FILE" };
    private static readonly Option<string?> s_picture = new("--picture") { Description = "Draw the results to this PNG file", HelpName = "FILE" };
    private static readonly Option<string?> s_libtorch = new("--libtorch")
    {
        Description = "The folder of libtorch's libraries (default: that of the package in the NuGet cache)",
        HelpName = "FOLDER",
    };

    public static ToolCommand Create(ToolConsole console)
    {
        var command = new ToolCommand(
            "faults",
            "Trains small networks while NaN, spikes, corrupt weights and other faults are injected, and compares the guard with no guard, "
                + "clip_grad_norm_ and published methods: final loss against a clean run, steps lost, false alarms. All of it takes about an hour on one core; "
                + "GradLint.Faults does the same with your own network.",
            new("gradlint faults --model MLP --optimizer Adam", "a part of it, within minutes"),
            new("gradlint faults --json faults.json --picture faults.png", "all of it, with the figures"))
        {
            s_models, s_optimizers, s_methods, s_seeds, s_steps, s_json, s_picture, s_libtorch,
        };
        command.Runs(console, async (arguments, cancellation) =>
        {
            Libtorch.Load(arguments.GetValue(s_libtorch));
            int steps = arguments.GetValue(s_steps);
            var study = new FaultStudy
            {
                Models = Only(StandardModels.All(steps), model => model.Name, arguments.GetValue(s_models)),
                Optimizers = Only(StudyOptimizer.Standard, optimizer => optimizer.Name, arguments.GetValue(s_optimizers)),
                Methods = Only(StudyMethod.Standard, method => method.Name, arguments.GetValue(s_methods)),
                Faults = StudyFault.Standard(steps / 2),
                Seeds = arguments.GetValue(s_seeds),
                Steps = steps,
            };
            FaultStudyReport report = await console.WhileWatchedAsync(
                "Training", tell => Task.FromResult(study.Run(new Told(share => tell($"Training: {share.ToString("P0", CultureInfo.InvariantCulture)}")), cancellation)));
            await console.Output.WriteLineAsync(report.ToTable());
            await WriteAsync(report, arguments.GetValue(s_json), arguments.GetValue(s_picture), cancellation);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task WriteAsync(FaultStudyReport report, string? json, string? picture, CancellationToken cancellation)
    {
        if (json is not null)
        {
            await File.WriteAllTextAsync(json, report.ToJson(), cancellation);
        }

        if (picture is not null)
        {
            report.SavePicture(picture);
        }
    }

    private static IReadOnlyList<T> Only<T>(IReadOnlyList<T> all, Func<T, string> name, string[]? chosen) =>
        chosen is null or [] ? all : [.. all.Where(one => chosen.Contains(name(one)))];

    private static Option<string[]> Chosen(string name, string description, IEnumerable<string> names)
    {
        string[] all = [.. names];
        var option = new Option<string[]>(name) { Description = description, HelpName = string.Join('|', all), AllowMultipleArgumentsPerToken = true };
        option.AcceptOnlyFromAmong(all);
        return option;
    }

    private static Option<int> AtLeastOne(string name, string description, int usual)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() < 1)
            {
                given.AddError($"{name} must be at least 1.");
            }
        });
        return option;
    }

    // Not Progress<T>: that would tell it later, on another thread.
    private sealed class Told(Action<double> tell) : IProgress<double>
    {
        public void Report(double value) => tell(value);
    }
}
