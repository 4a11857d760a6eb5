using Spectre.Console;

namespace Quickstart;

/// <summary>Colours and moving lines where somebody watches, plain text where the output goes elsewhere.</summary>
internal static class Terminal
{
    private const int WidthOfPlainText = 120;

    public static IAnsiConsole For(TextWriter output)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!IsInteractive(console))
        {
            console.Profile.Width = WidthOfPlainText;
        }

        return console;
    }

    public static bool IsInteractive(IAnsiConsole console) => console.Profile.Out.IsTerminal;
}
