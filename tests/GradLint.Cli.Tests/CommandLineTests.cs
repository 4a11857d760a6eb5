using GradLint.Cli.Checking;

namespace GradLint.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("flow", "PATH", "--model <NAME>", "--json", "--svg <FILE>")]
    [InlineData("check", "PATH", "--severity <info|warning|error>", "--format <text|json|sarif>", "--fix", "--dry-run")]
    [InlineData("rules")]
    [InlineData("explain", "ID")]
    [InlineData("report", "RUN.jsonl", "-o, --output <FILE>")]
    [InlineData("faults", "--seeds <N>", "--steps <N>", "--json <FILE>", "--picture <FILE>", "--libtorch <FOLDER>")]
    public async Task Help_describes_every_argument_and_option_and_shows_examples(string command, params string[] parts)
    {
        ToolResult result = await Tool.RunAsync(command, "--help");

        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.All(parts, part => Assert.Matches($@"(?m)^  <?{System.Text.RegularExpressions.Regex.Escape(part)}>? {{2,}}\w", result.Output));
        Assert.Contains($"Examples:{Environment.NewLine}  gradlint {command}", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    public async Task Help_lists_the_commands(params string[] args)
    {
        ToolResult result = await Tool.RunAsync(args);

        Assert.Equal(0, result.Code);
        Assert.All(["flow", "check", "rules", "explain", "report", "faults"], command => Assert.Matches($@"(?m)^  {command} .*  \w", result.Output));
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("flow")]
    [InlineData("check", "x.cs", "--severity", "high")]
    [InlineData("check", "x.cs", "--format", "xml")]
    [InlineData("check", "x.cs", "--dry-run")]
    [InlineData("check", "x.cs", "--fix", "--dry-run", "--format", "json")]
    [InlineData("check", "x.cs", "y.cs")]
    public async Task A_wrong_command_line_is_said_in_one_line(params string[] args)
    {
        ToolResult result = await Tool.RunAsync(args);

        Assert.Equal((2, ""), (result.Code, result.Output));
        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("gradlint: ", line, StringComparison.Ordinal);
        Assert.EndsWith("--help'.", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gradlint: There is no command 'fly'. Try 'gradlint --help'.", "fly")]
    [InlineData("gradlint: Argument 'high' not recognized. Must be one of: 'info' 'warning' 'error'. Try 'gradlint check --help'.", "check", "x.cs", "--severity", "high")]
    public async Task What_is_wrong_with_it_is_told(string line, params string[] args) => Assert.Equal(line, Assert.Single((await Tool.RunAsync(args)).ErrorLines));

    [Fact]
    public async Task Rules_lists_every_rule_of_the_analyzers()
    {
        ToolResult result = await Tool.RunAsync("rules");

        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.NotEmpty(RuleSet.Rules);
        Assert.All(RuleSet.Rules, rule => Assert.Single(result.OutputLines, line => line.StartsWith($"  {rule.Id} ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Explain_shows_the_page_of_every_rule()
    {
        foreach (var rule in RuleSet.Rules)
        {
            ToolResult result = await Tool.RunAsync("explain", rule.Id.ToLowerInvariant());

            Assert.Equal((0, ""), (result.Code, result.Errors));
            Assert.Equal($"# {rule.Id}: {rule.Title}", result.OutputLines[0]);
        }
    }

    [Fact]
    public async Task An_unknown_rule_is_said_in_one_line()
    {
        ToolResult result = await Tool.RunAsync("explain", "GL9999");

        Assert.Equal((2, ""), (result.Code, result.Output));
        Assert.StartsWith("gradlint: There is no rule 'GL9999'. The rules are GL", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_is_called_off_ends_quietly()
    {
        using var folder = new TemporaryFolder();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        ToolResult result = await Tool.RunAsync(cancelled.Token, "flow", folder.Write("Exploding.cs", Code.Exploding));

        Assert.Equal(new ToolResult(130, "", ""), result);
    }
}
