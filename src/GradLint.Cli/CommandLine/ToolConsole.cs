using Spectre.Console;

namespace GradLint.Cli.CommandLine;

/// <summary>
/// Where the tool writes: results to <see cref="Output"/>, everything else to <see cref="Errors"/>. Colours and moving lines only
/// where somebody watches; plain text in files, pipes, under CI and with NO_COLOR.
/// </summary>
internal sealed class ToolConsole(TextWriter output, TextWriter errors)
{
    private const int WidthOfPlainText = 100;

    public TextWriter Output { get; } = output;

    public TextWriter Errors { get; } = errors;

    /// <summary>For tables and colours on the output.</summary>
    public IAnsiConsole Styled { get; } = ConsoleFor(output);

    /// <summary>One line on the error output, whatever the text.</summary>
    public void Complain(string message) => Errors.WriteLine($"gradlint: {message.ReplaceLineEndings(" ").Trim()}");

    /// <summary>Runs long work while a moving line on the error output says how far it is, where that is a terminal.</summary>
    public Task<T> WhileWatchedAsync<T>(string start, Func<Action<string>, Task<T>> work)
    {
        IAnsiConsole console = ConsoleFor(Errors);
        return console.Profile.Out.IsTerminal && console.Profile.Capabilities.Interactive
            ? console.Status().StartAsync(Markup.Escape(start), context => work(text => context.Status(Markup.Escape(text))))
            : work(_ => { });
    }

    private static IAnsiConsole ConsoleFor(TextWriter writer)
    {
        var terminal = new AnsiConsoleOutput(writer);
        bool plain = !terminal.IsTerminal || IsSet("CI") || IsSet("NO_COLOR");
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = terminal,
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (!terminal.IsTerminal)
        {
            console.Profile.Width = WidthOfPlainText;
        }

        return console;
    }

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is not (null or "" or "0" or "false");
}
