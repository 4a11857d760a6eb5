namespace GradLint;

/// <summary>The names in a run log: docs/run-log.md describes them.</summary>
internal static class RunLogFormat
{
    /// <summary>Raised when a reader of the former version would misread what is written.</summary>
    public const int Schema = 1;

    public const string Type = "type";

    public const string Run = "run";
    public const string Layers = "layers";
    public const string Step = "step";
    public const string Advice = "advice";
    public const string Norms = "norms";
    public const string Updates = "updates";
    public const string Histogram = "histogram";
    public const string Epoch = "epoch";
    public const string Flow = "flow";
    public const string End = "end";
}
