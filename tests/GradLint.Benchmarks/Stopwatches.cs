using System.Diagnostics;

namespace GradLint.Benchmarks;

/// <summary>
/// Times several ways of doing something in turns, so that whatever else the machine does meets all of them alike, and takes each
/// one's median. Only the ratios of times from one call mean anything.
/// </summary>
internal static class Stopwatches
{
    /// <summary>The medians in microseconds, in the order of the ways.</summary>
    public static double[] Medians(TimeSpan budget, params Action[] ways)
    {
        var times = Array.ConvertAll(ways, _ => new List<double>());
        for (int warmUp = 0; warmUp < 3; warmUp++)
        {
            foreach (Action way in ways)
            {
                way();
            }
        }

        long start = Stopwatch.GetTimestamp();
        while (times[0].Count < 7 || (Stopwatch.GetElapsedTime(start) < budget && times[0].Count < 20_000))
        {
            for (int i = 0; i < ways.Length; i++)
            {
                long begin = Stopwatch.GetTimestamp();
                ways[i]();
                times[i].Add(Stopwatch.GetElapsedTime(begin).TotalMicroseconds);
            }
        }

        return Array.ConvertAll(times, Median);
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
