using TorchSharp.Modules;

namespace GradLint;

/// <summary>All advisory detectors of a guard, and what they have found.</summary>
internal sealed class Adviser : IGuardState, IDisposable
{
    /// <summary>A run of months must not fill the memory.</summary>
    private const int MostKept = 256;

    private readonly AdvisoryDetector[] _detectors;
    private readonly ValidationLossDetector? _validation;
    private readonly List<Advice> _all = [];

    public Adviser(AdviceOptions options)
    {
        _detectors =
        [
            .. ((AdvisoryDetector?[])
            [
                options.DepthRatio is { } depth ? new DepthRatioDetector(depth) : null,
                options.VanishingGradients is { } vanishing ? new VanishingGradientDetector(vanishing) : null,
                options.DeadUnits is { } dead ? new DeadUnitDetector(dead) : null,
                options.UpdateRatio is { } update ? new UpdateRatioDetector(update) : null,
                options.Plateau is { } plateau ? new PlateauDetector(plateau) : null,
                options.Divergence is { } divergence ? new DivergenceDetector(divergence) : null,
            ]).OfType<AdvisoryDetector>(),
        ];
        _validation = options.ValidationLoss is { } validation ? new(validation) : null;
    }

    /// <summary>The latest, oldest first.</summary>
    public IReadOnlyList<Advice> All => [.. _all];

    public void Attach(IReadOnlyList<string> names, IReadOnlyList<Parameter> parameters)
    {
        foreach (AdvisoryDetector detector in _detectors)
        {
            detector.Attach(names, parameters);
        }
    }

    public IReadOnlyList<Advice> Observe(in ObservedStep step)
    {
        List<Advice>? news = null;
        foreach (AdvisoryDetector detector in _detectors)
        {
            if (detector.Observe(step) is { } advice)
            {
                (news ??= []).Add(advice);
                Keep(advice);
            }
        }

        return news is null ? [] : news.AsReadOnly();
    }

    public Advice? ObserveValidation(long step, double loss)
    {
        Advice? advice = _validation?.Observe(step, loss);
        if (advice is not null)
        {
            Keep(advice);
        }

        return advice;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_detectors.Length);
        foreach (AdvisoryDetector detector in _detectors)
        {
            detector.Save(writer);
        }

        StatePart.Save(writer, _validation);
    }

    public void Load(BinaryReader reader)
    {
        if (reader.ReadInt32() != _detectors.Length)
        {
            throw new InvalidDataException("The state was saved by a guard that advised on other things; attach this one with the same options.");
        }

        foreach (AdvisoryDetector detector in _detectors)
        {
            detector.Load(reader);
        }

        StatePart.Load(reader, _validation, $"{nameof(AdviceOptions)}.{nameof(AdviceOptions.ValidationLoss)}");
    }

    public void Dispose()
    {
        foreach (IDisposable detector in _detectors.OfType<IDisposable>())
        {
            detector.Dispose();
        }
    }

    private void Keep(Advice advice)
    {
        if (_all.Count == MostKept)
        {
            _all.RemoveAt(0);
        }

        _all.Add(advice);
    }
}
