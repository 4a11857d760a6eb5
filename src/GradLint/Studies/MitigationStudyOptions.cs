using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>How a <see cref="MitigationStudy"/> is done.</summary>
public sealed record MitigationStudyOptions
{
    /// <summary>What is compared. Default: <see cref="Mitigation.All"/>.</summary>
    public IReadOnlyList<Mitigation> Mitigations { get; init; } = Mitigation.All();

    /// <summary>How many seeds each is trained with: 1, 2, 3, ... At least 1; default 5.</summary>
    public int Seeds { get; init; } = 5;

    /// <summary>How many epochs a training has. At least 1; default 5.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>How many samples a batch has. At least 1; default 50.</summary>
    public int BatchSize { get; init; } = 50;

    /// <summary>Makes the optimizer where the mitigation is not another one. Default: SGD with a rate of 0.1.</summary>
    public Func<IEnumerable<Parameter>, optim.Optimizer> Optimizer { get; init; } = parameters => optim.SGD(parameters, 0.1);

    /// <summary>
    /// How many processes work at once; 0 trains one after the other in this process. Null, the default: as many as there are processors
    /// and <see cref="MemoryPerProcess"/> allows. Each process runs this program from its start up to the study: so the program must come
    /// there the same way with the same arguments, and do nothing before that may not be done twice.
    /// </summary>
    public int? Processes { get; init; }

    /// <summary>How many bytes of memory a process may take; one that takes more is ended, and its trial has failed. Default 2 GiB.</summary>
    public long MemoryPerProcess { get; init; } = 2L << 30;

    internal int ProcessesAtOnce => Processes
        ?? (int)Math.Clamp(Math.Min(Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryPerProcess), 1, 64);

    internal void Validate(string parameterName)
    {
        string[] problems =
        [
            .. Seeds < 1 ? [$"{nameof(Seeds)} is {Seeds}; it must be at least 1."] : (string[])[],
            .. Epochs < 1 ? [$"{nameof(Epochs)} is {Epochs}; it must be at least 1."] : (string[])[],
            .. BatchSize < 1 ? [$"{nameof(BatchSize)} is {BatchSize}; it must be at least 1."] : (string[])[],
            .. Processes < 0 ? [$"{nameof(Processes)} is {Processes}; it must not be negative."] : (string[])[],
            .. MemoryPerProcess < 1 ? [$"{nameof(MemoryPerProcess)} is {MemoryPerProcess}; it must be at least 1."] : (string[])[],
            .. Mitigations.Count == 0 || Mitigations.DistinctBy(one => one.Name).Count() != Mitigations.Count
                ? [$"{nameof(Mitigations)} must hold at least one, and no name twice."] : (string[])[],
        ];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), parameterName);
        }
    }
}
