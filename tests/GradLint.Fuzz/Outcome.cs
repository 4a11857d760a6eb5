namespace GradLint.Fuzz;

/// <summary>What came of a mutant.</summary>
/// <param name="Number">Which.</param>
/// <param name="Time">How long the analysis took: on the clock or of the processor, whichever is less, since a busy machine lengthens the one and the compiler of the runtime the other.</param>
/// <param name="Diagnostics">How many the rules reported.</param>
/// <param name="Fault">What went wrong.</param>
/// <param name="Detail">What a rule threw, or what the process wrote when it died.</param>
public sealed record Outcome(int Number, TimeSpan Time, int Diagnostics, Fault Fault, string Detail)
{
    /// <summary>An analysis that takes longer is too slow.</summary>
    public static readonly TimeSpan Bar = TimeSpan.FromSeconds(2);

    /// <summary>Whether GradLint has to be mended.</summary>
    public bool IsDefect => Fault is not (Fault.None or Fault.CompilerFails);
}

/// <summary>What can go wrong in the analysis of a mutant.</summary>
public enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It took longer than <see cref="Outcome.Bar"/>.</summary>
    Slow,

    /// <summary>It did not come to an end.</summary>
    Hang,

    /// <summary>A rule threw an exception.</summary>
    Crash,

    /// <summary>The process died, as it does when the stack is used up.</summary>
    Death,

    /// <summary>The compiler throws an exception on this code without any rule, too.</summary>
    CompilerFails,
}
