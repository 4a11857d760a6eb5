using System.Collections;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>What a guard holds for the parameters that its optimizer steps at present.</summary>
internal sealed class Attachment : IDisposable
{
    private readonly nn.Module _model;
    private readonly optim.Optimizer _optimizer;
    private readonly int _groups;
    private readonly StatisticsReader _weightReader;
    private readonly FlatGradients? _flat;
    private readonly Tensor?[] _weights;
    private readonly TensorStatistics[] _ofWeights;

    /// <exception cref="ArgumentException">Model and optimizer do not fit together, or the model holds absurd values.</exception>
    public Attachment(nn.Module model, optim.Optimizer optimizer, GradientGuardOptions options, Clipper? clipper, bool throughMemory)
    {
        (_model, _optimizer) = (model, optimizer);
        _groups = CountGroups(optimizer);
        var guarded = GuardedParameters.Read(model, optimizer);
        _weightReader = new StatisticsReader(throughMemory);
        WeightCheck.Run(model, options.MaxInitialWeight, _weightReader);
        UnguardedParameters = guarded.Unguarded;
        (Names, Parameters, ParameterGroups) = (guarded.Names, guarded.Parameters, guarded.Groups);
        _weights = [.. guarded.Parameters];
        _ofWeights = new TensorStatistics[_weights.Length];
        _flat = FlatGradients.Of(guarded.Parameters, alsoInMemory: !throughMemory);
        Gradients = new OpenGradients(guarded.Parameters, _flat);
        Measurement = new GradientMeasurement(guarded.Parameters.Count, throughMemory, _flat);
        Late = options.Lag == 1 && _flat is not null ? new LateDecision(_flat, guarded.Parameters.Count) : null;
        clipper?.Attach(guarded);
        Leading = new LeadingParameters(guarded.Names, options.LeadingParameters);
    }

    public IReadOnlyList<string> UnguardedParameters { get; }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    public IReadOnlyList<int> ParameterGroups { get; }

    public OpenGradients Gradients { get; }

    public GradientMeasurement Measurement { get; }

    public LeadingParameters Leading { get; }

    /// <summary>Null where verdicts do not come late.</summary>
    public LateDecision? Late { get; }

    /// <summary>Whether all gradients lie where they can be decided about late.</summary>
    public bool AreAllFlat(ReadOnlySpan<Tensor?> gradients)
    {
        for (int i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is not null && _flat?.IsHeld(i) != true)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Parameter groups may be added to an optimizer later: gradual unfreezing.</summary>
    public bool IsCurrent => CountGroups(_optimizer) == _groups;

    public bool WeightsAreFinite() => double.IsFinite(LargestWeight());

    public bool BuffersAreFinite() => double.IsFinite(Largest([.. _model.buffers()]));

    /// <summary>The largest magnitude among the parameters; infinite if one is not finite.</summary>
    public double LargestWeight() => Largest(_weights);

    public void Dispose()
    {
        Gradients.Dispose();
        Late?.Dispose();
        _flat?.Dispose();
    }

    private double Largest(Tensor?[] tensors)
    {
        TensorStatistics[] statistics = tensors == _weights ? _ofWeights : new TensorStatistics[tensors.Length];
        _weightReader.Read(tensors, statistics);
        double largest = 0;
        foreach (TensorStatistics tensor in statistics)
        {
            largest = Math.Max(largest, tensor.NonFinite > 0 ? double.PositiveInfinity : tensor.Largest);
        }

        return largest;
    }

    private static int CountGroups(optim.Optimizer optimizer) => optimizer.ParamGroups is ICollection groups ? groups.Count : 0;
}
