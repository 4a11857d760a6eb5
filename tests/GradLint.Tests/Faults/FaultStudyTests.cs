using System.Text.Json;
using GradLint.Faults;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>The study as a library: small, and on a model of one's own.</summary>
[Collection(nameof(OwnRandomNumbers))]
public class FaultStudyTests
{
    private static readonly FaultStudy s_small = new()
    {
        Models = [new("mine", OwnTask)],
        Optimizers = [new("SGD", model => optim.SGD(model.parameters(), 0.1))],
        Faults = [new("NaN", new(FaultKind.NotANumber, 40)), new("ten times NaN", new(FaultKind.NotANumber, 40, Steps: 10))],
        Steps = 120,
        Seeds = 3,
    };

    [Fact]
    public void Each_run_is_compared_with_the_run_of_the_same_seed_where_nothing_went_wrong()
    {
        FaultStudyReport report = s_small.Run(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(7 * 3 * 3, report.Runs.Count);
        Assert.Equal(7 * 2, report.Cases.Count);
        Assert.Equal((true, true, 1.0), Seen(report, "GradientGuard", "NaN"));
        Assert.Equal((true, true, 10.0), Seen(report, "GradientGuard", "ten times NaN"));
        Assert.Equal((true, true, 1.0), Seen(report, "NaN check + clip", "NaN"));
        // None of these looks for NaN.
        Assert.All(
            (string[])["no guard", "clip_grad_norm_", "AutoClip", "ZClip", "OLMo skip-step"],
            method => Assert.Equal((false, false), (Seen(report, method, "NaN").Within, Seen(report, method, "NaN").Finite)));
        Assert.Equal(0, report.FalseAlarms("GradientGuard"));
    }

    [Fact]
    public void The_report_is_a_table_JSON_and_a_picture()
    {
        FaultStudyReport report = (s_small with { Methods = [StudyMethod.Guard(), StudyMethod.Standard[1]], Seeds = 1 }).Run(cancellationToken: TestContext.Current.CancellationToken);
        string picture = Path.Combine(Path.GetTempPath(), $"gradlint-{Guid.NewGuid():N}.png");
        try
        {
            report.SavePicture(picture);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(picture)[..4]);
        }
        finally
        {
            File.Delete(picture);
        }

        Assert.StartsWith("| fault | GradientGuard | no guard |\n| --- | ---: | ---: |\n| NaN | 1/1, ", report.ToTable());
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(1, json.RootElement.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(4, json.RootElement.GetProperty("cases").GetArrayLength());
        Assert.Equal("Infinity", json.RootElement.GetProperty("cases")[2].GetProperty("lossRatio").GetString());
    }

    [Fact]
    public void The_standard_models_learn_what_they_are_given()
    {
        foreach (StudyModel model in StandardModels.All(200))
        {
            FaultStudyReport report = new FaultStudy
            {
                Models = [model],
                Optimizers = [StudyOptimizer.Standard[2]],
                Faults = [],
                Methods = [StudyMethod.Guard()],
                Seeds = 1,
                Steps = 200,
            }.Run(cancellationToken: TestContext.Current.CancellationToken);

            Assert.InRange(Assert.Single(report.Runs).FinalLoss, 0.2, 0.6);
        }
    }

    [Fact]
    public void A_study_of_nothing_is_refused() => Assert.Throws<ArgumentException>(() => (s_small with { Models = [] }).Run(cancellationToken: TestContext.Current.CancellationToken));

    private static (bool Within, bool Finite, double Lost) Seen(FaultStudyReport report, string method, string fault)
    {
        FaultCase seen = report.Cases.Single(c => c.Method == method && c.Fault == fault);
        return (seen.IsWithinBar, seen.WeightsAreFinite, seen.StepsLost);
    }

    private static StudyTask OwnTask()
    {
        nn.Module<Tensor, Tensor> model = nn.Linear(3, 1);
        Tensor x = randn(512, 3);
        Tensor y = x.sum(1, keepdim: true) + (0.5 * randn(512, 1));
        return new StudyTask(
            model,
            step => nn.functional.mse_loss(model.call(x.narrow(0, step % 16 * 32, 32)), y.narrow(0, step % 16 * 32, 32)),
            () => nn.functional.mse_loss(model.call(x), y));
    }
}
