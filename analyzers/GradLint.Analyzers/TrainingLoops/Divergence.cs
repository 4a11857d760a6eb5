using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;

namespace GradLint.TrainingLoops;

/// <summary>Asks the prediction whether networks diverge at a learning rate, where all that it needs is known.</summary>
internal static class Divergence
{
    private static readonly ImmutableHashSet<string> s_squared = ImmutableHashSet.Create("mse_loss", "MSELoss");

    private static readonly ImmutableHashSet<string> s_crossEntropy = ImmutableHashSet.Create("cross_entropy", "CrossEntropyLoss", "nll_loss", "NLLLoss");

    private static readonly ImmutableHashSet<string> s_others = ImmutableHashSet.Create(
        "l1_loss", "L1Loss", "smooth_l1_loss", "SmoothL1Loss", "huber_loss", "HuberLoss", "binary_cross_entropy", "BCELoss", "binary_cross_entropy_with_logits", "BCEWithLogitsLoss",
        "kl_div", "KLDivLoss", "poisson_nll_loss", "PoissonNLLLoss", "gaussian_nll_loss", "GaussianNLLLoss", "ctc_loss", "CTCLoss", "triplet_margin_loss", "TripletMarginLoss",
        "cosine_embedding_loss", "CosineEmbeddingLoss", "hinge_embedding_loss", "HingeEmbeddingLoss", "sum");

    /// <summary>The verdict on all networks together; null where one of them, the loss or the optimizer is not known well enough.</summary>
    public static bool? Judge(LearningRate rate, IReadOnlyList<NetworkModel> networks, CancellationToken cancellation)
    {
        if (SettingsOf(rate) is not { } settings || LossNear(rate, cancellation) is not { } loss || networks.Count == 0 || networks.Any(network => network.Gap is not null || network.Graph is null))
        {
            return null;
        }

        var options = new PropagationOptions { Loss = loss };
        bool?[] verdicts = networks.Select(network => DivergenceCriterion.Judge(network.Graph!, settings, options).Diverges).ToArray();
        return verdicts.Contains(true) ? true : verdicts.Contains(null) ? null : false;
    }

    private static OptimizerSettings? SettingsOf(LearningRate rate) => rate.Optimizer switch
    {
        "SGD" => new OptimizerSettings(SignalPropagation.OptimizerFamily.Sgd, rate.Effective),
        "Adam" or "AdamW" => new OptimizerSettings(SignalPropagation.OptimizerFamily.Adam, rate.Value),
        _ => null,
    };

    /// <summary>The one loss that the file of the optimizer names.</summary>
    private static Loss? LossNear(LearningRate rate, CancellationToken cancellation)
    {
        bool squared = false, crossEntropy = false;
        foreach (string name in FileNames.Of(rate.Site.SyntaxTree, cancellation).Mentioned)
        {
            squared |= s_squared.Contains(name);
            crossEntropy |= s_crossEntropy.Contains(name);
            if (s_others.Contains(name))
            {
                return null;
            }
        }

        return squared == crossEntropy ? null : squared ? Loss.MeanSquaredError : Loss.CrossEntropy;
    }
}
