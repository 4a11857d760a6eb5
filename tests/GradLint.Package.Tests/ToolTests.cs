namespace GradLint.Package.Tests;

/// <summary>The tool in the hands of a user: installed from the package, run on a file.</summary>
public sealed class ToolTests(PackedFeed packages)
{
    [Fact]
    public async Task It_installs_checks_a_file_and_repairs_it()
    {
        using var consumer = new Consumer(packages, "GradLint.Analyzers");
        (await consumer.DotnetAsync("tool", "install", "GradLint.Cli", "--version", "0.1.0", "--tool-path", "tools", "--configfile", "nuget.config")).Succeeded();

        CommandResult found = await Gradlint(consumer, "check", "Program.cs");
        Assert.True(found.ExitCode == 1, found.Output);
        Assert.Contains("Program.cs(10,50): warning GL2003:", found.Output, StringComparison.Ordinal);

        await Gradlint(consumer, "check", "Program.cs", "--fix");
        Assert.Contains("clip_grad_norm_(model.parameters(), 1.0);", consumer.Read("Program.cs"), StringComparison.Ordinal);

        CommandResult left = await Gradlint(consumer, "check", "Program.cs");
        Assert.True(left.ExitCode is 0 or 2 && !left.Output.Contains("GL2003", StringComparison.Ordinal), left.Output);
    }

    private static Task<CommandResult> Gradlint(Consumer consumer, params string[] arguments) =>
        Command.RunAsync(Path.Combine(consumer.Folder, "tools", OperatingSystem.IsWindows() ? "gradlint.exe" : "gradlint"), consumer.Folder, packages: null, arguments);
}
