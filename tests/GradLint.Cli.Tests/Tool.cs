using GradLint.Cli.CommandLine;

namespace GradLint.Cli.Tests;

/// <summary>Runs the tool in this process, with its output caught.</summary>
internal static class Tool
{
    public static Task<ToolResult> RunAsync(params string[] args) => RunAsync(TestContext.Current.CancellationToken, args);

    public static async Task<ToolResult> RunAsync(CancellationToken cancellation, params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await GradLintTool.InvokeAsync(args, new ToolConsole(output, errors), cancellation);
        return new ToolResult(code, output.ToString(), errors.ToString());
    }
}

internal sealed record ToolResult(int Code, string Output, string Errors)
{
    public string[] OutputLines => Lines(Output);

    public string[] ErrorLines => Lines(Errors);

    private static string[] Lines(string text) => text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
