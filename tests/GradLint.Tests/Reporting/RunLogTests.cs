using System.Text.Json;
using static TorchSharp.torch;

namespace GradLint.Tests;

[Collection(nameof(OwnRandomNumbers))]
public sealed class RunLogTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"gradlint-{Guid.NewGuid():N}.jsonl");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_run_is_read_back_as_it_was()
    {
        RunHistory run = Log(steps: 100);

        Assert.Null(run.CutOff);
        Assert.Equal(("weights", "SGD", "ended"), (run.Model, run.Optimizer, run.Ending!.Ending));
        Assert.Equal(["w0", "w1"], run.Layers);
        Assert.Equal(Enumerable.Range(1, 100).Select(step => (long)step), run.Steps.Select(step => step.Step));
        Assert.Equal((0.5, 13.0, 1.0, 0.25, StepOutcome.Clipped), (run.Steps[6].Loss, run.Steps[6].Norm, run.Steps[6].Threshold, run.Steps[6].Rate, run.Steps[6].Outcome));
        Assert.Equal(13, run.Ending.SuggestedMaxNorm, 0.5);
    }

    [Fact]
    public void Layers_have_their_norms_before_clipping_at_the_first_steps_and_every_tenth()
    {
        RunHistory run = Log(steps: 30);

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30], run.Norms.Select(norms => norms.Step));
        Assert.All(run.Norms, norms => Assert.Equal([5, 12], norms.Values));
    }

    [Fact]
    public void An_update_ratio_is_how_far_a_step_took_the_weights_over_where_they_were()
    {
        RunHistory run = Log(steps: 6, new() { UpdateInterval = 2 });

        // Gradients (3, 4) and (0, 12), clipped from 13 to 1, times the rate of 0.25; weights (100, 0) and (0, 200) and falling.
        Assert.Equal([2, 4, 6], run.Updates.Select(updates => updates.Step));
        Assert.Equal(0.25 * 5 / 13 / 100, run.Updates[0].Values[0], 2e-5);
        Assert.Equal(0.25 * 12 / 13 / 200, run.Updates[0].Values[1], 2e-5);
    }

    [Fact]
    public void Histograms_count_magnitudes_by_factors_of_two()
    {
        RunHistory run = Log(steps: 20);

        Assert.Equal([1, 2, 5, 10, 20], run.Histograms.Select(histogram => histogram.Step));
        LayerHistogram first = run.Histograms[0].Layers[0];
        LayerHistogram second = run.Histograms[0].Layers[1];
        // 3 is in [2, 4), 4 in [4, 8), 12 in [8, 16).
        Assert.Equal((1, 0L, 0L), (first.Lowest, first.Zeros, first.NonFinite));
        Assert.Equal([1, 1], first.Counts);
        Assert.Equal((3, 1L), (second.Lowest, second.Zeros));
        Assert.Equal([1], second.Counts);
    }

    [Fact]
    public void An_event_has_its_reason_its_parameters_and_the_norms_of_its_step()
    {
        RunHistory run = Log(steps: 25, bad: 23);

        RunEvent skipped = Assert.Single(run.Events);
        Assert.Equal((23L, StepOutcome.Skipped, nameof(StepReason.NonFiniteGradient)), (skipped.At.Step, skipped.At.Outcome, skipped.Reason));
        Assert.Equal(["w1"], skipped.Parameters);
        Assert.Equal([5, double.NaN], run.Norms.Single(norms => norms.Step == 23).Values);
        Assert.True(double.IsNaN(run.Steps[22].Norm));
    }

    [Fact]
    public void Advice_is_in_the_log_as_it_was_given()
    {
        using var model = new Weights(zeros(2, 2), zeros(2, 2));
        _ = model.WithGradients(full(new long[] { 2, 2 }, 100f), ones(2, 2));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);
        using (RunLogWriter.Start(_path, guard))
        {
            for (int step = 0; step < 50; step++)
            {
                _ = guard.Inspect();
            }
        }

        Advice read = Assert.Single(RunHistory.Read(_path).Advice);
        Advice given = Assert.Single(guard.Advice);
        Assert.Equal((given.Kind, given.Step, given.Limit, given.Message), (read.Kind, read.Step, read.Limit, read.Message));
        Assert.Equal(given.Value, read.Value, 1e-4);
        Assert.Equal(["w0", "w1"], read.Parameters);
    }

    [Fact]
    public void Advice_of_a_kind_that_is_not_known_is_passed_over()
    {
        _ = Log(steps: 2);
        string[] lines = File.ReadAllLines(_path);
        File.WriteAllLines(_path, [.. lines[..^1], """{"type":"advice","step":2,"kind":"Weather","value":1,"limit":1,"message":"Rain.","parameters":[]}""", lines[^1]]);

        Assert.Empty(RunHistory.Read(_path).Advice);
    }

    [Fact]
    public void A_log_that_is_cut_off_within_a_line_is_read_up_to_the_line_before()
    {
        _ = Log(steps: 40);
        byte[] whole = File.ReadAllBytes(_path);
        int lastStep = whole.AsSpan().LastIndexOf("\"step\":40"u8);
        File.WriteAllBytes(_path, whole[..(lastStep + 5)]);

        RunHistory run = RunHistory.Read(_path);

        Assert.Equal(39, run.Steps[^1].Step);
        Assert.Contains("cut off", run.CutOff, StringComparison.Ordinal);
        Assert.Null(run.Ending);
    }

    [Fact]
    public void A_log_without_an_end_says_so()
    {
        _ = Log(steps: 5);
        string[] lines = File.ReadAllLines(_path);
        File.WriteAllLines(_path, lines[..^1]);

        RunHistory run = RunHistory.Read(_path);

        Assert.Equal(5, run.Steps.Count);
        Assert.Contains("no end", run.CutOff, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_line_ends_the_log()
    {
        _ = Log(steps: 5);
        string[] lines = File.ReadAllLines(_path);
        int third = Array.FindIndex(lines, line => line.Contains("\"step\",\"step\":3", StringComparison.Ordinal));
        lines[third] = "\0\0\0\0";
        File.WriteAllLines(_path, lines);

        RunHistory run = RunHistory.Read(_path);

        Assert.Equal(2, run.Steps[^1].Step);
        Assert.Contains($"Line {third + 1} is damaged", run.CutOff, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Appl1ed")]
    [InlineData("17")]
    public void An_outcome_that_there_is_not_is_damage(string outcome)
    {
        _ = Log(steps: 5);
        string[] lines = File.ReadAllLines(_path);
        int third = Array.FindIndex(lines, line => line.StartsWith("{\"type\":\"step\",\"step\":3,", StringComparison.Ordinal));
        lines[third] = lines[third].Replace("\"outcome\":\"Clipped\"", $"\"outcome\":\"{outcome}\"", StringComparison.Ordinal);
        File.WriteAllLines(_path, lines);

        RunHistory run = RunHistory.Read(_path);

        Assert.Equal((2, $"Line {third + 1} is damaged: the log is read up to the line before."), (run.Steps.Count, run.CutOff));
    }

    [Fact]
    public void A_resumed_log_goes_on_where_the_run_does()
    {
        _ = Log(steps: 20);
        File.AppendAllText(_path, "{\"type\":\"step\",\"st");

        RunHistory run = Log(steps: 3, new() { ResumeAfter = 12 }, before: 12);

        Assert.Equal(Enumerable.Range(1, 15).Select(step => (long)step), run.Steps.Select(step => step.Step));
        Assert.Null(run.CutOff);
    }

    [Fact]
    public void Lines_of_a_kind_that_is_not_known_are_passed_over()
    {
        _ = Log(steps: 2);
        string[] lines = File.ReadAllLines(_path);
        File.WriteAllLines(_path, [lines[0], "{\"type\":\"weather\",\"rain\":true}", .. lines[1..]]);

        Assert.Equal(2, RunHistory.Read(_path).Steps.Count);
    }

    [Fact]
    public void An_empty_file_is_said_to_be_empty()
    {
        File.WriteAllText(_path, "");

        Assert.Contains("is empty", Assert.Throws<InvalidDataException>(() => RunHistory.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"type\":\"run\",\"sche")]
    [InlineData("a,b\n1,2\n")]
    [InlineData("{\"type\":\"step\",\"step\":1}\n")]
    public void What_is_no_log_is_refused(string text)
    {
        File.WriteAllText(_path, text);

        Assert.Contains("is no run log", Assert.Throws<InvalidDataException>(() => RunHistory.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_of_a_later_schema_is_refused()
    {
        _ = Log(steps: 1);
        File.WriteAllText(_path, File.ReadAllText(_path).Replace("\"schema\":1", "\"schema\":2", StringComparison.Ordinal));

        Assert.Contains("schema 2", Assert.Throws<InvalidDataException>(() => RunHistory.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_line_is_JSON()
    {
        _ = Log(steps: 25, bad: 7);

        Assert.All(File.ReadLines(_path), line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public void Writing_a_log_changes_nothing_in_the_training()
    {
        double[] Train(bool logged)
        {
            using var training = new Training("Adam");
            using RunLogWriter? log = logged ? RunLogWriter.Start(_path, training.Guard, new() { UpdateInterval = 1 }) : null;
            for (int step = 0; step < 12; step++)
            {
                training.Optimizer.zero_grad();
                using Tensor loss = training.Model.call(randn(8, 5)).square().mean();
                loss.backward();
                _ = training.Guard.Step(loss);
            }

            return [.. training.Model.parameters().SelectMany(parameter => parameter.Doubles())];
        }

        Assert.Equal(Train(logged: false), Train(logged: true));
    }

    private RunHistory Log(int steps, RunLogOptions? options = null, int bad = 0, int before = 0)
    {
        using var model = new Weights(tensor(new[] { 100f, 0f }), tensor(new[] { 0f, 200f }));
        using optim.Optimizer optimizer = model.Sgd(learningRate: 0.25);
        using var guard = GradientGuard.For(model, optimizer);
        for (int step = 0; step < before; step++)
        {
            _ = guard.Inspect();
        }

        using (RunLogWriter.Start(_path, guard, options))
        {
            for (int step = 1; step <= steps; step++)
            {
                _ = model.WithGradients(tensor(new[] { 3f, 4f }), tensor(new[] { 0f, step == bad ? float.NaN : 12f }));
                _ = guard.Step(tensor(0.5f));
            }
        }

        return RunHistory.Read(_path);
    }
}
