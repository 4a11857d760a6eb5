namespace GradLint.Faults;

/// <summary>Something that goes wrong in some steps of a training.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="FirstStep">The first step in which it does, counted from 1.</param>
/// <param name="Steps">How many steps it lasts. At least 1.</param>
/// <param name="Factor">How bad it is, where the kind has a factor. Finite, greater than 0.</param>
public sealed record Fault(FaultKind Kind, long FirstStep, long Steps = 1, double Factor = 1000)
{
    internal bool IsActiveIn(long step) => step >= FirstStep && step < FirstStep + Steps;

    internal void Validate(string parameterName)
    {
        if (FirstStep < 1 || Steps < 1 || !(Factor > 0 && double.IsFinite(Factor)) || !Enum.IsDefined(Kind))
        {
            throw new ArgumentException(
                $"{this} makes no sense: steps count from 1, and the factor is finite and greater than 0.", parameterName);
        }
    }
}
