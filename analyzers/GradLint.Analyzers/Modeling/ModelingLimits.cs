namespace GradLint.Modeling;

/// <summary>
/// Bounds on the work that one model may cost, so that no code, however odd, stalls an editor. Where one is hit the model is
/// incomplete, and says so.
/// </summary>
internal static class ModelingLimits
{
    /// <summary>Operations evaluated, modules applied and items copied; a 50-layer model takes about 3,000.</summary>
    public const int Operations = 100_000;

    /// <summary>How much text that the code puts together costs as much as an operation.</summary>
    public const int CharactersPerOperation = 16;

    /// <summary>Calls inside calls: functions, constructors and those that they begin with, modules in modules.</summary>
    public const int Depth = 64;

    /// <summary>Rounds of one loop.</summary>
    public const int LoopTrips = 2_048;

    /// <summary>Places that are looked at for how a class is created.</summary>
    public const int Creators = 16;

    /// <summary>Instances of a class that one of them creates and that are looked at.</summary>
    public const int Instances = 4;
}
