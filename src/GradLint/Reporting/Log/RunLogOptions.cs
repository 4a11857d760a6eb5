namespace GradLint;

/// <summary>What a <see cref="RunLogWriter"/> writes beside one line per step, and how often.</summary>
public sealed record RunLogOptions
{
    /// <summary>
    /// How many steps lie between two lines with the gradient norm of each layer; the first ten steps and each event have one too. Not
    /// negative; 0 writes none. Default 10.
    /// </summary>
    public int LayerInterval { get; init; } = 10;

    /// <summary>
    /// How many steps lie between two lines with the update ratio |dW|/|W| of each layer, for which the weights are copied once. Not
    /// negative; 0 writes none. Default 100.
    /// </summary>
    public int UpdateInterval { get; init; } = 100;

    /// <summary>Whether the steps 1, 2, 5, 10, 20, 50, ... have a histogram of each layer's gradients. Default true.</summary>
    public bool Histograms { get; init; } = true;

    /// <summary>
    /// The step after which a resumed run goes on: the log is continued, and what it has of later steps no longer counts. Null, the
    /// default, starts a new log.
    /// </summary>
    public long? ResumeAfter { get; init; }

    internal void Validate(string parameterName)
    {
        string[] problems =
        [
            .. LayerInterval < 0 ? [$"{nameof(LayerInterval)} is {LayerInterval}; it must not be negative."] : (string[])[],
            .. UpdateInterval < 0 ? [$"{nameof(UpdateInterval)} is {UpdateInterval}; it must not be negative."] : (string[])[],
            .. ResumeAfter < 0 ? [$"{nameof(ResumeAfter)} is {ResumeAfter}; it must not be negative."] : (string[])[],
        ];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), parameterName);
        }
    }
}
