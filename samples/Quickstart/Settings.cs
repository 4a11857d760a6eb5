namespace Quickstart;

/// <summary>What the command line asks for; <see cref="Output"/> is where the picture goes.</summary>
internal sealed record Settings(string DataFolder, string Device, int Seed, int Epochs, string Output);
