using TorchSharp;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Trains a model with and without each mitigation of exploding gradients, over several seeds, and compares them.</summary>
/// <example><code>
/// var study = new MitigationStudy(CreateModel, (size, epoch) => Batches(size, epoch), functional.cross_entropy, new() { Epochs = 3 });
/// MitigationTable table = study.Run("study.jsonl");
/// Console.WriteLine(table);
/// File.WriteAllText("study.svg", table.ToSvg());
/// </code></example>
public sealed class MitigationStudy
{
    private readonly Func<nn.Module<Tensor, Tensor>> _model;
    private readonly Func<int, int, IEnumerable<(Tensor X, Tensor Y)>> _batches;
    private readonly Func<Tensor, Tensor, Tensor> _loss;
    private readonly MitigationStudyOptions _options;

    /// <summary>Plans a study. Nothing happens before <see cref="Run"/>.</summary>
    /// <param name="model">Makes the model; torch's seed is set before.</param>
    /// <param name="batches">The batches, from their size and the number of the epoch, from 1. Who makes them disposes them.</param>
    /// <param name="loss">From output and target to the loss, a tensor with one element.</param>
    /// <param name="options">What is compared; null stands for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public MitigationStudy(
        Func<nn.Module<Tensor, Tensor>> model,
        Func<int, int, IEnumerable<(Tensor X, Tensor Y)>> batches,
        Func<Tensor, Tensor, Tensor> loss,
        MitigationStudyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(loss);
        options ??= new MitigationStudyOptions();
        options.Validate(nameof(options));
        (_model, _batches, _loss, _options) = (model, batches, loss, options);
    }

    private string Settings => $"{_options.Epochs} epochs, batches of {_options.BatchSize}";

    /// <summary>Does the trainings that the file does not have yet, each in its own process: see <see cref="MitigationStudyOptions.Processes"/>.</summary>
    /// <param name="path">
    /// The file in which each result is kept. A study that was broken off goes on with it, and trains again what was ended from outside or took too much memory.
    /// </param>
    /// <param name="cancellationToken">Ends the study; what is done stays in the file.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidDataException">The file is of a study with other settings.</exception>
    public MitigationTable Run(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (TrialProcess.Assignment is { } assignment)
        {
            TrialProcess.EndWithTheStudy();
            using (LineWriter result = TrialFile.Continue(assignment.ResultFile, Settings))
            {
                set_num_threads(1);
                Train(assignment.Mitigation, assignment.Seed).WriteTo(result);
            }

            Environment.Exit(0);
        }

        List<TrialResult> results = TrialFile.Read(path, Settings);
        (string Mitigation, int Seed)[] missing =
        [
            .. from seed in Enumerable.Range(1, _options.Seeds)
               from mitigation in _options.Mitigations
               where !results.Exists(result => result.Mitigation == mitigation.Name && result.Seed == seed)
               select (mitigation.Name, seed),
        ];
        using (LineWriter lines = TrialFile.Continue(path, Settings))
        {
            void Keep(TrialResult result, bool hasEnded)
            {
                lock (results)
                {
                    results.Add(result);
                    if (hasEnded)
                    {
                        result.WriteTo(lines);
                    }
                }
            }

            if (_options.ProcessesAtOnce == 0)
            {
                foreach ((string mitigation, int seed) in missing)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Keep(Train(mitigation, seed), hasEnded: true);
                }
            }
            else
            {
                Parallel.ForEach(
                    missing,
                    new ParallelOptions { MaxDegreeOfParallelism = _options.ProcessesAtOnce, CancellationToken = cancellationToken },
                    trial =>
                    {
                        (TrialResult result, bool hasEnded) = TrialProcess.Run(
                            trial.Mitigation, trial.Seed, Settings, _options.MemoryPerProcess, cancellationToken);
                        Keep(result, hasEnded);
                    });
            }
        }

        return new MitigationTable([.. _options.Mitigations.Select(mitigation => MitigationRow.Of(mitigation.Name, results))]);
    }

    private TrialResult Train(string name, int seed)
    {
        TrialResult result = new(name, seed, double.NaN, double.NaN, double.NaN, Failure: null);
        _ = manual_seed(seed);
        TrialSetup setup;
        try
        {
            setup = _options.Mitigations.Single(mitigation => mitigation.Name == name)
                .Apply(new TrialSetup { Model = _model(), Optimizer = _options.Optimizer, BatchSize = _options.BatchSize });
        }
        catch (NotSupportedException reason)
        {
            return result with { Failure = reason.Message };
        }

        using nn.Module<Tensor, Tensor> model = setup.Model;
        var trainer = new Trainer<(Tensor X, Tensor Y)>(model, batch => _loss(model.call(batch.X), batch.Y), setup.Optimizer, new()
        {
            Epochs = _options.Epochs,
            WeightDecay = setup.WeightDecay,
            GradientPenalty = setup.GradientPenalty,
            // It is the mitigation that is on trial, not the guard.
            Guard = new() { Clipping = setup.Clipping, SkipNonFinite = false, NormSpikes = null, LossSpikes = null, Recovery = null },
        });
        var norms = new List<double>();
        trainer.StepCompleted += (_, verdict) => norms.Add(verdict.GradientNorm);
        _ = trainer.Fit(epoch => _batches(setup.BatchSize, epoch));
        norms.Sort();
        return result with { FinalLoss = FinalLoss(model), MedianNorm = norms[norms.Count / 2], LargestNorm = norms[^1] };
    }

    /// <summary>Over batches of one size, whatever the size in training was.</summary>
    private double FinalLoss(nn.Module<Tensor, Tensor> model)
    {
        model.eval();
        using IDisposable noGradients = no_grad();
        var losses = new List<double>();
        foreach ((Tensor x, Tensor y) in _batches(_options.BatchSize, 1))
        {
            using DisposeScope scope = NewDisposeScope();
            losses.Add(_loss(model.call(x), y).to(ScalarType.Float64).item<double>());
        }

        double mean = losses.Average();
        return double.IsFinite(mean) ? mean : double.NaN;
    }
}
