namespace GradLint.Fuzz;

/// <summary>Code to start from.</summary>
/// <param name="Name">The file, with the line of a snippet in it.</param>
/// <param name="Text">C#.</param>
public sealed record Source(string Name, string Text);
