using System;

namespace GradLint.SignalPropagation;

/// <summary>A loss, as the start of the backward signal.</summary>
public abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>The mean over all elements of (y - t)^2, with t ~ N(0, 1): p = 4 (q + 1) / N^2 for N elements in the batch.</summary>
    public static Loss MeanSquaredError { get; } = new MeanSquaredErrorLoss();

    /// <summary>The mean over the batch of -ln softmax(y)_t, with t any class: for small logits p = (1/B^2) (1/C) (1 - 1/C).</summary>
    public static Loss CrossEntropy { get; } = new CrossEntropyLoss();

    /// <summary>
    /// The mean over all elements of v y, with v ~ N(0, 1): a gradient that does not depend on the network, which is the setting of the papers. A real loss reacts to the output,
    /// and where the output is not small its gradient grows more than this one.
    /// </summary>
    public static Loss RandomDirection { get; } = new RandomDirectionLoss();

    /// <summary>What this loss assumes, for the list of assumptions.</summary>
    internal abstract string Assumption { get; }

    /// <summary>The gradient at the network's output.</summary>
    internal abstract Gradient At(Signal output, PropagationContext context);

    private sealed record MeanSquaredErrorLoss : Loss
    {
        internal override string Assumption => "the loss is the mean squared error against a target of N(0, 1)";

        internal override Gradient At(Signal output, PropagationContext context)
        {
            double elements = context.Count(output) * context.Units(output);
            double lnQ = output.LnQ + (0.5 * Math.Max(0, output.Fluctuation - output.BatchFluctuation)); // of the batch, where large samples count most
            double lnResidual = SpecialFunctions.LogAdd(lnQ, 0);
            double share = Math.Exp(lnQ - lnResidual);
            return new Gradient
            {
                Shape = output.Shape,
                LnP = Math.Log(4) + lnResidual - (2 * Math.Log(elements)),
                MeanRatio = output.MeanRatio * Math.Sqrt(share),
                Correlation = output.Correlation.Map(c => c * share),
                Alignment = Math.Sqrt(share),
                CorrelationSlope = new Pairs(share, share, share),
                OfNorm = new Fluctuation(0, share),
            };
        }

        public override string ToString() => nameof(MeanSquaredError);
    }

    private sealed record RandomDirectionLoss : Loss
    {
        internal override string Assumption => "the gradient at the output does not depend on the output";

        internal override Gradient At(Signal output, PropagationContext context) =>
            new() { Shape = output.Shape, LnP = -2 * Math.Log(context.Count(output) * context.Units(output)) };

        public override string ToString() => nameof(RandomDirection);
    }

    private sealed record CrossEntropyLoss : Loss
    {
        internal override string Assumption => "the loss is the cross-entropy against classes that do not depend on the input";

        internal override Gradient At(Signal output, PropagationContext context)
        {
            double classes = Math.Max(2, context.Units(output));
            double deviation = output.LnQ > 7 ? 1e3 : Math.Exp(output.LnQ) * (1 - (output.MeanRatio * output.MeanRatio));
            double squares = Softmaxes(deviation, deviation, classes);
            double second = (squares - (2 / classes) + 1) / classes;
            double alignment = (1 - squares) / classes * Math.Sqrt(deviation / second); // E s_i (1 - s_i) is the slope of softmax
            return new Gradient
            {
                Shape = output.Shape,
                Alignment = alignment,
                MeanRatio = 0,
                CorrelationSlope = new Pairs(1, 1, 1).Map(_ => alignment * alignment),
                LnP = Math.Log(second) - (2 * Math.Log(context.Count(output))),
                Correlation = output.DeviationCorrelation.Map(rho => Math.Max(0, (Softmaxes(deviation, rho * deviation, classes) - (1 / classes)) / classes / second)),
            };
        }

        public override string ToString() => nameof(CrossEntropy);

        // E sum_i s_i s'_i for the softmaxes of two logit vectors of variance q and covariance c: exp(c) / C for small logits, at most 1.
        private static double Softmaxes(double q, double c, double classes)
        {
            double e = Math.Exp(Math.Min(q, 600));
            return Math.Exp(Math.Min(c, 600)) / (classes + e - 1);
        }
    }
}
