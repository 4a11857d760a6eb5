namespace GradLint;

/// <summary>
/// What a guard does when skipping does not help, because the weights themselves are ruined: it goes back to the last good state,
/// from the second time on with a lower learning rate, a bounded number of times, and then stops.
/// </summary>
/// <remarks>
/// <para>
/// A snapshot is taken before a step whose loss and gradients were just found to be in order: so the weights in it are known to
/// work. It holds a deep copy of the parameters that the optimizer steps, of the model's buffers, of the optimizer's state, of
/// torch's random number generator, of the learning rates, and of what the guard has learned. In memory that is for each of the
/// <see cref="Snapshots"/> once the parameters with SGD, twice with momentum, and three times with Adam, on the same device. An
/// optimizer that is not derived from TorchSharp's <c>OptimizerHelper</c> keeps its state.
/// </para>
/// <para>
/// What counts as a failure is a step with a loss or gradient that is not finite, or with a loss spike, which the guard can only
/// see if it is given the loss. Spikes of the gradient norm alone do not: the loss shows that the weights are in order. If loss
/// spikes go on right after a roll-back, then the weights are not their cause but the data: the guard does not roll back again,
/// waits until the new level is accepted (<see cref="StepReason.LevelShift"/>), and gives back the learning rate.
/// </para>
/// <para>
/// If all steps since the last good one were skipped for what is not finite, and the weights are finite, then bad data are the
/// likely cause: the first roll-back loses no step. It keeps weights, optimizer and learning rate as that step left them, and
/// takes only buffers that are not finite from the snapshot. If the failures go on, for instance because weights are so large that
/// every pass overflows, the next roll-back goes back to the snapshot. Both count for <see cref="MaxRollBacks"/>.
/// </para>
/// <para>
/// A learning rate scheduler that computes the rate from its base each time, such as <c>LambdaLR</c>, undoes the lowering.
/// </para>
/// </remarks>
public sealed record RecoveryOptions
{
    /// <summary>How many steps lie between two snapshots. At least 1. Default 100: their cost is far below that of the steps.</summary>
    public int SnapshotInterval { get; init; } = 100;

    /// <summary>
    /// How many snapshots are kept. At least 1. Default 2: if the newest turns out to lead into the same failure, there is an older
    /// one.
    /// </summary>
    public int Snapshots { get; init; } = 2;

    /// <summary>
    /// How many of the latest <see cref="Window"/> steps must have failed. From 1 to <see cref="Window"/>. Default 16: a run of bad
    /// batches is shorter. If the weights are no longer finite, the guard does not wait for it.
    /// </summary>
    public int Failures { get; init; } = 16;

    /// <summary>How many of the latest steps are looked at. From 1 to 64. Default 32.</summary>
    public int Window { get; init; } = 32;

    /// <summary>
    /// What the learning rate is multiplied with in each roll-back but the first, and those that lose no step. Greater than 0, at most 1. Default 0.5. The first
    /// keeps the rate: a fault that passes by itself, such as a bad batch, is no reason to train more slowly ever after. In each, a rate that was
    /// lower at the snapshot becomes what it was then, because a rate that has jumped may be the fault.
    /// </summary>
    public double LearningRateFactor { get; init; } = 0.5;

    /// <summary>
    /// How many roll-backs there may be before the guard stops; counted anew after ten snapshot intervals in order. Not negative.
    /// Default 3.
    /// </summary>
    public int MaxRollBacks { get; init; } = 3;

    /// <summary>
    /// How many times as large as all weights were at the last snapshot a single one may be at the next, where weights below 1 count as 1.
    /// Beyond that, and beyond what the steps in between can have done with their rates and gradients, the guard goes back
    /// (<see cref="StepReason.CorruptWeights"/>): a flipped bit may ruin a weight without a trace in loss and gradients. At least 1;
    /// <see cref="double.PositiveInfinity"/> does not look. Default 100.
    /// </summary>
    public double MaxWeightGrowth { get; init; } = 100;

    internal void Validate(List<string> problems)
    {
        void Require(bool isInRange, string option, object value, string range)
        {
            if (!isInRange)
            {
                problems.Add($"{nameof(RecoveryOptions)}.{option} is {value}; it must be {range}.");
            }
        }

        Require(SnapshotInterval >= 1, nameof(SnapshotInterval), SnapshotInterval, "at least 1");
        Require(Snapshots >= 1, nameof(Snapshots), Snapshots, "at least 1");
        Require(Window is >= 1 and <= 64, nameof(Window), Window, "between 1 and 64");
        Require(Failures >= 1 && Failures <= Window, nameof(Failures), Failures, $"between 1 and {nameof(Window)}");
        Require(LearningRateFactor is > 0 and <= 1, nameof(LearningRateFactor), LearningRateFactor, "greater than 0 and at most 1");
        // Written so that NaN fails.
        Require(MaxWeightGrowth >= 1, nameof(MaxWeightGrowth), MaxWeightGrowth, "at least 1");
        Require(MaxRollBacks >= 0, nameof(MaxRollBacks), MaxRollBacks, "0 or more");
    }
}
