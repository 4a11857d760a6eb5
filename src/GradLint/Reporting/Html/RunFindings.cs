using System.Globalization;

namespace GradLint;

/// <summary>What somebody who opens a report wants to know first, in sentences.</summary>
internal static class RunFindings
{
    private const double ManyClipped = 0.5;
    private const double MuchWorse = 0.1;
    private const int ShareOfAnEnd = 20;

    /// <summary>Those that there is something to say of; what is trouble is marked as such.</summary>
    public static IReadOnlyList<RunFinding> Of(RunHistory run) => run.Steps.Count == 0
        ? [new RunFinding("No step was logged.", "events", IsTrouble: true)]
        : [.. ((RunFinding?[])[Events(run), Advice(run), Loss(run), Clipping(run), Layers(run), Prediction(run)]).OfType<RunFinding>()];

    /// <summary>How often gradients were clipped, and which threshold the run's own norms suggest.</summary>
    public static RunFinding Clipping(RunHistory run)
    {
        RunStep[] taken = [.. run.Steps.Where(step => step.Outcome is StepOutcome.Applied or StepOutcome.Clipped)];
        double share = taken.Length == 0 ? 0 : (double)taken.Count(step => step.Outcome == StepOutcome.Clipped) / taken.Length;
        string text = taken.All(step => double.IsNaN(step.Threshold)) ? "No threshold for clipping was in force."
            : share == 0 ? Text($"No step was clipped: the norms are at most {taken.Max(step => step.Norm):G3}, the last threshold is {taken[^1].Threshold:G3}.")
            : share <= ManyClipped ? Text($"{share:P1} of the steps were clipped.")
            : Text($"{share:P1} of the steps were clipped: the threshold, more than the learning rate, sets how far a step goes.");
        return new RunFinding($"{text} {Suggestion(run, taken)}", "clip-rate", share > ManyClipped);
    }

    private static string Suggestion(RunHistory run, RunStep[] taken)
    {
        double suggested = run.Ending?.SuggestedMaxNorm ?? double.NaN;
        return double.IsNaN(suggested)
            ? "A threshold is suggested at the end of a run of 100 steps or more."
            : Text($"The run's own norms suggest a threshold of {suggested:G2}, below which {taken.Count(step => step.Norm <= suggested) / (double)taken.Length:P0} of them lie.");
    }

    private static RunFinding Events(RunHistory run)
    {
        if (run.Events.Count == 0)
        {
            return new("Every step was in order: none was skipped, none taken back.", "events", IsTrouble: false);
        }

        RunEvent first = run.Events[0];
        string done = string.Join(", ", run.Events.GroupBy(what => what.At.Outcome).OrderBy(group => group.Key).Select(group => Text($"{group.Count()} {Word(group.Key)}")));
        return new(
            Text($"{run.Events.Count} of {run.Steps.Count:N0} steps were out of the ordinary ({done}), the first at step {first.At.Step:N0}: {Words(first.Reason)}."),
            "events",
            IsTrouble: true);
    }

    private static RunFinding? Advice(RunHistory run) => run.Advice.Count == 0 ? null : new(
        run.Advice.Count == 1
            ? Text($"The guard advises, at step {run.Advice[0].Step:N0}: {run.Advice[0].Message}")
            : Text($"The guard gives {run.Advice.Count} pieces of advice, the first at step {run.Advice[0].Step:N0}: {run.Advice[0].Message}"),
        "advice",
        IsTrouble: true);

    private static RunFinding? Loss(RunHistory run)
    {
        double[] losses = [.. run.Steps.Select(step => step.Loss).Where(double.IsFinite)];
        if (losses.Length < 2)
        {
            return null;
        }

        int end = Math.Max(1, losses.Length / ShareOfAnEnd);
        (double before, double after) = (losses.Take(end).Average(), losses.TakeLast(end).Average());
        string course = Text($"The loss {(after < before ? "fell" : "rose")} from {before:G3} to {after:G3}");
        EpochResult[] validated = [.. run.Epochs.Where(epoch => epoch.ValidationLoss is { } loss && double.IsFinite(loss))];
        if (validated.Length < 2)
        {
            return new($"{course}.", "loss", after >= before);
        }

        EpochResult best = validated.MinBy(epoch => epoch.ValidationLoss)!;
        double last = validated[^1].ValidationLoss!.Value;
        string validation = best == validated[^1]
            ? Text($"the validation loss was lowest, {last:G3}, in the last epoch: it may fall further")
            : Text($"the validation loss was lowest, {best.ValidationLoss:G3}, after epoch {best.Epoch} of {run.Epochs.Count}, and {last:G3} in the end");
        return new($"{course}; {validation}.", "loss", after >= before || last - best.ValidationLoss > MuchWorse * Math.Abs(best.ValidationLoss!.Value));
    }

    private static RunFinding? Layers(RunHistory run)
    {
        (string Name, double Norm)[] usual =
        [
            .. run.Layers.Select((name, i) => (name, Median(run.Norms.Where(norms => i < norms.Values.Count).Select(norms => norms.Values[i])))).Where(layer => layer.Item2 > 0),
        ];
        if (usual.Length < 2)
        {
            return null;
        }

        (string Name, double Norm) least = usual.MinBy(layer => layer.Norm);
        (string Name, double Norm) most = usual.MaxBy(layer => layer.Norm);
        return new(
            Text($"Of the layers, {most.Name} has the largest gradient (median norm {most.Norm:G3}) and {least.Name} the smallest ({least.Norm:G3}), {(most.Norm / least.Norm):#,0.#} times less."),
            "norms",
            IsTrouble: false);
    }

    private static RunFinding? Prediction(RunHistory run)
    {
        double measured = run.Flow?.MeasuredGrowth ?? double.NaN;
        double predicted = run.Flow?.PredictedGrowth ?? double.NaN;
        return !double.IsFinite(measured) || !double.IsFinite(predicted) ? null : new(
            Text($"Before the first step, the gradient of the first layer was {Math.Pow(10, measured):G2} times that of the last; {Math.Pow(10, predicted):G2} was predicted from the model alone."),
            "flow",
            IsTrouble: false);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    private static string Word(StepOutcome outcome) => outcome switch
    {
        StepOutcome.Skipped => "skipped",
        StepOutcome.RolledBack => "rolled back",
        StepOutcome.Stopped => "at which the guard stopped",
        _ => "taken all the same",
    };

    /// <summary>"LossSpike" as "loss spike".</summary>
    private static string Words(string name) =>
        string.Concat(name.Select((letter, i) => char.IsUpper(letter) ? $"{(i > 0 ? " " : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One sentence of <see cref="RunFindings"/>.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Section">The picture or table of the report that it is read from.</param>
/// <param name="IsTrouble">Whether something is to be done about it.</param>
internal sealed record RunFinding(string Text, string Section, bool IsTrouble);
