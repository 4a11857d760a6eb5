namespace GradLint.Infrastructure;

/// <summary>GradLint's runtime library, as a compilation that references it sees it.</summary>
internal static class GradLintNames
{
    public const string Assembly = "GradLint";
    public const string GradientGuard = "GradLint.GradientGuard";
}
