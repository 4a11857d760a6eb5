using System.Diagnostics;
using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>
/// What a run log and TensorBoard's files cost beside a whole training step, all defaults, and what reporting costs when nobody listens. Each step is judged in
/// turns by a guard that nobody watches, one with a log and one with TensorBoard's files, so that whatever else the machine does meets all of them alike.
/// Means over a hundred steps, not medians of one: what happens every tenth or hundredth step counts with its share.
/// </summary>
internal static class ReportingCost
{
    private const double Bar = 0.03;
    private const int StepsOfBlock = 100;
    private const int Blocks = 10;

    public static void Run()
    {
        Console.WriteLine($"Reporting's share of a training step: the median of {Blocks} times {StepsOfBlock} steps, and of all. Bar: <= {Bar:P0}; when nobody listens, nothing measurable.");
        Console.WriteLine("model        parameters   step us    nobody ns   share    log us   share   of all    TensorBoard us   share   of all");
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
        string folder = Directory.CreateTempSubdirectory("gradlint-reporting-").FullName;
        try
        {
            using var off = GradientGuard.For(workload.Model, workload.Optimizer);
            using var logged = GradientGuard.For(workload.Model, workload.Optimizer);
            using var drawn = GradientGuard.For(workload.Model, workload.Optimizer);
            using var log = RunLogWriter.Start(Path.Combine(folder, "run.jsonl"), logged);
            using var board = TensorBoardWriter.Start(folder, drawn);
            GradientGuard[] guards = [off, logged, drawn];
            double[][] blocks = [.. Enumerable.Range(0, Blocks).Select(_ => Block(workload, guards))];

            double step = Median(blocks.Select(block => block[^1]));
            double nobody = Nanoseconds(off);
            Console.WriteLine(
                $"{workload.Name,-11} {workload.Elements / 1e6,10:F2} M {step,9:F0} {nobody,12:F0} {nobody / 1000 / step,7:P3}"
                + $" {Cost(blocks, 1)} {Cost(blocks, 2, width: 17)}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The mean microseconds of judging a step, by each guard, and of the whole step with the first.</summary>
    private static double[] Block(Workload workload, GradientGuard[] guards)
    {
        double[] sums = new double[guards.Length + 1];
        for (int step = 0; step < StepsOfBlock; step++)
        {
            long begin = Stopwatch.GetTimestamp();
            Tensor loss = workload.Backward();
            sums[^1] += Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
            for (int i = 0; i < guards.Length; i++)
            {
                // The first to come finds the gradients in no cache, and may have to clip them.
                int turn = (i + step) % guards.Length;
                begin = Stopwatch.GetTimestamp();
                _ = guards[turn].Inspect(loss);
                sums[turn] += Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
            }

            begin = Stopwatch.GetTimestamp();
            loss.Dispose();
            workload.Optimizer.step()?.Dispose();
            sums[^1] += Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
        }

        sums[^1] += sums[0];
        return [.. sums.Select(sum => sum / StepsOfBlock)];
    }

    private static string Cost(double[][] blocks, int guard, int width = 9)
    {
        double share = Median(blocks.Select(block => (block[guard] - block[0]) / block[^1]));
        double ofAll = blocks.Sum(block => block[guard] - block[0]) / blocks.Sum(block => block[^1]);
        return $"{Median(blocks.Select(block => block[guard] - block[0])).ToString("F1").PadLeft(width)} {share,7:P2} {ofAll,8:P2}{(ofAll <= Bar ? "" : "  missed")}";
    }

    /// <summary>What telling of a step takes where there is nobody to tell: it is done once before and once after the verdict.</summary>
    private static double Nanoseconds(GradientGuard guard)
    {
        const int Times = 1_000_000;
        var nobody = new StepObservers();
        StepVerdict verdict = guard.Inspect();
        double[] rounds = new double[5];
        for (int round = 0; round < rounds.Length; round++)
        {
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < Times; i++)
            {
                nobody.Tell(i, attached: null!, []);
                _ = nobody.Tell(verdict);
            }

            rounds[round] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / Times;
        }

        return Median(rounds);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
