using System;
using System.Collections.Generic;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Infrastructure;

/// <summary>One way to repair one diagnostic: what the light bulb shows, and the edit, which runs only once it is asked for.</summary>
/// <param name="Title">What the user reads.</param>
/// <param name="EquivalenceKey">The same for the same kind of repair everywhere, so that FixAll knows which ones belong together.</param>
/// <param name="Edit">Edits the document that the diagnostic is in; FixAll runs several of these on one editor.</param>
internal sealed record DocumentFix(string Title, string EquivalenceKey, Action<DocumentEditor> Edit)
{
    /// <summary>A repair that is written as text, where nothing around it may move; several may ask for the same change.</summary>
    public DocumentFix(string title, string equivalenceKey, IEnumerable<TextChange> changes)
        : this(title, equivalenceKey, _ => { }) => Changes = [.. changes];

    /// <summary>The changes to the text; a fix has either these or an edit.</summary>
    public IReadOnlyList<TextChange> Changes { get; } = [];
}
