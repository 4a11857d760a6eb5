using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Tests;

[Collection(nameof(OwnRandomNumbers))]
public sealed class MitigationStudyTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"gradlint-study-{Guid.NewGuid():N}.jsonl");
    private readonly DisposeScope _scope = NewDisposeScope();
    private int _models;

    public void Dispose()
    {
        _scope.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void Clipping_saves_a_training_that_explodes_without()
    {
        MitigationTable table = Study(seeds: 3, "none", "clip global norm 1").Run(_path, TestContext.Current.CancellationToken);

        Assert.Equal(["none", "clip global norm 1"], table.Rows.Select(row => row.Mitigation));
        Assert.Equal((3, 0, 3), (table.Rows[0].Diverged, table.Rows[1].Diverged, table.Rows[1].Trials));
        Assert.True(table.Rows[1].MeanLoss > 0 && table.Rows[1].LossSpread > 0);
        Assert.Contains("3 of 3", table.ToString(), StringComparison.Ordinal);
        Assert.Contains("3 of 3 diverged", table.ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_in_the_file_is_not_trained_again()
    {
        _ = Study(seeds: 2, "clip global norm 1").Run(_path, TestContext.Current.CancellationToken);
        string[] lines = File.ReadAllLines(_path);
        // The second result was being written when the power went.
        File.WriteAllText(_path, string.Join('\n', lines[..2]) + "\n" + lines[2][..20]);
        int before = _models;

        MitigationTable table = Study(seeds: 3, "clip global norm 1").Run(_path, TestContext.Current.CancellationToken);

        Assert.Equal((2, 3), (_models - before, table.Rows[0].Trials));
        Assert.Equal(lines[2], File.ReadAllLines(_path)[2]);
    }

    [Fact]
    public void A_file_of_another_study_is_refused()
    {
        _ = Study(seeds: 1, "clip global norm 1").Run(_path, TestContext.Current.CancellationToken);

        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Study(seeds: 1, epochs: 7, "clip global norm 1").Run(_path, TestContext.Current.CancellationToken));

        Assert.Contains("other settings", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mitigation_that_does_not_apply_has_its_reason_in_the_table()
    {
        MitigationTable table = Study(seeds: 1, "ELU").Run(_path, TestContext.Current.CancellationToken);

        Assert.Contains("no ReLU", table.Rows[0].Failure, StringComparison.Ordinal);
        Assert.Contains("no result: the model has no ReLU", table.ToString(), StringComparison.Ordinal);
    }

    private MitigationStudy Study(int seeds, params string[] mitigations) => Study(seeds, epochs: 20, mitigations);

    /// <summary>Linear regression, with a rate far above what its curvature allows.</summary>
    private MitigationStudy Study(int seeds, int epochs, params string[] mitigations)
    {
        return new MitigationStudy(
            () =>
            {
                _models++;
                return nn.Sequential(nn.Linear(4, 1));
            },
            (size, epoch) => Enumerable.Range(0, 2).Select(_ => Batch(size)),
            (output, y) => nn.functional.mse_loss(output, y),
            new()
            {
                Mitigations = [.. Mitigation.All().Where(mitigation => mitigations.Contains(mitigation.Name))],
                Seeds = seeds,
                Epochs = epochs,
                Optimizer = parameters => optim.SGD(parameters, 0.2),
                Processes = 0,
            });

        static (Tensor, Tensor) Batch(int size)
        {
            Tensor x = 100 * randn(size, 4);
            return (x, x.sum(1, keepdim: true));
        }
    }
}
