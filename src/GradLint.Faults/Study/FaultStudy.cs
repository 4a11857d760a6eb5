using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>
/// Trains each model with each optimizer under each method, once where nothing goes wrong and once with each fault, over several
/// seeds, and compares the losses in the end. Give it your own model to see what your options are worth there.
/// </summary>
/// <remarks>
/// Runs one training after the other on the calling thread and seeds torch's random numbers. All runs of one seed get the same initial
/// weights and the same batches. With the standard models a run takes a fraction of a second on a CPU.
/// </remarks>
/// <example><code>
/// FaultStudyReport report = new FaultStudy { Models = [new("mine", CreateTask)], Steps = 500 }.Run();
/// Console.WriteLine(report.ToTable());
/// </code></example>
public sealed record FaultStudy
{
    /// <summary>What is trained. Default: <see cref="StandardModels.All"/>.</summary>
    public IReadOnlyList<StudyModel> Models { get; init; } = StandardModels.All(DefaultSteps);

    /// <summary>With which optimizers. Default: <see cref="StudyOptimizer.Standard"/>.</summary>
    public IReadOnlyList<StudyOptimizer> Optimizers { get; init; } = StudyOptimizer.Standard;

    /// <summary>What goes wrong. Default: <see cref="StudyFault.Standard"/>, in the middle of the run.</summary>
    public IReadOnlyList<StudyFault> Faults { get; init; } = StudyFault.Standard(DefaultSteps / 2);

    /// <summary>How the steps are protected. Default: <see cref="StudyMethod.Standard"/>.</summary>
    public IReadOnlyList<StudyMethod> Methods { get; init; } = StudyMethod.Standard;

    /// <summary>How many seeds each run is repeated with. At least 1. Default 3.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>How many steps a run has. At least 1. Default 600.</summary>
    public int Steps { get; init; } = DefaultSteps;

    internal const int DefaultSteps = 600;

    /// <summary>Runs the study.</summary>
    /// <param name="progress">Is told the share of the runs that are done.</param>
    /// <param name="cancellationToken">Ends the study between two runs.</param>
    /// <exception cref="ArgumentException">There is nothing to run.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public FaultStudyReport Run(IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        if (Models.Count == 0 || Optimizers.Count == 0 || Methods.Count == 0 || Seeds < 1 || Steps < 1)
        {
            throw new ArgumentException("A study needs at least one model, optimizer, method, seed and step.");
        }

        var runs = new List<FaultRun>();
        int all = Models.Count * Optimizers.Count * Methods.Count * (Faults.Count + 1) * Seeds;
        foreach (StudyModel model in Models)
        {
            foreach (StudyOptimizer optimizer in Optimizers)
            {
                foreach (StudyMethod method in Methods)
                {
                    foreach (StudyFault? fault in (IEnumerable<StudyFault?>)[null, .. Faults])
                    {
                        for (int seed = 1; seed <= Seeds; seed++)
                        {
                            cancellationToken.ThrowIfCancellationRequested();
                            runs.Add(Run(model, optimizer, method, fault, seed));
                            progress?.Report((double)runs.Count / all);
                        }
                    }
                }
            }
        }

        return new FaultStudyReport(Steps, Seeds, [.. Faults], [.. Methods.Select(method => method.Name)], runs);
    }

    private FaultRun Run(StudyModel model, StudyOptimizer optimizer, StudyMethod method, StudyFault? fault, int seed)
    {
        _ = manual_seed(seed);
        using DisposeScope scope = NewDisposeScope();
        StudyTask task = model.Create();
        using nn.Module trained = task.Model;
        using optim.Optimizer stepped = optimizer.Create(trained);
        using IStepMethod steps = method.Attach(trained, stepped);
        var faults = new FaultInjector(trained, stepped, fault is null ? [] : [fault.Fault]);
        long lost = 0;
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope ofStep = NewDisposeScope();
            stepped.zero_grad();
            Tensor loss = task.LossOfBatch(step);
            loss.backward();
            lost += steps.TakeStep(faults.Inject(loss.detach()));
        }

        using IDisposable noGradient = no_grad();
        return new FaultRun(
            model.Name, optimizer.Name, method.Name, fault?.Name, seed,
            FinalLoss: task.FinalLoss().to(ScalarType.Float64).item<double>(),
            StepsLost: lost,
            WeightsAreFinite: trained.parameters().All(parameter => parameter.isfinite().all().item<bool>()));
    }
}
