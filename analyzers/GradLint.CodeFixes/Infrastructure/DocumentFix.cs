using System;
using Microsoft.CodeAnalysis.Editing;

namespace GradLint.CodeFixes.Infrastructure;

/// <summary>One way to repair one diagnostic: what the light bulb shows, and the edit, which runs only once it is asked for.</summary>
/// <param name="Title">What the user reads.</param>
/// <param name="EquivalenceKey">The same for the same kind of repair everywhere, so that FixAll knows which ones belong together.</param>
/// <param name="Edit">Edits the document that the diagnostic is in; FixAll runs several of these on one editor.</param>
internal sealed record DocumentFix(string Title, string EquivalenceKey, Action<DocumentEditor> Edit);
