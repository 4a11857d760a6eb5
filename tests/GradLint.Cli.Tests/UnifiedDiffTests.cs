using System.Diagnostics;
using GradLint.Cli.Checking;

namespace GradLint.Cli.Tests;

public sealed class UnifiedDiffTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Texts => new()
    {
        { "a\nb\nc\n", "a\nx\nc\n" },
        { "a\nb\nc\n", "a\nc\n" },
        { "a\nb\nc\n", "start\na\nb\nc\nend\n" },
        { "a\nb\nc", "a\nb\nc\n" },
        { "a\nb\nc", "a\nb\nd" },
        { "a\r\nb\r\nc\r\n", "a\r\nx\r\nc\r\n" },
        { "one\n", "" },
        { "", "one\n" },
        { Lines(1, 40), Lines(1, 40).Replace("line 5\n", "", StringComparison.Ordinal).Replace("line 9\n", "nine\n", StringComparison.Ordinal).Replace("line 30\n", "line 30\nmore\n", StringComparison.Ordinal) },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Git_applies_it(string before, string after)
    {
        string file = _folder.File("file.txt");
        await File.WriteAllTextAsync(file, before, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder.File("diff"), UnifiedDiff.Of("file.txt", before, after), TestContext.Current.CancellationToken);

        var start = new ProcessStartInfo("git", ["apply", "--unidiff-zero", "--whitespace=nowarn", "diff"]) { WorkingDirectory = _folder.Path, RedirectStandardError = true };
        using Process git = Process.Start(start)!;
        string errors = await git.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (git.ExitCode, errors));
        Assert.Equal(after, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_same_text_has_no_difference() => Assert.Equal("", UnifiedDiff.Of("file.txt", "a\nb\n", "a\nb\n"));

    [Fact]
    public void Distant_changes_are_told_apart()
    {
        string after = Lines(1, 40).Replace("line 5\n", "five\n", StringComparison.Ordinal).Replace("line 30\n", "thirty\n", StringComparison.Ordinal);

        string[] heads = [.. UnifiedDiff.Of("file.txt", Lines(1, 40), after).Split('\n').Where(line => line.StartsWith("@@", StringComparison.Ordinal))];

        Assert.Equal(["@@ -2,7 +2,7 @@", "@@ -27,7 +27,7 @@"], heads);
    }

    public void Dispose() => _folder.Dispose();

    private static string Lines(int from, int to) => string.Concat(Enumerable.Range(from, to).Select(number => $"line {number}\n"));
}
