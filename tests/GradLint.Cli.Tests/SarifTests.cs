using System.Text.Json;
using NJsonSchema;

namespace GradLint.Cli.Tests;

public sealed class SarifTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_log_with_findings_is_valid() =>
        await AssertValidAsync(await LogAsync(_folder.Write("Training.cs", Code.BadThreshold), code: 1));

    [Fact]
    public async Task A_log_without_findings_is_valid() =>
        await AssertValidAsync(await LogAsync(_folder.Write("Harmless.cs", Code.Harmless), code: 0));

    [Fact]
    public async Task A_log_about_code_that_does_not_compile_is_valid_and_says_so()
    {
        string log = await LogAsync(_folder.Write("Broken.cs", Code.BadThreshold + "\nclass {"), code: 2);

        await AssertValidAsync(log);
        JsonElement invocation = Run(log).GetProperty("invocations")[0];
        Assert.False(invocation.GetProperty("executionSuccessful").GetBoolean());
        Assert.Contains("error CS", invocation.GetProperty("toolExecutionNotifications")[0].GetProperty("message").GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_finds_what_is_wrong()
    {
        string log = await LogAsync(_folder.Write("Training.cs", Code.BadThreshold), code: 1);

        Assert.NotEmpty((await SchemaAsync()).Validate(log.Replace("\"startLine\": 9", "\"startLine\": 0", StringComparison.Ordinal)));
        Assert.NotEmpty((await SchemaAsync()).Validate(log.Replace("\"level\": \"warning\"", "\"level\": \"bad\"", StringComparison.Ordinal)));
        Assert.NotEmpty((await SchemaAsync()).Validate(log.Replace("\"driver\"", "\"chauffeur\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_result_names_its_rule_level_and_region()
    {
        string file = _folder.Write("with space/Training.cs", Code.BadThreshold);

        JsonElement run = Run(await LogAsync(file, code: 1));

        JsonElement result = Assert.Single(run.GetProperty("results").EnumerateArray());
        JsonElement rule = run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[result.GetProperty("ruleIndex").GetInt32()];
        Assert.Equal(("GL2003", "GL2003", "warning"), (result.GetProperty("ruleId").GetString(), rule.GetProperty("id").GetString(), result.GetProperty("level").GetString()));
        JsonElement place = Assert.Single(result.GetProperty("locations").EnumerateArray()).GetProperty("physicalLocation");
        Assert.Equal(new Uri(file).AbsoluteUri, place.GetProperty("artifactLocation").GetProperty("uri").GetString());
        JsonElement region = place.GetProperty("region");
        Assert.Equal((9, 54, 9, 57), (
            region.GetProperty("startLine").GetInt32(), region.GetProperty("startColumn").GetInt32(), region.GetProperty("endLine").GetInt32(), region.GetProperty("endColumn").GetInt32()));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> LogAsync(string file, int code)
    {
        ToolResult result = await Tool.RunAsync("check", file, "--format", "sarif");
        Assert.Equal(code, result.Code);
        return result.Output;
    }

    private static JsonElement Run(string log) => Assert.Single(JsonDocument.Parse(log).RootElement.GetProperty("runs").EnumerateArray());

    private static async Task AssertValidAsync(string log) => Assert.Empty((await SchemaAsync()).Validate(log));

    private static Task<JsonSchema> SchemaAsync() =>
        JsonSchema.FromFileAsync(Path.Combine(AppContext.BaseDirectory, "sarif-2.1.0.json"), TestContext.Current.CancellationToken);
}
