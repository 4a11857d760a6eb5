using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>
/// The base of the rules about defects of TorchSharp itself. A later version than those that are known to have them may have mended them, so there the
/// rules keep silent.
/// </summary>
public abstract class TorchSharpDefectAnalyzer : TorchSharpAnalyzer
{
    private protected TorchSharpDefectAnalyzer(DiagnosticDescriptor rule)
        : base(rule)
    {
    }

    /// <summary>Whether the referenced TorchSharp is one that is known to have the defects.</summary>
    internal static bool HasDefects(TorchSharpSymbols torchSharp) => torchSharp.HasDefects;

    private protected sealed override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        if (HasDefects(torchSharp))
        {
            RegisterDefect(context, torchSharp);
        }
    }

    private protected abstract void RegisterDefect(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp);

    /// <summary>As NuGet writes it: <c>0.107.0</c>.</summary>
    private protected static string VersionOf(TorchSharpSymbols torchSharp) => torchSharp.Version.ToString(3);
}
