namespace GradLint.Faults;

/// <summary>The results of a study.</summary>
public sealed class FaultStudyReport
{
    internal FaultStudyReport(
        int steps, int seeds, IReadOnlyList<StudyFault> faults, IReadOnlyList<string> methods, IReadOnlyList<FaultRun> runs)
    {
        (Steps, Seeds, Faults, Methods, Runs) = (steps, seeds, faults, methods, runs);
        Cases = [.. CasesOf(runs)];
    }

    /// <summary>How many steps each run had.</summary>
    public int Steps { get; }

    /// <summary>How many seeds each run was repeated with.</summary>
    public int Seeds { get; }

    /// <summary>What went wrong.</summary>
    public IReadOnlyList<StudyFault> Faults { get; }

    /// <summary>The names of the methods that are compared.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>Every single run.</summary>
    public IReadOnlyList<FaultRun> Runs { get; }

    /// <summary>The runs with a fault, seeds taken together.</summary>
    public IReadOnlyList<FaultCase> Cases { get; }

    /// <summary>The share of the steps that a method lost in runs where nothing went wrong.</summary>
    /// <param name="method">The method's name.</param>
    public double FalseAlarms(string method)
    {
        FaultRun[] clean = [.. Runs.Where(run => run.Fault is null && run.Method == method)];
        return clean.Sum(run => run.StepsLost) / ((double)clean.Length * Steps);
    }

    /// <summary>
    /// What a method costs where nothing goes wrong: the median over models, optimizers and seeds of its final loss over that of the first
    /// method that is compared.
    /// </summary>
    /// <param name="method">The method's name.</param>
    public double CleanLossRatio(string method) => Median(
        from run in Runs
        where run.Fault is null && run.Method == method
        join first in Runs.Where(run => run.Fault is null && run.Method == Methods[0])
            on (run.Model, run.Optimizer, run.Seed) equals (first.Model, first.Optimizer, first.Seed)
        select run.FinalLoss / first.FinalLoss);

    /// <summary>As a table in Markdown: for each fault and method, how many cases end within 5 percent of the clean run.</summary>
    public string ToTable() => FaultTable.Of(this);

    /// <summary>As JSON: the parameters of the study, and all cases.</summary>
    public string ToJson() => FaultJson.Of(this);

    /// <summary>As a picture: how many cases end within 5 percent of the clean run, by fault and method.</summary>
    /// <param name="path">The PNG file. An existing one is replaced.</param>
    public void SavePicture(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FaultPicture.Save(this, path);
    }

    private static IEnumerable<FaultCase> CasesOf(IReadOnlyList<FaultRun> runs)
    {
        Dictionary<(string, string, string, int), double> clean = runs.Where(run => run.Fault is null)
            .ToDictionary(run => (run.Model, run.Optimizer, run.Method, run.Seed), run => run.FinalLoss);
        return from run in runs
               where run.Fault is not null
               group run by (run.Model, run.Optimizer, run.Method, Fault: run.Fault!) into same
               select new FaultCase(
                   same.Key.Model, same.Key.Optimizer, same.Key.Method, same.Key.Fault,
                   Median(same.Select(run => run.FinalLoss / clean[(run.Model, run.Optimizer, run.Method, run.Seed)])),
                   Median(same.Select(run => (double)run.StepsLost)),
                   same.All(run => run.WeightsAreFinite));
    }

    /// <summary>What is no number counts as infinitely bad.</summary>
    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Select(value => double.IsNaN(value) ? double.PositiveInfinity : value).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }
}
