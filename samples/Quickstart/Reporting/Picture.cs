using GradLint;

namespace Quickstart;

/// <summary>Loss and gradient norm over the steps, all runs together, as an SVG file.</summary>
internal sealed class Picture
{
    private Picture(string path) => FilePath = path;

    public string FilePath { get; }

    /// <summary>The picture to be written there, once it is clear that it can be: before minutes of training, not after.</summary>
    public static Picture At(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            FileOptions leaveNothing = File.Exists(full) ? FileOptions.None : FileOptions.DeleteOnClose;
            using var attempt = new FileStream(full, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 1, leaveNothing);
            return new Picture(full);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new QuickstartException($"--output '{path}' cannot be written: {error.Message}");
        }
    }

    public void Draw(IReadOnlyList<RunResult> runs) =>
        File.WriteAllText(FilePath, RunPicture.ToSvg("The same network and seed, trained three ways", [.. runs.Select(run => new PicturedRun(run.Name, [.. run.Steps.Select(Step)]))]));

    // The picture has neither times, thresholds nor learning rates.
    private static RunStep Step(StepRecord step) =>
        new(step.Step, Seconds: 0, step.Loss, step.GradientNorm, Threshold: double.NaN, Rate: double.NaN, step.Outcome);
}
