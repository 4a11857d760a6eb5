using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Infrastructure;

/// <summary>New lines of code beside existing ones, with their indentation and line ends; nothing that is there is touched.</summary>
internal static class WrittenLines
{
    /// <summary>Lines behind a statement or member: on lines of their own, or in the same line where something follows there.</summary>
    public static TextChange After(SyntaxNode node, string lines)
    {
        SourceText text = node.SyntaxTree.GetText();
        TextLine line = text.Lines.GetLineFromPosition(node.Span.End);
        if (node.GetLastToken().TrailingTrivia.Any(SyntaxKind.EndOfLineTrivia))
        {
            string lineEnd = LineEndOf(text, line);
            return new TextChange(new TextSpan(line.EndIncludingLineBreak, 0), Indented(lines, IndentationOf(node), lineEnd) + lineEnd);
        }

        bool isLastLine = line.LineNumber == text.Lines.Count - 1 && node.GetLastToken().GetNextToken().IsKind(SyntaxKind.EndOfFileToken);
        string inOneLine = string.Join(" ", lines.Split('\n').Select(part => part.Trim()));
        return new TextChange(new TextSpan(node.Span.End, 0), isLastLine ? LineEndOf(text, line) + Indented(lines, IndentationOf(node), LineEndOf(text, line)) : " " + inOneLine);
    }

    /// <summary>A further element behind (or before) one of a list, on a line of its own where the elements have such.</summary>
    public static TextChange BesideElement(SyntaxNode element, string added, bool after)
    {
        SourceText text = element.SyntaxTree.GetText();
        SyntaxToken next = element.GetLastToken().GetNextToken();
        bool hasOwnLine = StartsLine(element, text) && (next.IsKind(SyntaxKind.CommaToken) ? next.TrailingTrivia.Any(SyntaxKind.EndOfLineTrivia) : true);
        TextLine line = text.Lines.GetLineFromPosition(after && next.IsKind(SyntaxKind.CommaToken) ? next.SpanStart : element.SpanStart);
        string lineEnd = LineEndOf(text, line);
        string indentation = IndentationOf(element);
        return (after, hasOwnLine, next.IsKind(SyntaxKind.CommaToken)) switch
        {
            (true, true, true) => new TextChange(new TextSpan(line.EndIncludingLineBreak, 0), $"{indentation}{added},{lineEnd}"),
            (true, true, false) => new TextChange(new TextSpan(element.Span.End, 0), $",{lineEnd}{indentation}{added}"),
            (true, false, _) => new TextChange(new TextSpan(element.Span.End, 0), $", {added}"),
            (false, true, _) => new TextChange(new TextSpan(element.SpanStart, 0), $"{added},{lineEnd}{indentation}"),
            (false, false, _) => new TextChange(new TextSpan(element.SpanStart, 0), $"{added}, "),
        };
    }

    /// <summary>The blanks before the first token of the line that the node starts in.</summary>
    public static string IndentationOf(SyntaxNode node)
    {
        SourceText text = node.SyntaxTree.GetText();
        string line = text.ToString(text.Lines.GetLineFromPosition(node.SpanStart).Span);
        return line.Substring(0, line.Length - line.TrimStart().Length);
    }

    /// <summary>How the line ends that the node starts in.</summary>
    public static string LineEndOf(SyntaxNode node) =>
        LineEndOf(node.SyntaxTree.GetText(), node.SyntaxTree.GetText().Lines.GetLineFromPosition(node.SpanStart));

    private static bool StartsLine(SyntaxNode node, SourceText text)
    {
        TextLine line = text.Lines.GetLineFromPosition(node.SpanStart);
        return string.IsNullOrWhiteSpace(text.ToString(TextSpan.FromBounds(line.Start, node.SpanStart)));
    }

    private static string Indented(string lines, string indentation, string lineEnd) =>
        string.Join(lineEnd, lines.Split('\n').Select(line => line.Length == 0 ? line : indentation + line));

    private static string LineEndOf(SourceText text, TextLine line)
    {
        string found = text.ToString(TextSpan.FromBounds(line.End, line.EndIncludingLineBreak));
        TextLine first = text.Lines[0];
        return found.Length > 0 ? found : text.ToString(TextSpan.FromBounds(first.End, first.EndIncludingLineBreak)) is { Length: > 0 } other ? other : "\n";
    }
}
