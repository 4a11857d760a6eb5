namespace GradLint.Proofs;

/// <summary>Where the programs lie: samples/bad of the repository that this was built in.</summary>
internal static class BadPrograms
{
    public static string Folder { get; } = Repository.PathTo("samples/bad");
}
