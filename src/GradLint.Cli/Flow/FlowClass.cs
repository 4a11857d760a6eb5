namespace GradLint.Cli.Flow;

/// <summary>What the predicted growth means.</summary>
internal enum FlowClass
{
    /// <summary>The gradient grows by two decades or more on its way back.</summary>
    Explodes,

    /// <summary>It shrinks by two decades or more.</summary>
    Vanishes,

    Fine,

    /// <summary>The code does not tell, or networks drawn from it differ too much for one number.</summary>
    Unpredictable,
}
