using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using GradLint.Cli.Commands;

namespace GradLint.Cli.CommandLine;

/// <summary>The command line: arguments in, exit code out.</summary>
internal static class GradLintTool
{
    /// <summary>All commands, in the order of the help text.</summary>
    private static readonly Func<ToolConsole, ToolCommand>[] s_commands =
    [
        FlowCommand.Create,
        CheckCommand.Create,
        RulesCommand.Create,
        ExplainCommand.Create,
        ReportCommand.Create,
        FaultsCommand.Create,
    ];

    public static async Task<int> InvokeAsync(string[] args, ToolConsole console, CancellationToken cancellation)
    {
        // Not a RootCommand: that goes by the name of the file, and the command is called differently.
        var help = new HelpOption();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!);
        var root = new Command("gradlint", "Keeps TorchSharp networks from exploding: predicts how gradients grow, from the source code alone, and checks training code.")
        {
            help, new VersionOption(),
        };
        foreach (Func<ToolConsole, ToolCommand> create in s_commands)
        {
            root.Add(create(console));
        }

        ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Action is ParseErrorAction)
        {
            console.Complain($"{WhatIsWrong(parsed)} Try 'gradlint {HelpFor(parsed)}'.");
            return ExitCode.CouldNotRun;
        }

        var configuration = new InvocationConfiguration { Output = console.Output, Error = console.Errors, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await parsed.InvokeAsync(configuration, cancellation);
    }

    /// <summary>Gives a command its work. What the user can put right is told in one line, and Ctrl+C ends it quietly.</summary>
    public static void Runs(this ToolCommand command, ToolConsole console, Func<ParseResult, CancellationToken, Task<int>> work) =>
        command.SetAction(async (arguments, cancellation) =>
        {
            try
            {
                // Off the calling thread: what is computed without a pause must not keep Ctrl+C from being heard.
                return await Task.Run(() => work(arguments, cancellation), CancellationToken.None);
            }
            catch (Exception error) when (error is ToolException or IOException or UnauthorizedAccessException)
            {
                console.Complain(error.Message);
                return ExitCode.CouldNotRun;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        });

    /// <summary>One line, which the library's own messages are not all.</summary>
    private static string WhatIsWrong(ParseResult parsed)
    {
        string message = parsed.CommandResult.Command is not ToolCommand && parsed.UnmatchedTokens.Count > 0
            ? $"There is no command '{parsed.UnmatchedTokens[0]}'."
            : string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return message.EndsWith('.') ? message : message + ".";
    }

    private static string HelpFor(ParseResult parsed) =>
        parsed.CommandResult.Command is ToolCommand { Name: var name } ? $"{name} --help" : "--help";
}
