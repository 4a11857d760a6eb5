using System.Text.Json;

namespace GradLint.Package.Tests;

/// <summary>The packages in the hands of a user: restored on a clean cache, built with the SDK of this machine.</summary>
public sealed class ConsumerTests(PackedFeed packages)
{
    [Theory]
    [InlineData("GradLint")]
    [InlineData("GradLint.Analyzers")]
    public async Task A_build_shows_the_warning_once(string package)
    {
        using var consumer = new Consumer(packages, package);

        string output = (await consumer.DotnetAsync("build", "-tl:off")).Succeeded().Output;

        string[] warnings = [.. output.Split('\n').Where(line => line.Contains("warning GL2003", StringComparison.Ordinal)).Select(line => line.Trim()).Distinct()];
        Assert.Contains("Program.cs(10,50): warning GL2003:", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_as_errors_fail_the_build()
    {
        using var consumer = new Consumer(packages, "GradLint.Analyzers", "<TreatWarningsAsErrors>true</TreatWarningsAsErrors><WarningsNotAsErrors>NU1603</WarningsNotAsErrors>");

        CommandResult build = await consumer.DotnetAsync("build", "-tl:off");

        Assert.NotEqual(0, build.ExitCode);
        Assert.True(build.Output.Contains("error GL2003:", StringComparison.Ordinal), build.Output);
    }

    [Fact]
    public async Task The_error_log_holds_the_result_as_SARIF()
    {
        using var consumer = new Consumer(packages, "GradLint.Analyzers", "<ErrorLog>log.sarif,version=2.1</ErrorLog>");

        (await consumer.DotnetAsync("build", "-tl:off")).Succeeded();

        using JsonDocument log = JsonDocument.Parse(consumer.Read("log.sarif"));
        JsonElement result = log.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray().Single(result => result.GetProperty("ruleId").GetString() == "GL2003");
        Assert.Equal(10, result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32());
    }

    [Fact]
    public async Task Dotnet_format_applies_the_fix()
    {
        using var consumer = new Consumer(packages, "GradLint.Analyzers");
        (await consumer.DotnetAsync("restore")).Succeeded();

        (await consumer.DotnetAsync("format", "analyzers", "--no-restore", "--diagnostics", "GL2003")).Succeeded();

        Assert.Contains("clip_grad_norm_(model.parameters(), 1.0);", consumer.Read("Program.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_preset_none_is_silent()
    {
        using var consumer = new Consumer(packages, "GradLint.Analyzers", "<GradLintPreset>none</GradLintPreset>");

        string output = (await consumer.DotnetAsync("build", "-tl:off")).Succeeded().Output;

        Assert.DoesNotContain("GL2003", output, StringComparison.Ordinal);
    }
}
