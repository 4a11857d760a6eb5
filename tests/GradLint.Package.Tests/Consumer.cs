namespace GradLint.Package.Tests;

/// <summary>A project of somebody who uses the packages: a folder of its own, a feed, an empty cache.</summary>
internal sealed class Consumer : IDisposable
{
    private readonly PackedFeed _packages;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gradlint-consumer-");

    /// <param name="packages">Where the packages come from.</param>
    /// <param name="reference">The package that the project references.</param>
    /// <param name="properties">More for the project file.</param>
    public Consumer(PackedFeed packages, string reference, string properties = "")
    {
        _packages = packages;
        // What this machine has unpacked already serves as a source, so that TorchSharp is not loaded from the net once more.
        string unpacked = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Write("nuget.config", $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="gradlint" value="{packages.Feed}" />
                <add key="unpacked" value="{unpacked}" />
                <add key="nuget.org" value="https://api.nuget.org/v3/index.json" />
              </packageSources>
              <packageSourceMapping>
                <packageSource key="gradlint"><package pattern="GradLint*" /></packageSource>
                <packageSource key="unpacked"><package pattern="*" /></packageSource>
                <packageSource key="nuget.org"><package pattern="*" /></packageSource>
              </packageSourceMapping>
            </configuration>
            """);
        Write("Consumer.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <Nullable>enable</Nullable>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{reference}" Version="0.1.0" />
                <PackageReference Include="TorchSharp" Version="0.107.0" />
              </ItemGroup>
            </Project>
            """);
        Write("Program.cs", """
            using TorchSharp;
            using static TorchSharp.torch;

            var model = nn.Linear(8, 1);
            var optimizer = optim.SGD(model.parameters(), 0.01);
            for (int step = 0; step < 100; step++)
            {
                optimizer.zero_grad();
                nn.functional.mse_loss(model.call(randn(16, 8)), randn(16, 1)).backward();
                nn.utils.clip_grad_norm_(model.parameters(), -1.0);
                optimizer.step();
            }
            """);
    }

    public string Folder => _folder.FullName;

    public string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(Folder, file), text);

    public Task<CommandResult> DotnetAsync(params string[] arguments) => Command.RunAsync("dotnet", Folder, _packages.Cache, arguments);

    public void Dispose() => _folder.Delete(recursive: true);
}
