namespace GradLint.Faults;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>The loss and one gradient element are NaN, as after a bad batch.</summary>
    NotANumber,

    /// <summary>One gradient element is infinite; the loss is in order.</summary>
    Infinity,

    /// <summary>Loss and gradients are multiplied with <see cref="Fault.Factor"/>: all finite, and far too large.</summary>
    Spike,

    /// <summary>
    /// Gradient elements are as large as their type allows: finite, but the norm overflows in that type. The loss is in order.
    /// </summary>
    Overflow,

    /// <summary>One weight is multiplied with <see cref="Fault.Factor"/> before the step, and stays so, as after a flipped bit.</summary>
    CorruptWeight,

    /// <summary>The optimizer's learning rates are multiplied with <see cref="Fault.Factor"/> for the steps that the fault lasts.</summary>
    LearningRate,
}
