namespace GradLint.Proofs;

/// <summary>A program that proves nothing: what is wrong with it.</summary>
internal sealed class ProofException(string message) : Exception(message);
