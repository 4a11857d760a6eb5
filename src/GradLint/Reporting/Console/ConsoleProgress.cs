using System.Globalization;
using Con = System.Console;

namespace GradLint;

/// <summary>Shows a training: one line that moves in a terminal; elsewhere a plain line now and then, at the end, and for each event.</summary>
public sealed class ConsoleProgress : IProgress<TrainingProgress>
{
    private static readonly TimeSpan s_betweenRefreshes = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(5);

    private readonly TextWriter _output;
    private readonly bool _isTerminal;
    private readonly TimeProvider _time;
    private readonly Func<int> _width;
    private long? _latest;
    private long _clipped;
    private long _skipped;
    private StepReason _latestReason;

    /// <summary>Writes to the console.</summary>
    public ConsoleProgress()
        : this(Con.Out, !Con.IsOutputRedirected, TimeProvider.System, () => Con.WindowWidth)
    {
    }

    /// <summary>Writes to any text.</summary>
    /// <param name="output">Where the lines go.</param>
    /// <param name="isTerminal">Whether a line can be written over.</param>
    /// <param name="time">Tells when the next line is due.</param>
    public ConsoleProgress(TextWriter output, bool isTerminal, TimeProvider time)
        : this(output, isTerminal, time, () => int.MaxValue)
    {
    }

    internal ConsoleProgress(TextWriter output, bool isTerminal, TimeProvider time, Func<int> width)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(time);
        (_output, _isTerminal, _time, _width) = (output, isTerminal, time, width);
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        StepVerdict verdict = value.Verdict;
        _clipped += verdict.Outcome == StepOutcome.Clipped ? 1 : 0;
        _skipped += verdict.MayStep ? 0 : 1;
        // A run of the same is told once.
        bool isEvent = verdict.Advice.Count > 0
            || (verdict.Reason != StepReason.Finite && (verdict.Reason != _latestReason || verdict.Outcome > StepOutcome.Skipped));
        _latestReason = verdict.Reason;
        bool endsEpoch = value.StepOfEpoch == value.StepsPerEpoch;
        TimeSpan pause = _isTerminal ? s_betweenRefreshes : s_betweenLines;
        bool isDue = _latest is not { } latest || _time.GetElapsedTime(latest) >= pause || (endsEpoch && (_isTerminal || value.Epoch == value.Epochs));
        if (isEvent)
        {
            _output.WriteLine(_isTerminal ? $"\r{verdict}\u001b[K" : verdict.ToString());
        }

        if (isDue)
        {
            _latest = _time.GetTimestamp();
            string line = Line(value);
            _output.Write(_isTerminal ? $"\r{Cut(line)}\u001b[K{(endsEpoch ? Environment.NewLine : "")}" : line + Environment.NewLine);
            _output.Flush();
        }
    }

    /// <summary>What wraps in a narrow terminal is not written over. A terminal that does not know its width tells 0.</summary>
    private string Cut(string line) => _width() is > 1 and var width && line.Length >= width ? line[..(width - 1)] : line;

    private string Line(in TrainingProgress at)
    {
        string steps = at.StepsPerEpoch is { } all ? $"{at.StepOfEpoch}/{all}" : $"{at.StepOfEpoch}";
        string loss = at.Verdict.Loss is { } value ? string.Create(CultureInfo.InvariantCulture, $"  loss {value:G4}") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {at.Epoch}/{at.Epochs}  step {steps}{loss}  gradient norm {at.Verdict.GradientNorm:G4}  {_clipped} clipped, {_skipped} skipped");
    }
}
