using System.Globalization;

namespace GradLint;

/// <summary>Finds validation losses that rise: the model learns its training data by heart.</summary>
/// <remarks>Prechelt, "Early stopping - but when?" (1998): the loss of generalization GL beyond 5 percent, several times in a row.</remarks>
public sealed record ValidationLossDetection
{
    /// <summary>By which share of the best the loss must have risen. Not negative. Default 0.05, the paper's GL of 5.</summary>
    public double MinRise { get; init; } = 0.05;

    /// <summary>How many times in a row. At least 1. Default 3.</summary>
    public int Patience { get; init; } = 3;

    internal void Validate(List<string> problems)
    {
        AdviceOptions.Require(problems, MinRise >= 0, $"{nameof(ValidationLossDetection)}.{nameof(MinRise)}", MinRise, "0 or more");
        AdviceOptions.Require(problems, Patience >= 1, $"{nameof(ValidationLossDetection)}.{nameof(Patience)}", Patience, "at least 1");
    }
}

internal sealed class ValidationLossDetector(ValidationLossDetection options) : IGuardState
{
    private double _best = double.PositiveInfinity;
    private int _above;

    /// <param name="step">The latest step.</param>
    /// <param name="loss">NaN counts as a rise.</param>
    public Advice? Observe(long step, double loss)
    {
        _above = loss - _best <= options.MinRise * Math.Abs(_best) || double.IsInfinity(_best) ? 0 : _above + 1;
        _best = Math.Min(_best, double.IsNaN(loss) ? double.PositiveInfinity : loss);
        return _above == options.Patience
            ? new Advice(
                AdviceKind.ValidationLoss,
                step,
                loss,
                _best,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The validation loss was above its best of {_best:G4} {_above} times in a row, and is {loss:G4}. ")
                + "Stop, or try weight decay, dropout or more data.",
                [])
            : null;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_best);
        writer.Write(_above);
    }

    public void Load(BinaryReader reader)
    {
        _best = reader.ReadDouble();
        _above = reader.ReadInt32();
    }
}
