using GradLint.Infrastructure;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.TrainingLoops;

/// <summary>Which learning rates optimizers of one kind can stand.</summary>
/// <param name="Risky">Above this, training may diverge.</param>
/// <param name="Fatal">Here, training is likely to diverge.</param>
/// <param name="AlsoAtFatal">Whether a rate of exactly <paramref name="Fatal"/> counts.</param>
/// <param name="IsTamedByClipping">Whether the size of a step follows the size of the gradients, so that clipping limits it.</param>
/// <param name="UsualRate">The rate to start with, as it is written.</param>
internal sealed record OptimizerFamily(RuleOption<double> Risky, RuleOption<double> Fatal, bool AlsoAtFatal, bool IsTamedByClipping, string UsualRate)
{
    /// <summary>0.01 / (1 - 0.9) is not above 0.1.</summary>
    private const double Tolerance = 1e-9;

    private static readonly OptimizerFamily s_sgd = new(RuleOptions.GL3001SgdAdviceRate, RuleOptions.GL3001SgdRate, AlsoAtFatal: false, IsTamedByClipping: true, UsualRate: "0.01");
    private static readonly OptimizerFamily s_adam = new(RuleOptions.GL3001AdamAdviceRate, RuleOptions.GL3001AdamRate, AlsoAtFatal: true, IsTamedByClipping: false, UsualRate: "0.001");
    private static readonly OptimizerFamily s_adagrad = new(RuleOptions.GL3001AdagradAdviceRate, RuleOptions.GL3001AdagradRate, AlsoAtFatal: true, IsTamedByClipping: false, UsualRate: "0.01");

    public static OptimizerFamily? Named(string optimizer) => optimizer switch
    {
        "SGD" => s_sgd,
        "Adam" or "AdamW" or "Adamax" or "NAdam" or "RAdam" or "RMSProp" => s_adam,
        "Adagrad" => s_adagrad,
        _ => null,
    };

    /// <summary>How serious a rate is; null where it is not.</summary>
    public RuleLevel? Judge(double rate, AnalyzerConfigOptions options)
    {
        double fatal = Fatal.In(options);
        if (rate > fatal * (1 + Tolerance) || (AlsoAtFatal && rate >= fatal * (1 - Tolerance)))
        {
            return RuleLevel.Warning;
        }

        return rate > Risky.In(options) * (1 + Tolerance) ? RuleLevel.Advice : null;
    }
}
