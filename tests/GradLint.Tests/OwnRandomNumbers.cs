namespace GradLint.Tests;

/// <summary>Tests that need torch's random numbers, of which there is one series for all, to themselves.</summary>
[CollectionDefinition(nameof(OwnRandomNumbers), DisableParallelization = true)]
public sealed class OwnRandomNumbers;
