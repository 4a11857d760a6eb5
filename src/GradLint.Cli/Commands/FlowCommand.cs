using System.CommandLine;
using GradLint.Cli.CommandLine;
using GradLint.Cli.Flow;
using GradLint.Cli.Sources;

namespace GradLint.Cli.Commands;

/// <summary><c>gradlint flow</c>: predicts from the code alone how gradients grow through each network.</summary>
internal static class FlowCommand
{
    private static readonly Argument<string> s_path = SharedArguments.Path();

    private static readonly Option<string?> s_model = new("--model")
    {
        Description = "Only the model of this name: a class, or the method, field or variable that holds a Sequential",
        HelpName = "NAME",
    };

    private static readonly Option<bool> s_json = new("--json")
    {
        Description = "Write JSON instead of tables",
    };

    private static readonly Option<string?> s_svg = new("--svg")
    {
        Description = "Also write a picture of the gradient norms to this file",
        HelpName = "FILE",
    };

    public static ToolCommand Create(ToolConsole console)
    {
        var command = new ToolCommand(
            "flow",
            "Predicts how the gradient grows on its way back through each network in the code, without running it.",
            new("gradlint flow Net.cs", "tables for all models in a file"),
            new("gradlint flow . --model ResNet", "one model of the project in this folder"),
            new("gradlint flow Net.cs --json", "the numbers, for other programs"),
            new("gradlint flow Net.cs --svg flow.svg", "a picture as well"))
        {
            s_path, s_model, s_json, s_svg,
        };
        command.Runs(console, (arguments, cancellation) => RunAsync(
            console, arguments.GetRequiredValue(s_path), arguments.GetValue(s_model), arguments.GetValue(s_json), arguments.GetValue(s_svg), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ToolConsole console, string path, string? name, bool json, string? svg, CancellationToken cancellation)
    {
        var paths = new DisplayPath(path);
        (IReadOnlyList<ModelReport> models, IReadOnlyList<string> problems) = await console.WhileWatchedAsync(
            $"Reading {path}", progress => ReadAsync(path, paths, progress, cancellation));
        if (name is not null)
        {
            models = Named(models, name);
        }

        if (json)
        {
            console.Output.WriteLine(FlowJson.Write(models, paths.Of));
        }
        else if (models.Count > 0)
        {
            new FlowText(console.Styled, paths.Of).Write(models);
        }

        if (svg is not null && models.Count > 0)
        {
            await File.WriteAllTextAsync(svg, FlowPicture.Draw(models), cancellation);
        }

        foreach (string problem in problems)
        {
            console.Complain(problem);
        }

        return problems.Count == 0 ? ExitCode.Success : ExitCode.CouldNotRun;
    }

    private static async Task<(IReadOnlyList<ModelReport> Models, IReadOnlyList<string> Problems)> ReadAsync(
        string path, DisplayPath paths, Action<string> progress, CancellationToken cancellation)
    {
        using SourceCode code = await SourceReader.ReadAsync(path, progress, cancellation);
        var models = new List<ModelReport>();
        var errors = new CompileErrors(code, paths);
        await foreach (CompiledProject project in code.CompileAsync(cancellation))
        {
            progress($"Predicting {project.Project.Name}");
            errors.Add(project.Compilation, cancellation);
            foreach (var model in ModelFinder.Find(project, code, cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                if (ModelReport.Of(model, project.TorchSharp) is { } report)
                {
                    models.Add(report);
                }
            }
        }

        // A file that is compiled in several projects, or for several frameworks, holds its models more than once.
        IReadOnlyList<ModelReport> distinct =
        [
            .. models.DistinctBy(model => (model.File, model.Line, model.Name)).OrderBy(model => model.File, StringComparer.Ordinal).ThenBy(model => model.Line),
        ];
        string? nothing = distinct.Count == 0 ? $"'{path}' holds no TorchSharp model." : null;
        return (distinct, [.. code.Problems.Append(errors.Summary).Append(nothing).OfType<string>()]);
    }

    private static IReadOnlyList<ModelReport> Named(IReadOnlyList<ModelReport> models, string name)
    {
        foreach (StringComparison comparison in (StringComparison[])[StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase])
        {
            if (models.Where(model => string.Equals(model.Name, name, comparison)).ToList() is { Count: > 0 } named)
            {
                return named;
            }
        }

        string known = models.Count > 0 ? $"there {(models.Count == 1 ? "is" : "are")} {string.Join(", ", models.Select(model => model.Name).Distinct())}" : "there are no models at all";
        throw new ToolException($"No model is called '{name}': {known}.");
    }
}
