using System.Diagnostics;
using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>
/// What a run log and TensorBoard's files cost beside a whole training step, all defaults. Means, not medians: what happens every tenth
/// or hundredth step counts with its share.
/// </summary>
internal static class ReportingCost
{
    private const double Bar = 0.03;
    private const int Steps = 1000;
    private const int Rounds = 5;

    public static void Run()
    {
        Console.WriteLine($"Reporting's share of a training step, the first {Steps} steps. Bar: <= {Bar:P0}.");
        Console.WriteLine("model        parameters   step us    log us   share    TensorBoard us   share");
        foreach (Workload workload in Workload.All())
        {
            using (workload)
            {
                Run(workload);
            }
        }
    }

    private static void Run(Workload workload)
    {
        double step = Stopwatches.Medians(
            TimeSpan.FromSeconds(3),
            () =>
            {
                workload.Backward().Dispose();
                workload.Optimizer.step()?.Dispose();
            })[0];
        string folder = Directory.CreateTempSubdirectory("gradlint-reporting-").FullName;
        try
        {
            var rounds = new List<(double Without, double Log, double Board)>();
            for (int round = 0; round < Rounds; round++)
            {
                rounds.Add((
                    Microseconds(workload, _ => null),
                    Microseconds(workload, guard => RunLogWriter.Start(Path.Combine(folder, "run.jsonl"), guard)),
                    Microseconds(workload, guard => TensorBoardWriter.Start(folder, guard))));
            }

            double log = Median(rounds.Select(round => round.Log - round.Without));
            double board = Median(rounds.Select(round => round.Board - round.Without));
            Console.WriteLine(
                $"{workload.Name,-11} {workload.Elements / 1e6,10:F2} M {step,9:F0} {log,9:F1} {log / step,7:P2} {board,17:F1} {board / step,7:P2}"
                + (log / step <= Bar ? "" : "  missed"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The mean time of judging a step, with somebody who is told or without.</summary>
    private static double Microseconds(Workload workload, Func<GradientGuard, IDisposable?> start)
    {
        using var guard = GradientGuard.For(workload.Model, workload.Optimizer);
        workload.Backward().Dispose();
        using IDisposable? told = start(guard);
        using Tensor loss = tensor(1f);
        long begin = Stopwatch.GetTimestamp();
        for (int step = 0; step < Steps; step++)
        {
            _ = guard.Inspect(loss);
        }

        return Stopwatch.GetElapsedTime(begin).TotalMicroseconds / Steps;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
