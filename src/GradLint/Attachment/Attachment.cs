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

    /// <exception cref="ArgumentException">Model and optimizer do not fit together, or the model holds absurd values.</exception>
    public Attachment(nn.Module model, optim.Optimizer optimizer, GradientGuardOptions options, Clipper? clipper, bool throughMemory)
    {
        (_model, _optimizer) = (model, optimizer);
        _groups = CountGroups(optimizer);
        var guarded = GuardedParameters.Read(model, optimizer);
        _weightReader = new StatisticsReader(throughMemory);
        WeightCheck.Run(model, options.MaxInitialWeight, _weightReader);
        UnguardedParameters = guarded.Unguarded;
        (Names, Parameters) = (guarded.Names, guarded.Parameters);
        Gradients = new OpenGradients(guarded.Parameters);
        Measurement = new GradientMeasurement(guarded.Parameters.Count, throughMemory);
        clipper?.Attach(guarded.Names, guarded.Parameters);
        Leading = new LeadingParameters(guarded.Names, options.LeadingParameters);
    }

    public IReadOnlyList<string> UnguardedParameters { get; }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    public OpenGradients Gradients { get; }

    public GradientMeasurement Measurement { get; }

    public LeadingParameters Leading { get; }

    /// <summary>Parameter groups may be added to an optimizer later: gradual unfreezing.</summary>
    public bool IsCurrent => CountGroups(_optimizer) == _groups;

    public bool WeightsAreFinite() => AreFinite([.. Parameters]);

    public bool BuffersAreFinite() => AreFinite([.. _model.buffers()]);

    public void Dispose() => Gradients.Dispose();

    private bool AreFinite(Tensor?[] tensors)
    {
        var statistics = new TensorStatistics[tensors.Length];
        _weightReader.Read(tensors, statistics);
        return Array.TrueForAll(statistics, tensor => tensor.NonFinite == 0);
    }

    private static int CountGroups(optim.Optimizer optimizer) => optimizer.ParamGroups is ICollection groups ? groups.Count : 0;
}
