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
            double lnResidual = SpecialFunctions.LogAdd(output.LnBatchQ, 0);
            double share = Math.Exp(output.LnBatchQ - lnResidual);

            // Few outputs that are alike over the samples are few draws: the sum of their squares is a chi-square with as many degrees of freedom.
            double noise = share * share * Noise(output, context);
            return new Gradient
            {
                Shape = output.Shape,
                LnP = Math.Log(4) + lnResidual - (2 * Math.Log(elements)) + SpecialFunctions.MeanLnGamma(1 / Math.Max(noise, 1e-12)),
                MeanRatio = output.MeanRatio * Math.Sqrt(share),
                UnitCorrelation = output.UnitCorrelation * share,
                Correlation = output.Correlation.Map(c => c * share),
                Alignment = Math.Sqrt(share),
                CorrelationSlope = new Pairs(share, share, share),
                OfNorm = new Fluctuation(noise * (1 + (0.5 * noise)), share),
            };
        }

        // The relative variance, over initializations, of the batch's second moment at the output, which no activation follows.
        private static double Noise(Signal output, PropagationContext context)
        {
            double units = context.Units(output);
            double mean4 = Math.Pow(output.MeanRatio, 4);
            double together = 1 + ((units - 1) * Math.Max(0, (output.UnitCorrelation * output.UnitCorrelation) - mean4));
            return 2 * Math.Max(0, context.Mix(output, 1, output.Correlation.Map(c => c * c)) - mean4) * together / units;
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
            double common = Math.Max(output.UnitCorrelation, output.MeanRatio * output.MeanRatio); // softmax does not see what all logits share
            double deviation = Math.Min(SoftmaxOverlap.LargestVariance, Math.Exp(Math.Min(100, output.LnQ)) * (1 - common));
            SoftmaxOverlap softmaxes = new(deviation, classes);
            double squares = softmaxes.At(1);
            double second = (squares - (2 / classes) + 1) / classes;
            double alignment = (1 - squares) / classes * Math.Sqrt(deviation / second); // E s_i (1 - s_i) is the slope of softmax
            return new Gradient
            {
                Shape = output.Shape,
                Alignment = alignment,
                MeanRatio = 0,
                UnitCorrelation = -1 / (classes - 1), // the elements of p - t sum to 0
                CorrelationSlope = new Pairs(1, 1, 1).Map(_ => alignment * alignment),
                LnP = Math.Log(second) - (2 * Math.Log(context.Count(output))),
                Correlation = output.DeviationCorrelation.Map(rho => Math.Max(0, (softmaxes.At(rho) - (1 / classes)) / classes / second)),
            };
        }

        public override string ToString() => nameof(CrossEntropy);
    }
}
