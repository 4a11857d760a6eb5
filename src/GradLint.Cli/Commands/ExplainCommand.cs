using System.CommandLine;
using GradLint.Cli.CommandLine;
using GradLint.Cli.Rules;

namespace GradLint.Cli.Commands;

/// <summary><c>gradlint explain GL2001</c>: the page of a rule.</summary>
internal static class ExplainCommand
{
    private static readonly Argument<string> s_id = new("ID")
    {
        Description = "The rule, such as GL2001; 'gradlint rules' lists them",
    };

    public static ToolCommand Create(ToolConsole console)
    {
        var command = new ToolCommand(
            "explain", "Shows the page of a rule: what it flags, why, an example, the fix, and when to suppress it.", new ToolExample("gradlint explain GL2001", "why clipping matters"))
        {
            s_id,
        };
        command.Runs(console, (arguments, _) => Task.FromResult(Explain(arguments.GetRequiredValue(s_id), console.Output)));
        return command;
    }

    private static int Explain(string id, TextWriter output)
    {
        string page = RulePages.Page(id.ToUpperInvariant())
            ?? throw new ToolException($"There is no rule '{id}'. The rules are {string.Join(", ", RulePages.Ids)}.");
        output.WriteLine(page.TrimEnd());
        return ExitCode.Success;
    }
}
