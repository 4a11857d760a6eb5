using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Benchmarks;

/// <summary>
/// One compilation with analyzers as the command-line compiler runs it: the methods are bound once, analyzers follow what is bound, and those that could only report
/// information or hidden diagnostics do not run. The public API binds all methods once for the diagnostics and again for the assembly, so this takes the compiler's own way.
/// </summary>
internal sealed class CompilerRun
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Assembly s_compiler = typeof(Compilation).Assembly;
    private static readonly Type s_driver = TypeNamed("AnalyzerDriver");
    private static readonly Type s_manager = TypeNamed("AnalyzerManager");
    private static readonly Type s_filter = TypeNamed("SeverityFilter");
    private static readonly MethodInfo s_attach = s_driver.GetMethods(Any).Single(method => method.Name == "CreateAndAttachToCompilation" && method.GetParameters().Length == 10);
    private static readonly MethodInfo s_diagnostics = s_driver.GetMethod("GetDiagnosticsAsync", Any, [typeof(Compilation), typeof(CancellationToken)])!;

    private readonly object _driver;
    private readonly Compilation _compilation;

    private CompilerRun(object driver, Compilation compilation)
    {
        _driver = driver;
        _compilation = compilation;
    }

    /// <summary>The errors of the compiler, and what the analyzers report.</summary>
    public static (int Errors, ImmutableArray<Diagnostic> Found) Compile(Compilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        CompilerRun run = Attach(compilation, analyzers);
        int errors = run._compilation.Emit(Stream.Null).Diagnostics.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        var found = (Task<ImmutableArray<Diagnostic>>)s_diagnostics.Invoke(run._driver, [run._compilation, CancellationToken.None])!;
        return (errors, found.GetAwaiter().GetResult());
    }

    private static CompilerRun Attach(Compilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        object manager = Activator.CreateInstance(s_manager, Any, binder: null, [analyzers], culture: null)!;
        object filter = Enum.Parse(s_filter, "Hidden, Info");
        Action<Diagnostic> onException = diagnostic => throw new InvalidOperationException(diagnostic.ToString());
        object?[] arguments = [compilation, analyzers, new AnalyzerOptions([]), manager, onException, false, filter, false, null, CancellationToken.None];
        object driver = s_attach.Invoke(null, arguments)!;
        return new CompilerRun(driver, (Compilation)arguments[8]!);
    }

    private static Type TypeNamed(string name) => s_compiler.GetTypes().Single(type => type.Name == name && !type.IsNested);
}
