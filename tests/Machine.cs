namespace GradLint;

/// <summary>The machine that is measured on. Linked into the programs that measure.</summary>
internal static class Machine
{
    /// <summary>How many programs want a processor, over the last 1, 5 and 15 minutes: figures taken while others work say little.</summary>
    public static string Load => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";
}
