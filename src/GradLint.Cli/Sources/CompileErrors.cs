using Microsoft.CodeAnalysis;

namespace GradLint.Cli.Sources;

/// <summary>Counts what does not compile, and tells it in one line.</summary>
internal sealed class CompileErrors(SourceCode code, DisplayPath paths)
{
    private readonly HashSet<string> _errors = [];

    public void Add(Compilation compilation, CancellationToken cancellation)
    {
        foreach (Diagnostic diagnostic in compilation.GetDiagnostics(cancellation))
        {
            // What is wrong at no place in the code, such as a key to sign with, does not keep the code from being read.
            if (diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Location.SourceTree is { } tree && code.Covers(tree))
            {
                _errors.Add($"{paths.Of(diagnostic.Location)}: error {diagnostic.Id}: {diagnostic.GetMessage()}");
            }
        }
    }

    /// <summary>Null where everything compiles.</summary>
    public string? Summary => _errors.Count switch
    {
        0 => null,
        1 => $"{_errors.First()} (the only error; the rest was read)",
        var count => $"{_errors.First()} (the first of {count:N0} errors; the rest was read)",
    };
}
