using System.Collections;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>What a guard holds for the parameters that its optimizer steps at present.</summary>
internal sealed class Attachment
{
    private readonly optim.Optimizer _optimizer;
    private readonly int _groups;

    /// <exception cref="ArgumentException">Model and optimizer do not fit together, or the model holds absurd values.</exception>
    public Attachment(nn.Module model, optim.Optimizer optimizer, GradientGuardOptions options, Clipper? clipper, bool throughMemory)
    {
        _optimizer = optimizer;
        _groups = CountGroups(optimizer);
        var guarded = GuardedParameters.Read(model, optimizer);
        WeightCheck.Run(model, options.MaxInitialWeight, new StatisticsReader(throughMemory));
        UnguardedParameters = guarded.Unguarded;
        Gradients = new OpenGradients(guarded.Parameters);
        Measurement = new GradientMeasurement(guarded.Parameters.Count, throughMemory);
        clipper?.Attach(guarded.Names, guarded.Parameters);
        Leading = new LeadingParameters(guarded.Names, options.LeadingParameters);
    }

    public IReadOnlyList<string> UnguardedParameters { get; }

    public OpenGradients Gradients { get; }

    public GradientMeasurement Measurement { get; }

    public LeadingParameters Leading { get; }

    /// <summary>Parameter groups may be added to an optimizer later: gradual unfreezing.</summary>
    public bool IsCurrent => CountGroups(_optimizer) == _groups;

    private static int CountGroups(optim.Optimizer optimizer) => optimizer.ParamGroups is ICollection groups ? groups.Count : 0;
}
