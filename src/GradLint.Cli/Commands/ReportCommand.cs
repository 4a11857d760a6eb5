using System.CommandLine;
using GradLint.Cli.CommandLine;

namespace GradLint.Cli.Commands;

/// <summary><c>gradlint report</c>: a run's log as a page to look at.</summary>
internal static class ReportCommand
{
    private static readonly Argument<string> s_log = new("RUN.jsonl") { Description = "The log that a RunLogWriter wrote, or is still writing" };

    private static readonly Option<string?> s_output = new("--output", "-o")
    {
        Description = "The HTML file to write; an existing one is replaced (default: beside the log, with the ending .html)",
        HelpName = "FILE",
    };

    public static ToolCommand Create(ToolConsole console)
    {
        var command = new ToolCommand(
            "report",
            "Makes one HTML file of a run's log: loss, gradient norms of all layers, clipping, histograms and every event. It opens offline.",
            new("gradlint report run.jsonl", "writes run.html"),
            new("gradlint report run.jsonl -o /tmp/run.html", "writes it elsewhere"))
        {
            s_log, s_output,
        };
        command.Runs(console, (arguments, _) =>
        {
            string log = arguments.GetRequiredValue(s_log);
            return Task.FromResult(Write(console, log, arguments.GetValue(s_output) ?? Path.ChangeExtension(log, ".html")));
        });
        return command;
    }

    private static int Write(ToolConsole console, string log, string page)
    {
        RequireLog(log);
        RunHistory run = Read(log);
        if (Path.GetFullPath(page) == Path.GetFullPath(log))
        {
            throw new ToolException($"The report would replace the log {log}. Choose another file with --output.");
        }

        RequireFolderOf(page);
        RunReport.Write(run, page);
        console.Output.WriteLine(page);
        if (run.CutOff is { } cutOff)
        {
            console.Complain(cutOff);
        }

        return ExitCode.Success;
    }

    private static void RequireLog(string log)
    {
        RequireNoFolder(log, "log");
        if (!File.Exists(log))
        {
            throw new ToolException($"There is no file {log}.");
        }
    }

    private static void RequireFolderOf(string page)
    {
        RequireNoFolder(page, "report");
        string folder = Path.GetDirectoryName(Path.GetFullPath(page))!;
        if (!Directory.Exists(folder))
        {
            throw new ToolException($"There is no folder {folder} for the report. Create it, or choose another file with --output.");
        }
    }

    private static void RequireNoFolder(string path, string what)
    {
        if (Directory.Exists(path))
        {
            throw new ToolException($"{path} is a folder. Name the file of the {what}.");
        }
    }

    private static RunHistory Read(string log)
    {
        try
        {
            return RunHistory.Read(log);
        }
        catch (InvalidDataException error)
        {
            throw new ToolException(error.Message);
        }
    }
}
