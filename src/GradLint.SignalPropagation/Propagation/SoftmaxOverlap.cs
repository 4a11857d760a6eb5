using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>E sum_i s_i s'_i for the softmaxes of two vectors of C Gaussian logits: exp(c) / C for small ones, and for large ones the chance that both have the same largest logit.</summary>
/// <remarks>In between there is no closed form: it is an average over draws that are the same on every machine. With many classes exp(c) / (C + exp(q) - 1) is close.</remarks>
internal sealed class SoftmaxOverlap
{
    private const double SmallVariance = 0.01;
    private const int MostClasses = 1024;
    private const int Values = 16_384; // classes times draws
    private const int Blocks = 8;
    /// <summary>The variance from which on the largest logit takes all; what softmax does to larger ones is the same.</summary>
    public const double LargestVariance = 1e3;

    /// <summary>What logits have in common, and what each of two has on its own.</summary>
    private static readonly Lazy<(double[] Shared, double[] First, double[] Second)> s_draws = new(() =>
    {
        NormalDraws normal = new(Values / Blocks, seed: 1);
        return (Drawn(normal), Drawn(normal), Drawn(normal));
    });

    private readonly double _variance;
    private readonly int _classes;
    private readonly bool _isDrawn;
    private readonly Dictionary<double, double> _known = new();

    /// <summary>For logits of a variance q and so many classes.</summary>
    public SoftmaxOverlap(double variance, double classes)
    {
        _variance = variance;
        _classes = (int)Math.Min(int.MaxValue, classes);
        _isDrawn = _variance >= SmallVariance && classes <= MostClasses;
    }

    /// <summary>For logits of the given correlation.</summary>
    public double At(double correlation)
    {
        correlation = Math.Max(0, Math.Min(1, correlation));
        if (!_isDrawn)
        {
            return Math.Exp(Math.Min(600, correlation * _variance)) / (_classes + Math.Exp(Math.Min(600, _variance)) - 1);
        }

        if (!_known.TryGetValue(correlation, out double overlap))
        {
            _known.Add(correlation, overlap = Average(correlation));
        }

        return overlap;
    }

    private double Average(double correlation)
    {
        (double[] shared, double[] first, double[] second) = s_draws.Value;
        double common = Math.Sqrt(_variance * correlation);
        double own = Math.Sqrt(_variance * (1 - correlation));
        int draws = Values / _classes;
        double sum = 0;
        double[] a = new double[_classes];
        double[] b = new double[_classes];
        for (int draw = 0; draw < draws; draw++)
        {
            for (int i = 0; i < a.Length; i++)
            {
                int place = (draw * a.Length) + i;
                a[i] = (common * shared[place]) + (own * first[place]);
                b[i] = (common * shared[place]) + (own * second[place]);
            }

            Softmax(a);
            if (own > 0)
            {
                Softmax(b);
            }
            else
            {
                a.CopyTo(b, 0);
            }

            for (int i = 0; i < a.Length; i++)
            {
                sum += a[i] * b[i];
            }
        }

        return sum / draws;
    }

    // A few blocks of quantiles: hardly any two logits of a draw are equal, as they would be with few quantiles.
    private static double[] Drawn(NormalDraws normal)
    {
        double[] values = new double[Values];
        for (int block = 0; block < Blocks; block++)
        {
            normal.Next().CopyTo(values, block * (Values / Blocks));
        }

        return values;
    }

    private static void Softmax(double[] logits)
    {
        double largest = double.NegativeInfinity;
        foreach (double logit in logits)
        {
            largest = Math.Max(largest, logit);
        }

        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            sum += logits[i] = Math.Exp(logits[i] - largest);
        }

        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] /= sum;
        }
    }
}
