using static TorchSharp.torch;

namespace GradLint.Tests;

public class GradientGuardOptionsTests
{
    private static readonly GradientGuardOptions s_valid = new();

    [Fact]
    public void The_defaults_are_accepted() => Attach(s_valid);

    [Fact]
    public void All_problems_are_told_in_one_message()
    {
        var options = new GradientGuardOptions
        {
            Clipping = new GlobalNormClipping(double.NaN),
            NormSpikes = new() { MinRatio = 0.5 },
            LossSpikes = new() { Deviations = 0 },
            LeadingParameters = -1,
            MaxInitialWeight = 0,
        };

        var error = Assert.Throws<ArgumentException>(() => Attach(options));

        Assert.Equal(
            "GlobalNormClipping.MaxNorm is NaN; it must be greater than 0 (Clipping = null measures without clipping). "
            + "NormSpikeDetection.MinRatio is 0.5; it must be at least 1. "
            + "LossSpikeDetection.Deviations is 0; it must be greater than 0. "
            + "LeadingParameters is -1; it must not be negative. "
            + "MaxInitialWeight is 0; it must be greater than 0 (PositiveInfinity accepts every finite value). (Parameter 'options')",
            error.Message);
    }

    public static TheoryData<GradientClipping> Senseless() =>
    [
        new GlobalNormClipping(0),
        new GlobalNormClipping(-1),
        new GlobalNormClipping(double.NegativeInfinity),
        new GlobalNormClipping(double.NaN),
        new PerLayerNormClipping(0),
        new ValueClipping(-1),
        new AdaptiveGradientClipping { MaxRatio = 0 },
        new AdaptiveGradientClipping { MinWeightNorm = 0 },
        new PercentileClipping { Percentile = 101 },
        new PercentileClipping { Percentile = double.NaN },
        new PercentileClipping { Window = 0 },
        new ZScoreClipping { ZScore = -1 },
        new ZScoreClipping { Smoothing = 1 },
        new ZScoreClipping { WarmUp = 1 },
        new ZScoreClipping { MaxNorm = double.NaN },
        new BaselineClipping { Deviations = 0 },
        new BaselineClipping { MaxNorm = 0 },
    ];

    [Theory]
    [MemberData(nameof(Senseless))]
    public void Clipping_that_makes_no_sense_is_refused(GradientClipping clipping) =>
        Assert.Throws<ArgumentException>(() => Attach(s_valid with { Clipping = clipping }));

    public static TheoryData<RecoveryOptions> SenselessRecoveries() =>
    [
        new RecoveryOptions { SnapshotInterval = 0 },
        new RecoveryOptions { Snapshots = 0 },
        new RecoveryOptions { Window = 65 },
        new RecoveryOptions { Failures = 0 },
        new RecoveryOptions { Failures = 9, Window = 8 },
        new RecoveryOptions { LearningRateFactor = 0 },
        new RecoveryOptions { LearningRateFactor = double.NaN },
        new RecoveryOptions { MaxRollBacks = -1 },
    ];

    [Theory]
    [MemberData(nameof(SenselessRecoveries))]
    public void Recovery_that_makes_no_sense_is_refused(RecoveryOptions recovery) =>
        Assert.Throws<ArgumentException>(() => Attach(s_valid with { Recovery = recovery }));

    public static TheoryData<GradientClipping> Defaults() =>
    [
        new GlobalNormClipping(), new PerLayerNormClipping(), new ValueClipping(), new AdaptiveGradientClipping(),
        new PercentileClipping(), new ZScoreClipping(), new BaselineClipping(),
    ];

    [Theory]
    [MemberData(nameof(Defaults))]
    public void The_defaults_of_each_kind_of_clipping_are_accepted(GradientClipping clipping) =>
        Attach(s_valid with { Clipping = clipping });

    [Fact]
    public void A_late_verdict_is_for_clipping_by_the_global_norm_only()
    {
        Attach(s_valid with { Lag = 1 });
        Attach(s_valid with { Lag = 1, Clipping = null });
        GradientGuardOptions[] senseless =
        [
            s_valid with { Lag = 2 },
            s_valid with { Lag = 1, Clipping = new ValueClipping() },
            s_valid with { Lag = 1, GroupClipping = [] },
            s_valid with { Lag = 1, SkipNonFinite = false },
        ];
        Assert.All(senseless, options => Assert.Throws<ArgumentException>(() => Attach(options)));
    }

    private static void Attach(GradientGuardOptions options)
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        GradientGuard.For(model, optimizer, options).Dispose();
    }
}
