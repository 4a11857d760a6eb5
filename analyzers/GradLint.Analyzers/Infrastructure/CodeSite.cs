using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Infrastructure;

/// <summary>A spot in a file whose name a rule asked for, with what it means.</summary>
internal readonly struct CodeSite(IOperation operation, SemanticModelAnalysisContext file)
{
    public IOperation Operation => operation;

    public Compilation Compilation => file.SemanticModel.Compilation;

    public AnalyzerOptions Options => file.Options;

    public CancellationToken CancellationToken => file.CancellationToken;

    public void ReportDiagnostic(Diagnostic diagnostic) => file.ReportDiagnostic(diagnostic);
}
