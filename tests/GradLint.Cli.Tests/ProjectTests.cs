using System.Text.Json;
using TorchSharp;

namespace GradLint.Cli.Tests;

/// <summary>Projects and solutions, loaded by the real MSBuild of the SDK.</summary>
public sealed class ProjectTests : IDisposable
{
    private const string NetPath = "src/Net/Net.csproj";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_project_is_read_with_its_own_settings()
    {
        _folder.Write(NetPath, Project("<NoWarn>GL2003</NoWarn>"));
        _folder.Write("src/Net/Training.cs", Code.BadThreshold);
        string network = _folder.Write("src/Net/Exploding.cs", Code.Exploding);

        ToolResult result = await Tool.RunAsync("check", _folder.File(NetPath), "--format", "json");

        Assert.Equal((1, ""), (result.Code, result.Errors));
        Assert.All(Diagnostics(result), found => Assert.Equal(("GL1003", network.Replace('\\', '/')), (found.GetProperty("id").GetString(), found.GetProperty("file").GetString())));
    }

    [Fact]
    public async Task A_solution_and_a_folder_stand_for_their_projects()
    {
        _folder.Write("All.slnx", $"<Solution><Project Path=\"{NetPath}\" /></Solution>");
        _folder.Write(NetPath, Project(""));
        _folder.Write("src/Net/Exploding.cs", Code.Exploding);

        ToolResult solution = await Tool.RunAsync("flow", _folder.File("All.slnx"), "--json");
        ToolResult folder = await Tool.RunAsync("flow", _folder.File("src"), "--json");

        Assert.Equal((0, ""), (solution.Code, solution.Errors));
        Assert.Contains("\"name\": \"Exploding\"", solution.Output, StringComparison.Ordinal);
        Assert.Equal(solution, folder);
    }

    [Fact]
    public async Task A_file_of_a_project_is_read_with_the_rest_of_it()
    {
        _folder.Write(NetPath, Project(""));
        _folder.Write("src/Net/Sizes.cs", "internal static class Sizes { public const int Hidden = 32; }");
        _folder.Write("src/Net/Other.cs", Code.Exploding);
        string file = _folder.Write("src/Net/Nets.cs", "using static TorchSharp.torch.nn;\nstatic class Nets { static readonly TorchSharp.Modules.Sequential Net = Sequential(Linear(8, Sizes.Hidden), ReLU(), Linear(Sizes.Hidden, 2)); }");

        ToolResult result = await Tool.RunAsync("flow", file);

        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.Contains("8 -> 32", result.Output, StringComparison.Ordinal);
        Assert.Equal("1 model: 1 fine", result.OutputLines[^1]);
    }

    [Fact]
    public async Task A_project_that_was_not_restored_is_read_all_the_same_and_says_what_to_do()
    {
        string project = _folder.Write(NetPath, Project("").Replace("TorchSharp", "Missing", StringComparison.Ordinal));
        _folder.Write("src/Net/Exploding.cs", Code.Exploding);

        ToolResult result = await Tool.RunAsync("flow", project);

        Assert.Equal(2, result.Code);
        Assert.Contains($"Run 'dotnet restore {project}' first", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal("1 model: 1 explodes", result.OutputLines[^1]);
    }

    [Fact]
    public async Task A_project_that_cannot_be_loaded_is_said_in_one_line()
    {
        ToolResult result = await Tool.RunAsync("check", _folder.Write(NetPath, "<Project Sdk=\"No.Such.Sdk\"></Project>"));

        Assert.Equal((2, ""), (result.Code, result.Output));
        Assert.StartsWith($"gradlint: '{_folder.File(NetPath)}' could not be loaded: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_part_of_a_project_is_fixed_in_place()
    {
        _folder.Write(NetPath, Project(""));
        string file = _folder.Write("src/Net/Training.cs", Code.BadThreshold);

        ToolResult result = await Tool.RunAsync("check", _folder.File(NetPath), "--fix");

        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.Equal(Code.BadThreshold.Replace("0.0", "1.0", StringComparison.Ordinal), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A project without packages needs no restore.</summary>
    private static string Project(string settings) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net{Environment.Version.Major}.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            {settings}
          </PropertyGroup>
          <ItemGroup>
            <Reference Include="TorchSharp" HintPath="{typeof(torch).Assembly.Location}" />
          </ItemGroup>
        </Project>
        """;

    private static JsonElement[] Diagnostics(ToolResult result) => [.. JsonDocument.Parse(result.Output).RootElement.GetProperty("diagnostics").EnumerateArray()];
}
