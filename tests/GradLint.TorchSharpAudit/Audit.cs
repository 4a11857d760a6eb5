namespace GradLint.TorchSharpAudit;

/// <summary>All checks, and the defects of TorchSharp 0.107.0 that are known.</summary>
internal static class Audit
{
    public static IReadOnlyList<KnownDefect> Known { get; } =
    [
        new("GL5001", "nn.GroupNorm", "Weight and bias are uninitialized memory (values of 1E+13 and NaN occur).",
            ["nn.GroupNorm(4, 1024).weight", "nn.GroupNorm(4, 1024).bias"]),
        new("GL5002", "hardtanh", "The input comes back as it is, and with it the gradient, unless the function works in place.",
            ["nn.Hardtanh()", "functional.hardtanh", "Tensor.hardtanh"]),
        new("GL5003", "init.trunc_normal_", "Mean and standard deviation arrive swapped: with mean 0 every weight equals the standard deviation, and all units stay the same.",
            ["init.trunc_normal_(w)", "init.trunc_normal_(w, std: 0.02)", "init.trunc_normal_(w, 0.1, 0.1, a: 0, b: 0.2)"]),
        new("GL5004", "optim.RAdam",
            "From the sixth step on, the learning rate is multiplied in twice: 1E-3 acts as 1E-6, and training all but stands still.",
            ["optim.RAdam"]),
        new("GL5005", "gaussian_nll_loss",
            "No gradient reaches the variance, so that a head that predicts it never learns; and the loss is summed over the outputs of a sample before the mean, so that loss and gradients are as many times larger as there are outputs.",
            ["functional.gaussian_nll_loss", "functional.gaussian_nll_loss(full)", "functional.gaussian_nll_loss, of the variance"]),
        new("GL5006", "Softsign, Mish in place", "backward() throws: the factor that it needs comes from the input, which is overwritten.",
            ["nn.Softsign(inplace)", "functional.softsign(inplace)", "nn.Mish(inplace)", "functional.mish(inplace)"]),
        new("GL5007", "optim.SGD(maximize: true, weight_decay: ...)",
            "The decay is added to the gradient before the sign is turned, so that it makes the weights grow, exponentially.",
            ["optim.SGD(maximize: true, weight_decay: 0.1)"]),
        new("GL5008 RReLUIsNotRandom (proposed, Info)", "RReLU", "In training mode, too, every negative unit gets the mean slope: it is LeakyReLU((lower + upper) / 2).",
            ["nn.RReLU() in training mode", "functional.rrelu"]),
        new("GL5009 XavierNormalIsUniform (proposed, off)", "init.xavier_normal_",
            "Draws from the uniform distribution of the same variance: what the prediction says of it holds, the tails are missing.",
            ["init.xavier_normal_(w)", "init.xavier_normal_(w, gain: 1.7)"]),
        new("GL5010 LossDefaultDiffers (proposed, Info)", "kl_div, functional.hinge_embedding_loss",
            "Defaults other than PyTorch's: kl_div takes its target for logarithms, so that probabilities give a wrong loss; the function hinge_embedding_loss has the margin 0, the module nn.HingeEmbeddingLoss 1.",
            ["functional.kl_div", "functional.hinge_embedding_loss"]),
        new("GL5011 VarianceOfAllIsUnbiased (proposed, Info)", "Tensor.var(unbiased: false)",
            "Over all elements, without a dimension, the sum of squares is divided by n - 1 all the same; std and the forms with dimensions divide by n.",
            ["Tensor.var(unbiased: false)", "torch.var(unbiased: false)"]),
        new("GL5012 VarMeanIsStdMean (proposed, Warning)", "torch.var_mean",
            "Over all elements, without a dimension, it gives the standard deviation for the variance; Tensor.var_mean and the forms with dimensions give the variance.",
            ["torch.var_mean()", "torch.var_mean(unbiased: false)"]),
    ];

    public static IReadOnlyList<Check> Checks { get; } =
        [.. InitializerChecks.All(), .. ActivationChecks.All(), .. NormalizationChecks.All(), .. StatisticsChecks.All(), .. LossChecks.All(), .. OptimizerChecks.All()];

    /// <summary>Runs every check.</summary>
    public static AuditReport Run() => new([.. Checks.Select(check => check.Run())], Known);
}
