using System.CommandLine;
using GradLint.Cli.Checking;
using GradLint.Cli.CommandLine;
using GradLint.Cli.Sources;
using Microsoft.CodeAnalysis;

namespace GradLint.Cli.Commands;

/// <summary><c>gradlint check</c>: the diagnostics of all rules without a build, and their fixes.</summary>
internal static class CheckCommand
{
    private static readonly Argument<string> s_path = SharedArguments.Path();

    private static readonly Option<string> s_severity = new Option<string>("--severity")
    {
        Description = "The least severity that is reported, and that makes the exit code 1",
        HelpName = "info|warning|error",
        DefaultValueFactory = _ => "warning",
    }.AcceptOnlyFromAmong("info", "warning", "error");

    private static readonly Option<string> s_format = new Option<string>("--format")
    {
        Description = "How to report: lines as a compiler prints them, JSON, or SARIF 2.1.0 for code hosts and editors",
        HelpName = "text|json|sarif",
        DefaultValueFactory = _ => "text",
    }.AcceptOnlyFromAmong("text", "json", "sarif");

    private static readonly Option<bool> s_fix = new("--fix")
    {
        Description = "Apply the rules' fixes to the files, then report what is left",
    };

    private static readonly Option<bool> s_dryRun = new("--dry-run")
    {
        Description = "With --fix: show what would change as a diff and write nothing",
    };

    public static ToolCommand Create(ToolConsole console)
    {
        var command = new ToolCommand(
            "check",
            "Reports what GradLint's rules say about the code, as the compiler would: with the project's settings, without a build.\n"
                + "Exit code: 0 nothing at or above the severity, 1 something, 2 the code could not be read or does not compile.",
            new("gradlint check .", "the project or solution in this folder"),
            new("gradlint check Train.cs --severity info", "advice as well as warnings"),
            new("gradlint check . --format sarif > gradlint.sarif", "for code hosts"),
            new("gradlint check . --fix --dry-run | git apply", "review a diff, or apply it like this"))
        {
            s_path, s_severity, s_format, s_fix, s_dryRun,
        };
        command.Validators.Add(given =>
        {
            if (given.GetValue(s_dryRun) && !given.GetValue(s_fix))
            {
                given.AddError("--dry-run goes with --fix.");
            }
            else if (given.GetValue(s_dryRun) && given.GetResult(s_format) is { Implicit: false } && given.GetValue(s_format) != "text")
            {
                given.AddError("--dry-run shows a diff, and so does not go with --format.");
            }
        });
        command.Runs(console, (arguments, cancellation) => RunAsync(
            console,
            arguments.GetRequiredValue(s_path),
            Enum.Parse<DiagnosticSeverity>(arguments.GetRequiredValue(s_severity), ignoreCase: true),
            arguments.GetRequiredValue(s_format),
            arguments.GetValue(s_fix) ? (arguments.GetValue(s_dryRun) ? Fixing.Shown : Fixing.Written) : Fixing.None,
            cancellation));
        return command;
    }

    private enum Fixing
    {
        None,
        Shown,
        Written,
    }

    private static async Task<int> RunAsync(
        ToolConsole console, string path, DiagnosticSeverity least, string format, Fixing fixing, CancellationToken cancellation)
    {
        var paths = new DisplayPath(path);
        Outcome outcome = await console.WhileWatchedAsync(
            $"Reading {path}", progress => CheckAsync(path, paths, least, fixing != Fixing.None, progress, cancellation));
        if (fixing == Fixing.Written)
        {
            foreach (ChangedFile file in outcome.Changes)
            {
                file.Write();
            }
        }

        if (fixing == Fixing.Shown)
        {
            WriteDiff(outcome.Changes, console.Output);
        }
        else
        {
            Report(outcome, format, console, paths);
        }

        foreach (string problem in outcome.Problems)
        {
            console.Complain(problem);
        }

        bool found = outcome.Findings.Count > 0 || (fixing == Fixing.Shown && outcome.Changes.Count > 0);
        return outcome.Problems.Count > 0 ? ExitCode.CouldNotRun : found ? ExitCode.Findings : ExitCode.Success;
    }

    private static async Task<Outcome> CheckAsync(
        string path, DisplayPath paths, DiagnosticSeverity least, bool fix, Action<string> progress, CancellationToken cancellation)
    {
        using SourceCode code = await SourceReader.ReadAsync(path, progress, cancellation);
        var errors = new CompileErrors(code, paths);
        await foreach (CompiledProject project in code.CompileAsync(cancellation))
        {
            progress($"Compiling {project.Project.Name}");
            errors.Add(project.Compilation, cancellation);
        }

        progress("Asking the rules");
        SourceCode after = fix ? await Fixer.FixAsync(code, least, progress, cancellation) : code;
        IReadOnlyList<Finding> findings = await Linter.FindAsync(after, least, cancellation);
        return new Outcome(
            [.. findings.DistinctBy(finding => finding.Identity)],
            await ChangedFile.BetweenAsync(code, after, cancellation),
            [.. code.Problems.Append(errors.Summary).OfType<string>()]);
    }

    private static void Report(Outcome outcome, string format, ToolConsole console, DisplayPath paths)
    {
        switch (format)
        {
            case "json":
                console.Output.WriteLine(CheckJson.Write(outcome.Findings, paths));
                break;
            case "sarif":
                console.Output.WriteLine(SarifLog.Write(outcome.Findings, outcome.Problems));
                break;
            default:
                new CheckText(console, paths).Write(outcome.Findings);
                foreach (ChangedFile file in outcome.Changes)
                {
                    console.Output.WriteLine($"fixed {paths.Of(file.Path)}");
                }

                console.Output.WriteLine(outcome.Findings.Count switch
                {
                    0 => "nothing to report",
                    1 => "1 diagnostic",
                    var count => $"{count:N0} diagnostics",
                });
                break;
        }
    }

    private static void WriteDiff(IReadOnlyList<ChangedFile> changes, TextWriter output)
    {
        foreach (ChangedFile file in changes)
        {
            string name = Path.GetRelativePath(Environment.CurrentDirectory, file.Path).Replace('\\', '/');
            output.Write(UnifiedDiff.Of(name, file.Before.ToString(), file.After.ToString()));
        }
    }

    /// <param name="Findings">What the rules say, about the fixed code where it was to be fixed.</param>
    /// <param name="Changes">What the fixes change.</param>
    /// <param name="Problems">What kept some of the code from being read.</param>
    private sealed record Outcome(IReadOnlyList<Finding> Findings, IReadOnlyList<ChangedFile> Changes, IReadOnlyList<string> Problems);
}
