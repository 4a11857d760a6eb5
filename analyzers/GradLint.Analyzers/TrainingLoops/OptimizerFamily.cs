using GradLint.Infrastructure;

namespace GradLint.TrainingLoops;

/// <summary>Which learning rates optimizers of one kind can stand.</summary>
/// <param name="Risky">Above this, training may diverge.</param>
/// <param name="Fatal">Here, training is likely to diverge.</param>
/// <param name="AlsoAtFatal">Whether a rate of exactly <paramref name="Fatal"/> counts.</param>
/// <param name="IsTamedByClipping">Whether the size of a step follows the size of the gradients, so that clipping limits it.</param>
/// <param name="UsualRate">The rate to start with, as it is written.</param>
internal sealed record OptimizerFamily(double Risky, double Fatal, bool AlsoAtFatal, bool IsTamedByClipping, string UsualRate)
{
    /// <summary>0.01 / (1 - 0.9) is not above 0.1.</summary>
    private const double Tolerance = 1e-9;

    private static readonly OptimizerFamily s_sgd = new(Risky: 0.1, Fatal: 1, AlsoAtFatal: false, IsTamedByClipping: true, UsualRate: "0.01");
    private static readonly OptimizerFamily s_adam = new(Risky: 0.03, Fatal: 0.1, AlsoAtFatal: true, IsTamedByClipping: false, UsualRate: "0.001");
    private static readonly OptimizerFamily s_adagrad = new(Risky: 0.3, Fatal: 1, AlsoAtFatal: true, IsTamedByClipping: false, UsualRate: "0.01");

    public static OptimizerFamily? Named(string optimizer) => optimizer switch
    {
        "SGD" => s_sgd,
        "Adam" or "AdamW" or "Adamax" or "NAdam" or "RAdam" or "RMSProp" => s_adam,
        "Adagrad" => s_adagrad,
        _ => null,
    };

    /// <summary>How serious a rate is; null where it is not.</summary>
    public RuleLevel? Judge(double rate)
    {
        if (rate > Fatal * (1 + Tolerance) || (AlsoAtFatal && rate >= Fatal * (1 - Tolerance)))
        {
            return RuleLevel.Warning;
        }

        return rate > Risky * (1 + Tolerance) ? RuleLevel.Advice : null;
    }
}
