using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;
using AllRules = GradLint.Proofs.Rules;

namespace GradLint.EditorLatency.Tests;

/// <summary>What somebody sees who types into a model file in an editor. How long it takes is not tested but printed by the program.</summary>
public sealed class EditorTests
{
    private const int Lines = 60;
    private const int Flaws = 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_diagnostic_appears_with_the_edit_that_causes_it_and_goes_with_the_fix()
    {
        using EditorSession session = Open();
        Assert.DoesNotContain(await session.DiagnosticsAsync(Cancellation), IsWrongThreshold);

        await session.MistypeThresholdAsync(Cancellation);
        Diagnostic shown = Assert.Single(await session.DiagnosticsAsync(Cancellation), IsWrongThreshold);
        Assert.Equal("-1", (await session.TextAsync(Cancellation)).Substring(shown.Location.SourceSpan.Start, shown.Location.SourceSpan.Length));

        OfferedAction offer = Assert.Single(await session.ActionsAtWrongThresholdAsync(Cancellation));
        await session.ApplyAsync(offer, Cancellation);
        Assert.DoesNotContain(await session.DiagnosticsAsync(Cancellation), IsWrongThreshold);
    }

    [Fact]
    public async Task The_prediction_follows_what_is_typed()
    {
        using EditorSession session = Open();
        string text = await session.TextAsync(Cancellation);
        const string Registration = "        RegisterComponents();";
        const string Initializer = "        init.normal_(fc0.weight, 0, 50);\n        init.normal_(fc1.weight, 0, 50);\n";
        int start = text.IndexOf(Registration, StringComparison.Ordinal);
        Assert.DoesNotContain(await session.DiagnosticsAsync(Cancellation), IsOversized);

        await session.TypeAsync(new TextChange(new TextSpan(start, 0), Initializer), Cancellation);
        Assert.Contains(await session.DiagnosticsAsync(Cancellation), IsOversized);

        await session.TypeAsync(new TextChange(new TextSpan(start, Initializer.Length), ""), Cancellation);
        Assert.DoesNotContain(await session.DiagnosticsAsync(Cancellation), IsOversized);
    }

    [Theory]
    [InlineData(FixAllScope.Document, 1, 0, 0)]
    [InlineData(FixAllScope.Project, 1, Flaws, 0)]
    [InlineData(FixAllScope.Solution, 1, Flaws, Flaws)]
    public async Task Fix_all_is_previewed_as_far_as_it_is_asked_for(FixAllScope scope, int inDocument, int inOtherFile, int inOtherProject)
    {
        using EditorSession session = Open();
        await session.MistypeThresholdAsync(Cancellation);
        OfferedAction offer = Assert.Single(await session.ActionsAtWrongThresholdAsync(Cancellation));

        Solution preview = await session.PreviewFixAllAsync(offer, scope, Cancellation);

        Document[][] documents = [.. preview.Projects.Select(project => project.Documents.ToArray())];
        Assert.Equal(1 - inDocument, await WrongThresholdsIn(documents[0][0]));
        Assert.Equal(Flaws - inOtherFile, await WrongThresholdsIn(documents[0][1]));
        Assert.Equal(Flaws - inOtherProject, await WrongThresholdsIn(documents[1][0]));
        Assert.Equal(1, await WrongThresholdsIn(session.Document));
    }

    [Fact]
    public async Task Half_typed_code_breaks_no_rule()
    {
        using EditorSession session = Open();
        foreach (TextChange change in Typist.Changes(await session.TextAsync(Cancellation), 130))
        {
            await session.TypeAsync(change, Cancellation);
            Assert.DoesNotContain(await session.DiagnosticsAsync(Cancellation), diagnostic => diagnostic.Id.StartsWith("AD", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Nothing_of_earlier_versions_is_kept()
    {
        using EditorSession session = Open();
        List<WeakReference> versions = [];
        Latency latency = await Latency.OfTypingAsync(session, 200, Cancellation);
        foreach (TextChange change in Typist.Changes(await session.TextAsync(Cancellation), 20))
        {
            await session.TypeAsync(change, Cancellation);
            versions.Add(await AnalyzedVersion(session));
        }

        Latency.MegabytesInUse();
        Assert.InRange(versions.Count(version => version.IsAlive), 0, 2);
        Assert.InRange(latency.MegabytesKept, double.NegativeInfinity, 5);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> AnalyzedVersion(EditorSession session)
    {
        await session.DiagnosticsAsync(Cancellation);
        return new WeakReference(await session.Document.Project.GetCompilationAsync(Cancellation));
    }

    private static async Task<int> WrongThresholdsIn(Document document) =>
        (await document.GetTextAsync(Cancellation)).ToString().Split(OpenFile.WrongThreshold).Length - 1;

    private static bool IsWrongThreshold(Diagnostic diagnostic) => diagnostic.Id == "GL2003";

    private static bool IsOversized(Diagnostic diagnostic) => diagnostic.Id == "GL1003";

    private static EditorSession Open() => new(
        AllRules.Analyzers,
        AllRules.CodeFixes,
        [OpenFile.Of(GeneratedCode.LongClasses[1], Lines), OpenFile.WithWrongThresholds(0, Flaws), GeneratedCode.Small(0)],
        [OpenFile.WithWrongThresholds(1, Flaws)]);
}
