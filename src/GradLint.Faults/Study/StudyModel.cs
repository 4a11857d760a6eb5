namespace GradLint.Faults;

/// <summary>A model that a study trains.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Create">
/// Makes model and data. Is called once per run, with torch's random numbers seeded, in a dispose scope that ends with the run.
/// </param>
public sealed record StudyModel(string Name, Func<StudyTask> Create);
