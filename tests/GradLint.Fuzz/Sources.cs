using System.Text.RegularExpressions;
using GradLint.Verification;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Fuzz;

/// <summary>All samples, all files of the analyzer tests, and all code that those files hold in strings.</summary>
public static partial class Sources
{
    private const int ShortestSnippet = 60;

    /// <summary>The sources of the repository that this was built in, always in the same order.</summary>
    public static IReadOnlyList<Source> All()
    {
        Source[] samples = Files("samples");
        Source[] tests = Files("tests/GradLint.Analyzers.Tests");
        return [.. samples.Concat(tests).Concat(tests.SelectMany(Snippets)).Where(source => source.Text.Length > 0).DistinctBy(source => source.Text)];
    }

    private static Source[] Files(string folder) =>
        [.. Directory.EnumerateFiles(Repository.PathTo(folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => new Source(Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'), File.ReadAllText(file)))
            .Where(source => !source.Name.Contains("/obj/", StringComparison.Ordinal) && !source.Name.Contains("/bin/", StringComparison.Ordinal))
            .OrderBy(source => source.Name, StringComparer.Ordinal)];

    private static IEnumerable<Source> Snippets(Source test)
    {
        foreach (SyntaxNode literal in CSharpSyntaxTree.ParseText(test.Text).GetRoot().DescendantNodes())
        {
            string? code = literal switch
            {
                LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression } plain => plain.Token.ValueText,
                InterpolatedStringExpressionSyntax filled => string.Concat(filled.Contents.Select(Content)),
                _ => null,
            };
            if (code is { Length: >= ShortestSnippet } && code.Contains(';', StringComparison.Ordinal))
            {
                yield return new Source($"{test.Name}:{literal.GetLocation().GetLineSpan().StartLinePosition.Line + 1}", Program(literal, Marks().Replace(code, "")));
            }
        }
    }

    private static string Content(InterpolatedStringContentSyntax content) =>
        content is InterpolatedStringTextSyntax text ? text.TextToken.ValueText : "hole";

    /// <summary>What the test makes of a snippet, by the helper that it is given to; else a program of top-level statements and types.</summary>
    private static string Program(SyntaxNode snippet, string code) =>
        (snippet.FirstAncestorOrSelf<InvocationExpressionSyntax>()?.Expression as MemberAccessExpressionSyntax)?.Name.Identifier.ValueText switch
        {
            nameof(Code.InTrainingLoop) => Code.InTrainingLoop(code),
            nameof(Code.InMethod) => Code.InMethod(code),
            nameof(Code.InClass) => Code.InClass(code),
            _ => code.Contains("using ", StringComparison.Ordinal) ? code : Code.Usings + code,
        };

    /// <summary>The marks of expected diagnostics: <c>{|#0:code|}</c>, <c>[|code|]</c>.</summary>
    [GeneratedRegex(@"\{\|[#\w]+:|\|\}|\[\||\|\]")]
    private static partial Regex Marks();
}
