using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace GradLint.Verification;

/// <summary>
/// One rule held against source in which the expected diagnostics are marked: <c>{|GL2003:code|}</c> for a warning, <c>{|#0:code|}</c> with an entry in
/// <c>expected</c> for anything else.
/// </summary>
internal sealed class RuleTest<TAnalyzer, TCodeFix>
    where TAnalyzer : DiagnosticAnalyzer, new()
    where TCodeFix : CodeFixProvider, new()
{
    /// <summary>The source raises exactly what is marked in it.</summary>
    public static Task Reports(
        string source, DiagnosticResult[]? expected = null, Setup setup = Setup.None, string? editorConfig = null, params string[] otherFiles)
    {
        CSharpCodeFixTest<TAnalyzer, TCodeFix, DefaultVerifier> test = Create(source, expected, setup, editorConfig);
        Array.ForEach(otherFiles, test.TestState.Sources.Add);
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// The source raises exactly what is marked in it, and the fix turns it into the fixed source, one diagnostic at a time and all at once; the fixed source
    /// raises nothing.
    /// </summary>
    public static Task Fixes(
        string source, string fixedSource, DiagnosticResult[]? expected = null, Setup setup = Setup.None, string? fix = null, string? editorConfig = null)
    {
        CSharpCodeFixTest<TAnalyzer, TCodeFix, DefaultVerifier> test = Create(source, expected, setup, editorConfig);
        test.FixedCode = fixedSource;
        test.CodeActionEquivalenceKey = fix;
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    private static CSharpCodeFixTest<TAnalyzer, TCodeFix, DefaultVerifier> Create(
        string source, DiagnosticResult[]? expected, Setup setup, string? editorConfig)
    {
        var test = new CSharpCodeFixTest<TAnalyzer, TCodeFix, DefaultVerifier>
        {
            TestCode = source,
            ReferenceAssemblies = References.Net8,
            CompilerDiagnostics = setup.HasFlag(Setup.HalfTyped) ? CompilerDiagnostics.None : CompilerDiagnostics.Errors,
        };
        if (!setup.HasFlag(Setup.WithoutTorchSharp))
        {
            test.TestState.AdditionalReferences.Add(References.TorchSharp);
        }

        if (setup.HasFlag(Setup.TopLevelStatements))
        {
            test.TestState.OutputKind = OutputKind.ConsoleApplication;
        }

        if (setup.HasFlag(Setup.WithGradLint))
        {
            test.TestState.AdditionalReferences.Add(References.GradLint);
        }

        if (editorConfig is not null)
        {
            test.TestState.AnalyzerConfigFiles.Add(("/.globalconfig", "is_global = true\n" + editorConfig));
        }

        test.ExpectedDiagnostics.AddRange(expected ?? []);
        test.SolutionTransforms.Add((solution, project) => solution.WithProjectParseOptions(
            project, ((CSharpParseOptions)solution.GetProject(project)!.ParseOptions!).WithLanguageVersion(LanguageVersion.Latest)));
        return test;
    }
}

/// <summary>What is unusual about the project that a rule is tested in.</summary>
[Flags]
internal enum Setup
{
    None = 0,
    TopLevelStatements = 1,
    WithoutTorchSharp = 2,
    HalfTyped = 4,
    WithGradLint = 8,
}
