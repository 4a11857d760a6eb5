using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>The cross moment E x_i y_i of the same unit on two edges that meet in a sum.</summary>
internal static class UnitCorrelation
{
    /// <summary>E x y / sqrt(q_x q_y) for two inputs of a step.</summary>
    /// <remarks>
    /// Both are followed back through layers that act on each unit by itself. Where they arrive at the same edge, the unit is the same Gaussian and the moment is
    /// an integral over it; otherwise weights lie in between, and only the means remain: m_x m_y.
    /// </remarks>
    public static double Between(Step step, int x, int y)
    {
        Signal a = step.Inputs[x];
        Signal b = step.Inputs[y];
        (string sourceA, List<Layer> pathA) = UnitwisePath(step, x);
        (string sourceB, List<Layer> pathB) = UnitwisePath(step, y);
        return sourceA != sourceB ? a.MeanRatio * b.MeanRatio : OfCommonUnit(step.Context.Steps[sourceA].Output, pathA, pathB);
    }

    /// <summary>The units of each input of a sum: those that are followed already, or Gaussian ones as they leave the last weights, taken through what acts on each of them.</summary>
    public static UnitPopulation[] UnitsOfInputs(Step step)
    {
        UnitPopulation[] units = new UnitPopulation[step.Inputs.Count];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = step.Inputs[i].Units ?? Drawn(step, i, i == 0 ? Array.Empty<UnitPopulation>() : new[] { units[i - 1] });
        }

        return units;
    }

    private static UnitPopulation Drawn(Step step, int input, UnitPopulation[] apartFrom)
    {
        (string name, List<Layer> path) = UnitwisePath(step, input);
        Step source = step.Context.Steps[name];
        Signal x = source.Output;
        bool hasPositions = step.Context.Positions(step.Inputs[input]) > 1;
        UnitPopulation[] others = path.Count == 0 ? apartFrom : Array.Empty<UnitPopulation>();
        UnitPopulation drawn = x.Units ?? UnitPopulation.Gaussian(step.Context.FollowedUnits, x.MeanRatio, x.DeviationCorrelation, hasPositions, source.Seed, others);
        double root = Math.Exp(0.5 * Math.Max(-300, Math.Min(300, x.LnQ)));
        return path.Count == 0 ? drawn : drawn.Map(value => Apply(path, root * value), out _);
    }

    private static (string Source, List<Layer> Path) UnitwisePath(Step step, int input)
    {
        List<Layer> path = new();
        string name = step.Node.Inputs[input];
        while (step.Context.Graph[name] is { Layer.IsUnitwise: true } node)
        {
            path.Insert(0, node.Layer);
            name = node.Inputs[0];
        }

        return (name, path);
    }

    private static double OfCommonUnit(Signal source, List<Layer> pathA, List<Layer> pathB)
    {
        double root = Math.Exp(0.5 * Math.Min(300, Math.Max(-300, source.LnQ)));
        double deviation = root * Math.Sqrt(Math.Max(1e-12, 1 - (source.MeanRatio * source.MeanRatio)));
        GaussianQuadrature rule = GaussianQuadrature.For(source.MeanRatio * root, deviation, new double[] { 0 });
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < rule.Nodes.Length; i++)
        {
            double u = (source.MeanRatio * root) + (deviation * rule.Nodes[i]);
            double a = Apply(pathA, u);
            double b = Apply(pathB, u);
            ab += rule.Weights[i] * a * b;
            aa += rule.Weights[i] * a * a;
            bb += rule.Weights[i] * b * b;
        }

        return aa > 0 && bb > 0 ? ab / Math.Sqrt(aa * bb) * Kept(pathA) * Kept(pathB) : 0;
    }

    private static double Apply(List<Layer> path, double u)
    {
        foreach (Layer layer in path)
        {
            u = layer switch
            {
                ActivationLayer activation => activation.Function.Value(u),
                ScaleLayer scale => scale.Factor * u,
                _ => u,
            };
        }

        return u;
    }

    // Dropout adds a second moment that the other path does not have.
    private static double Kept(List<Layer> path)
    {
        double kept = 1;
        foreach (Layer layer in path)
        {
            kept *= layer is DropoutLayer dropout ? Math.Sqrt(1 - dropout.Probability) : 1;
        }

        return kept;
    }
}
