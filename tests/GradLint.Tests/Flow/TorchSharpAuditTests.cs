using GradLint.TorchSharpAudit;

namespace GradLint.Tests.Flow;

/// <summary>The audit of TorchSharp itself; its program and its page say more: tests/GradLint.TorchSharpAudit, docs/torchsharp-audit.md.</summary>
[Collection(nameof(OwnRandomNumbers))]
public class TorchSharpAuditTests
{
    private static readonly Lazy<AuditReport> s_report = new(Audit.Run);

    [Fact]
    public void TorchSharp_has_exactly_the_defects_that_are_known() => Assert.Empty(s_report.Value.Surprises);

    [Fact]
    public void A_defect_that_is_new_and_one_that_is_gone_are_surprises()
    {
        Check Checking(string name, double error) => new("family", name, "property", 0.1, () => error);
        Finding[] findings = [Checking("good", 0).Run(), Checking("broken", 1).Run(), Checking("NaN", double.NaN).Run(), Checking("known", 1).Run(), Checking("mended", 0).Run()];

        AuditReport report = new(findings, [new KnownDefect("GL5001", "x", "Happens.", ["known", "mended"])]);

        Assert.Equal(
            ["broken is defective, and not known to be", "NaN is defective, and not known to be", "mended is known to be defective, and is not any more"],
            report.Surprises);
    }

    [Fact]
    public void A_check_that_throws_is_a_defect()
    {
        Finding finding = new Check("family", "name", "property", 0.1, () => throw new InvalidOperationException("first line\nsecond")).Run();

        Assert.True(finding.IsDefect);
        Assert.Equal(("throws", "first line"), (finding.ErrorText, finding.Exception));
    }

    [Fact]
    public void The_page_has_a_line_for_every_check_and_every_defect()
    {
        AuditReport report = s_report.Value;
        using StringWriter page = new();

        report.WriteMarkdown(page);

        string[] lines = page.ToString().Split('\n');
        Assert.Equal(report.Findings.Count, lines.Count(line => line.StartsWith("| `") && (line.Contains("| ok |") || line.Contains("| DEFECT"))));
        Assert.All(Audit.Known, defect => Assert.Contains(lines, line => line.StartsWith($"| `{defect.What}` |")));
    }
}
