namespace GradLint.Fuzz;

/// <summary>Analyses many mutants, in several processes at once.</summary>
/// <param name="seed">Decides which mutants.</param>
public sealed class Campaign(int seed)
{
    /// <summary>So many mutants go to one process: few enough that what it keeps in memory stays small.</summary>
    private const int Row = 500;

    private readonly Lock _lock = new();

    /// <summary>The mutants from <paramref name="first"/> on; each result is handed on as it comes, one at a time.</summary>
    public Task RunAsync(int first, int count, int workers, Action<Outcome> report) => Parallel.ForEachAsync(
        Enumerable.Range(0, (count + Row - 1) / Row).Select(row => first + (row * Row)),
        new ParallelOptions { MaxDegreeOfParallelism = workers },
        async (start, _) => await RowAsync(start, Math.Min(start + Row, first + count), report));

    private async Task RowAsync(int next, int end, Action<Outcome> report)
    {
        while (next < end)
        {
            await foreach (Outcome outcome in Worker.Start(seed, next, end - next))
            {
                next = outcome.Number + 1;
                lock (_lock)
                {
                    report(outcome);
                }
            }
        }
    }
}
