using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.EditorLatency;

/// <summary>How long an editor waits for diagnostics after each of many changes to the open file, and what that leaves behind.</summary>
/// <param name="Median">Milliseconds from a keystroke to its diagnostics: the change, what the compiler binds anew, and the rules.</param>
/// <param name="NinetyFifth">What 95 % of the keystrokes stay below.</param>
/// <param name="Slowdown">The median of the last half over that of the first.</param>
/// <param name="MegabytesKept">How much more memory is in use after the last half than after the first.</param>
internal sealed record Latency(double Median, double NinetyFifth, double Slowdown, double MegabytesKept)
{
    public static async Task<Latency> OfTypingAsync(EditorSession session, int changes, CancellationToken cancellation)
    {
        double[] times = new double[changes];
        double memoryAtHalf = 0;
        int made = 0;
        foreach (TextChange change in Typist.Changes(await session.TextAsync(cancellation), changes))
        {
            long start = Stopwatch.GetTimestamp();
            await session.TypeAsync(change, cancellation);
            ImmutableArray<Diagnostic> diagnostics = await session.DiagnosticsAsync(cancellation);
            times[made++] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            GC.KeepAlive(diagnostics);
            if (made == changes / 2)
            {
                memoryAtHalf = MegabytesInUse();
            }
        }

        return new Latency(
            Quantile(times, 0.5), Quantile(times, 0.95), Quantile(times[(changes / 2)..], 0.5) / Quantile(times[..(changes / 2)], 0.5), MegabytesInUse() - memoryAtHalf);
    }

    /// <summary>The managed memory that is in use, once all that is not is freed.</summary>
    public static double MegabytesInUse()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true) / 1e6;
    }

    private static double Quantile(double[] times, double share)
    {
        double[] sorted = [.. times.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
