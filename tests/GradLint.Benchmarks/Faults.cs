using GradLint.Faults;

namespace GradLint.Benchmarks;

/// <summary>The fault study on the standard models: the table on the console, JSON and picture in a folder.</summary>
internal static class Faults
{
    public const string Name = "faults";

    /// <param name="args">The folder; then the names of the methods, if not all.</param>
    public static int Run(string[] args)
    {
        string folder = args.FirstOrDefault(".");
        StudyMethod[] methods = [.. StudyMethod.Standard.Where(method => args.Length < 2 || args.Skip(1).Contains(method.Name))];
        FaultStudyReport report = new FaultStudy { Methods = methods }.Run();
        Console.WriteLine(report.ToTable());
        foreach (FaultCase missed in report.Cases.Where(c => c.Method == methods[0].Name && !c.IsWithinBar))
        {
            Console.WriteLine(missed);
        }

        File.WriteAllText(Path.Combine(folder, "fault-study.json"), report.ToJson());
        report.SavePicture(Path.Combine(folder, "fault-study.png"));
        return 0;
    }
}
