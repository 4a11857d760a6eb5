using TorchSharp;

namespace GradLint.TorchSharpAudit;

/// <summary>What the audit found, held against what is known.</summary>
internal sealed class AuditReport
{
    private readonly IReadOnlyList<KnownDefect> _known;

    public AuditReport(IReadOnlyList<Finding> findings, IReadOnlyList<KnownDefect> known)
    {
        (Findings, _known) = (findings, known);
        Dictionary<string, bool> defective = findings.GroupBy(finding => finding.Check.Name).ToDictionary(group => group.Key, group => group.Any(finding => finding.IsDefect));
        Surprises =
        [
            .. defective.Where(one => one.Value && RuleOf(one.Key) is null).Select(one => $"{one.Key} is defective, and not known to be"),
            .. known.SelectMany(defect => defect.Names).Where(name => !defective.GetValueOrDefault(name)).Select(name => $"{name} is known to be defective, and is not any more"),
        ];
    }

    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Where the findings and the known defects differ: empty when TorchSharp is as the rules and the prediction take it to be.</summary>
    public IReadOnlyList<string> Surprises { get; }

    public void WriteTable(TextWriter writer)
    {
        (int name, int what) = (Findings.Max(finding => finding.Check.Name.Length), Findings.Max(finding => finding.Check.What.Length));
        foreach (Finding finding in Findings)
        {
            writer.WriteLine($"{finding.Check.Name.PadRight(name)}  {finding.Check.What.PadRight(what)}  {finding.ErrorText,8}  {Verdict(finding)}");
        }

        writer.WriteLine($"\n{Findings.Count} checks, {Findings.Count(finding => finding.IsDefect)} failed, {_known.Count} defects known.");
        foreach (string surprise in Surprises)
        {
            writer.WriteLine($"SURPRISE: {surprise}.");
        }
    }

    public void WriteMarkdown(TextWriter writer)
    {
        writer.WriteLine($"""
            # TorchSharp {typeof(torch).Assembly.GetName().Version!.ToString(3)}, audited

            What the prediction and the rules take for granted about TorchSharp, checked: the initializers, default initializations, activations, normalizations, variances, losses and optimizers, each
            against its definition in plain C#, in double precision, forward and backward. This page is written by the program, which ends with exit code 1 where the defects
            differ from those listed here:

            ```
            dotnet run -c Release --project tests/GradLint.TorchSharpAudit -- --markdown docs/torchsharp-audit.md
            ```

            The same checks run with the tests, so that another TorchSharp is noticed.

            ## Defects

            | what | what happens | rule |
            |---|---|---|
            """);
        foreach (KnownDefect defect in _known)
        {
            writer.WriteLine($"| `{defect.What}` | {defect.Explanation} | {defect.Rule} |");
        }

        writer.WriteLine("""

            ## How it is measured

            - *forward*: the largest difference to the definition, relative where the value exceeds 1; passes up to 1E-10. *backward*: the same for the gradient of a fixed weighted sum of
              the outputs, against the derivative of the definition by a five-point difference quotient; passes up to 1E-7. Activations on 101 points of [-8, 8] that stay off the kinks.
            - Initializers with fixed seeds: *mean* and *variance* in standard errors of a true draw, pass up to 4; *distribution* the Kolmogorov-Smirnov statistic, sqrt(n) times the largest
              distance to the distribution function, passes up to 2.1, and no value may lie beyond the bounds.
            - Optimizers: the parameters after 12 steps with given gradients against the published algorithm, one parameter at a time; passes up to 1E-9.
            - Left out, as neither the prediction nor a rule rests on them: LBFGS, the learning rate schedulers, ctc_loss, multi_label_margin_loss, triplet_margin_with_distance_loss,
              local response normalization, and the dropouts of whole channels.
            """);
        foreach (IGrouping<string, Finding> family in Findings.GroupBy(finding => finding.Check.Family))
        {
            writer.WriteLine($"\n## {family.Key}\n\n| name | checked | error | |\n|---|---|---|---|");
            foreach (Finding finding in family)
            {
                writer.WriteLine($"| `{finding.Check.Name}` | {finding.Check.What} | {PublishedError(finding)} | {Verdict(finding)} |");
            }
        }
    }

    // What uninitialized memory holds, and the last bits of what passes, are different on every machine.
    private static string PublishedError(Finding finding) =>
        finding.Check.Name.StartsWith("nn.GroupNorm(4, 1024).", StringComparison.Ordinal) ? "varies"
        : !finding.IsDefect && finding.Error < 0.01 * finding.Check.Tolerance ? $"&lt; {0.01 * finding.Check.Tolerance:0E+0}"
        : finding.ErrorText;

    private string Verdict(Finding finding) => finding.IsDefect ? $"DEFECT {RuleOf(finding.Check.Name)?.Split(' ')[0]}".TrimEnd() : "ok";

    private string? RuleOf(string name) => _known.FirstOrDefault(defect => defect.Names.Contains(name))?.Rule;
}
