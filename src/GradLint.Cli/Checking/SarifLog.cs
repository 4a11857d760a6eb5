using System.Reflection;
using GradLint.Cli.CommandLine;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Cli.Checking;

/// <summary>Findings in the format that code hosts and editors read: SARIF 2.1.0 (OASIS standard).</summary>
internal static class SarifLog
{
    private const string Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    /// <summary>The folder that relative paths start from.</summary>
    private const string Root = "SRCROOT";

    /// <summary>The log.</summary>
    /// <param name="findings">What was found.</param>
    /// <param name="problems">What kept some of the code from being read.</param>
    public static string Write(IReadOnlyList<Finding> findings, IReadOnlyList<string> problems) => Json.WriteWithoutNulls(new Dictionary<string, object>
    {
        ["$schema"] = Schema,
        ["version"] = "2.1.0",
        ["runs"] = new[]
        {
            new
            {
                Tool = new { Driver = Driver() },
                ColumnKind = "utf16CodeUnits",
                OriginalUriBaseIds = new Dictionary<string, object> { [Root] = new { Uri = FolderUri(Environment.CurrentDirectory) } },
                Invocations = new[]
                {
                    new
                    {
                        ExecutionSuccessful = problems.Count == 0,
                        ToolExecutionNotifications = problems.Select(problem => new { Level = "error", Message = new { Text = problem } }),
                    },
                },
                Results = findings.Select(Result),
            },
        },
    });

    private static object Driver() => new
    {
        Name = "GradLint",
        SemanticVersion = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3),
        Rules = RuleSet.Rules.Select(rule => new
        {
            rule.Id,
            ShortDescription = new { Text = rule.Title.ToString() },
            FullDescription = new { Text = rule.Description.ToString() },
            HelpUri = rule.HelpLinkUri.Length > 0 ? rule.HelpLinkUri : null,
            DefaultConfiguration = new { Enabled = rule.IsEnabledByDefault, Level = Level(rule.DefaultSeverity) },
            Properties = new { rule.Category },
        }),
    };

    private static object Result(Finding finding) => new
    {
        finding.RuleId,
        RuleIndex = RuleSet.Rules.Select(rule => rule.Id).ToList().IndexOf(finding.RuleId),
        Level = Level(finding.Diagnostic.Severity),
        Message = new { Text = finding.Message },
        Locations = finding.File is null ? [] : new[] { Place(finding.Diagnostic.Location) },
        RelatedLocations = finding.Diagnostic.AdditionalLocations is { Count: > 0 } places ? places.Where(place => place.IsInSource).Select(Place) : null,
    };

    private static object Place(Location location)
    {
        LinePositionSpan lines = location.GetLineSpan().Span;
        return new
        {
            PhysicalLocation = new
            {
                ArtifactLocation = Artifact(location.SourceTree!.FilePath),
                Region = new
                {
                    StartLine = lines.Start.Line + 1,
                    StartColumn = lines.Start.Character + 1,
                    EndLine = lines.End.Line + 1,
                    EndColumn = lines.End.Character + 1,
                },
            },
        };
    }

    /// <summary>Relative to the current folder where the file is below it, as code hosts want it.</summary>
    private static object Artifact(string file)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, file);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative)
            ? new { Uri = new Uri(file).AbsoluteUri, UriBaseId = (string?)null }
            : new { Uri = string.Join('/', relative.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString)), UriBaseId = (string?)Root };
    }

    private static string FolderUri(string folder) => new Uri(Path.TrimEndingDirectorySeparator(folder) + "/").AbsoluteUri;

    private static string Level(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => "error",
        DiagnosticSeverity.Warning => "warning",
        DiagnosticSeverity.Info => "note",
        _ => "none",
    };
}
