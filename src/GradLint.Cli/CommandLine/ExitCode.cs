namespace GradLint.Cli.CommandLine;

/// <summary>What the tool tells the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary><c>check</c> found something at or above the severity asked for.</summary>
    public const int Findings = 1;

    /// <summary>A wrong argument, code that does not compile, nothing found: one line on stderr says what.</summary>
    public const int CouldNotRun = 2;

    /// <summary>Ctrl+C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM, as shells count it: 128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
