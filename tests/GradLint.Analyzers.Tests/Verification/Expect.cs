using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Testing;

namespace GradLint.Verification;

/// <summary>Expected diagnostics at <c>{|#n:...|}</c>, by how serious they are.</summary>
internal static class Expect
{
    public static DiagnosticResult Warning(string id, int at, string? message = null) => At(DiagnosticSeverity.Warning, id, at, message);

    public static DiagnosticResult Info(string id, int at, string? message = null) => At(DiagnosticSeverity.Info, id, at, message);

    private static DiagnosticResult At(DiagnosticSeverity severity, string id, int at, string? message)
    {
        // Not the whole additional locations: those are for the fix, which is tested by what it does.
        DiagnosticResult result = new DiagnosticResult(id, severity).WithLocation(at).WithOptions(DiagnosticOptions.IgnoreAdditionalLocations);
        return message is null ? result : result.WithMessage(message);
    }
}
