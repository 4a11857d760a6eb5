using GradLint.Cli.CommandLine;
using GradLint.Cli.Rules;
using Spectre.Console;

namespace GradLint.Cli.Commands;

/// <summary><c>gradlint rules</c>: the index of all rules.</summary>
internal static class RulesCommand
{
    public static ToolCommand Create(ToolConsole console)
    {
        var command = new ToolCommand("rules", "Lists all rules: what each flags, how severe that is, and what its fix does.", new ToolExample("gradlint rules", "the list"));
        command.Runs(console, (_, _) =>
        {
            console.Styled.Write(TableOf(RulePages.Index));
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static Table TableOf(IEnumerable<RuleLine> rules)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("ID", "flags", "severity", "fix");
        foreach (RuleLine rule in rules)
        {
            table.AddRow(new Text(rule.Id), new Text(rule.Title), new Text(rule.Severity), new Text(rule.Fix));
        }

        return table;
    }
}
