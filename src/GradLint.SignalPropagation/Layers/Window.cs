using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>A window that slides over the spatial axes: which inputs each output reads. A transposed one is the same with inputs and outputs exchanged.</summary>
internal sealed class Window
{
    private readonly IReadOnlyList<int> _kernel;
    private readonly IReadOnlyList<int> _stride;
    private readonly IReadOnlyList<int> _padding;
    private readonly IReadOnlyList<int> _dilation;
    private readonly bool _isTransposed;
    private readonly bool _roundsUp;

    /// <summary>A window; a list with fewer entries than the kernel repeats its last one.</summary>
    public Window(IReadOnlyList<int> kernel, IReadOnlyList<int>? stride, IReadOnlyList<int>? padding, IReadOnlyList<int>? dilation, bool isTransposed = false, bool roundsUp = false)
    {
        _kernel = kernel;
        _stride = stride ?? new[] { 1 };
        _padding = padding ?? new[] { 0 };
        _dilation = dilation ?? new[] { 1 };
        _isTransposed = isTransposed;
        _roundsUp = roundsUp;
    }

    /// <summary>The number of taps.</summary>
    public double Taps => _kernel.Aggregate(1.0, (product, size) => product * size);

    /// <summary>The extents of the output.</summary>
    public int?[] OutputSizes(int?[] input, IReadOnlyList<int>? outputPadding = null) =>
        input.Select((size, axis) => size is { } known ? (int?)OutputSize(known, axis, outputPadding) : null).ToArray();

    /// <summary>The same where all are known: below 1 where the kernel is larger than the input, null where the input has other axes than the kernel.</summary>
    public IReadOnlyList<int>? Extents(IReadOnlyList<int> input, IReadOnlyList<int>? outputPadding = null) =>
        input.Count == _kernel.Count ? input.Select((size, axis) => Extent(size, axis, outputPadding)).ToArray() : null;

    /// <summary>How many inputs an output reads on average: fewer than the taps where windows reach into the padding, or beyond the end.</summary>
    public double InputsPerOutput(IReadOnlyList<int> inputs, IReadOnlyList<int> outputs)
    {
        double product = 1;
        for (int axis = 0; axis < _kernel.Count; axis++)
        {
            product *= (double)UsesOfTaps(axis, inputs[axis], outputs[axis]).Sum() / outputs[axis];
        }

        return product;
    }

    /// <summary>The same with the padding, but without what is beyond its end.</summary>
    public double PlacesPerOutput(IReadOnlyList<int> inputs, IReadOnlyList<int> outputs) =>
        new Window(_kernel, _stride, null, _dilation).InputsPerOutput(inputs.Select((size, axis) => size + (2 * At(_padding, axis))).ToArray(), outputs);

    /// <summary>The inputs of a window that others read, each counted as often as it is read, on average.</summary>
    public double SharedInputs(IReadOnlyList<int> inputs, IReadOnlyList<int> outputs)
    {
        double all = 1;
        for (int axis = 0; axis < _kernel.Count; axis++)
        {
            double[] readers = new double[inputs[axis]];
            ForEachTap(axis, inputs[axis], outputs[axis], (i, _) => readers[i]++);
            all *= readers.Sum(count => count * count) / outputs[axis];
        }

        return all - InputsPerOutput(inputs, outputs);
    }

    /// <summary>
    /// The number of other windows whose largest input that of one window is, on average: two windows of n inputs that share o of them have the same one if the largest of all 2n - o is
    /// shared.
    /// </summary>
    public double SharedMaxima(int?[] outputs) => Neighbours(outputs).Sum(pair => pair.Weight * pair.Shared / ((2 * Taps) - pair.Shared)) - 1;

    /// <summary>The sum over the other windows of the square of the share of its inputs that one has in common with them: of rho^2, where inputs are independent.</summary>
    public double SquaredOverlap(int?[] outputs) => Neighbours(outputs).Sum(pair => pair.Weight * pair.Shared * pair.Shared) / (Taps * Taps) - 1;

    // The windows that share inputs with one, itself among them.
    private List<(double Shared, double Weight)> Neighbours(int?[] outputs)
    {
        List<(double Shared, double Weight)> pairs = new() { (1, 1) };
        for (int axis = 0; axis < _kernel.Count; axis++)
        {
            List<(double Shared, double Weight)> along = SharedTaps(axis, outputs[axis]);
            List<(double Shared, double Weight)> both = new(pairs.Count * along.Count);
            foreach ((double shared, double weight) in pairs)
            {
                foreach ((double sharedAlong, double weightAlong) in along)
                {
                    both.Add((shared * sharedAlong, weight * weightAlong));
                }
            }

            pairs = both;
        }

        return pairs;
    }

    // For each distance of two windows along an axis the taps that they share, and how many of the windows have such a neighbour.
    private List<(double Shared, double Weight)> SharedTaps(int axis, int? outputs)
    {
        List<(double Shared, double Weight)> taps = new(_kernel[axis]);
        int dilation = At(_dilation, axis);
        for (int distance = 0, shared = _kernel[axis]; shared > 0 && distance < (outputs ?? int.MaxValue); distance++)
        {
            int moved = distance * At(_stride, axis);
            shared = _kernel[axis] - (moved / dilation);
            if (shared > 0 && moved % dilation == 0)
            {
                double neighbours = outputs is { } count ? 1 - ((double)distance / count) : 1;
                taps.Add((shared, distance == 0 ? 1 : 2 * neighbours));
            }
        }

        return taps;
    }

    /// <summary>A profile over the inputs, summed over the taps of each output.</summary>
    public (Profile Profile, double TapsPerOutput) Forward(Profile input, IReadOnlyList<int> outputs) => input.Through((axis, values) =>
    {
        double[] sums = new double[outputs[axis]];
        ForEachTap(axis, values.Length, outputs[axis], (i, o) => sums[o] += values[i]);
        return sums;
    });

    /// <summary>A profile over the outputs, summed over the outputs that each input feeds.</summary>
    public (Profile Profile, double OutputsPerInput) Backward(Profile output, IReadOnlyList<int> inputs) => output.Through((axis, values) =>
    {
        double[] sums = new double[inputs[axis]];
        ForEachTap(axis, inputs[axis], values.Length, (i, o) => sums[i] += values[o]);
        return sums;
    });

    /// <summary>
    /// The share of its taps that an average output has in common with another: sum f^2 / sum f, with f the share of the outputs for which a tap is in range. Below 1 where
    /// zero padding makes the border differ from the centre.
    /// </summary>
    public double TapOverlap(IReadOnlyList<int> inputs, IReadOnlyList<int> outputs)
    {
        double overlap = 1;
        for (int axis = 0; axis < _kernel.Count; axis++)
        {
            overlap *= Overlap(UsesOfTaps(axis, inputs[axis], outputs[axis]), outputs[axis]);
        }

        return _isTransposed ? Math.Min(1, overlap * _stride.Select((_, axis) => (double)At(_stride, axis)).Aggregate(1.0, (product, size) => product * size)) : overlap;
    }

    /// <summary>Likewise for two inputs and the taps through which they feed outputs: with a stride, only inputs at the same remainder share any.</summary>
    public double TapOverlapBackward(IReadOnlyList<int> inputs, IReadOnlyList<int> outputs)
    {
        double overlap = 1;
        for (int axis = 0; axis < _kernel.Count; axis++)
        {
            overlap *= Math.Min(1, Overlap(UsesOfTaps(axis, inputs[axis], outputs[axis]), inputs[axis]));
        }

        return overlap;
    }

    // sum f^2 / sum f, with f the share of the places at which a tap is used.
    private static double Overlap(int[] uses, int places)
    {
        double sum = uses.Sum();
        return sum > 0 ? uses.Sum(count => (double)count * count) / sum / places : 1;
    }

    // For each tap along an axis the number of pairs of input and output between which it stands.
    private int[] UsesOfTaps(int axis, int inputs, int outputs)
    {
        int[] uses = new int[_kernel[axis]];
        for (int k = 0; k < uses.Length; k++)
        {
            (int first, int end, _) = PlacesOf(axis, k, inputs, outputs);
            uses[k] = Math.Max(0, end - first);
        }

        return uses;
    }

    // The places of the window, from the first up to the end, at which a tap meets an element, and how far from the window's place, times the stride, that is.
    private (int First, int End, int Offset) PlacesOf(int axis, int k, int inputs, int outputs)
    {
        (int sliding, int dense) = _isTransposed ? (inputs, outputs) : (outputs, inputs);
        int stride = At(_stride, axis);
        int offset = (k * At(_dilation, axis)) - At(_padding, axis);
        int first = offset >= 0 ? 0 : (stride - 1 - offset) / stride;
        int end = offset >= dense ? 0 : Math.Min(sliding, ((dense - 1 - offset) / stride) + 1);
        return (first, end, offset);
    }

    private int OutputSize(int input, int axis, IReadOnlyList<int>? outputPadding) => Extent(input, axis, outputPadding) is > 0 and int size
        ? size
        : throw new PredictionStopException($"its kernel is larger than its input of {input} along axis {axis + 1}");

    private int Extent(int input, int axis, IReadOnlyList<int>? outputPadding)
    {
        int reach = At(_dilation, axis) * (_kernel[axis] - 1);
        return _isTransposed
            ? ((input - 1) * At(_stride, axis)) - (2 * At(_padding, axis)) + reach + (outputPadding is null ? 0 : At(outputPadding, axis)) + 1
            : Windows(input + (2 * At(_padding, axis)) - reach - 1, input + At(_padding, axis), At(_stride, axis));
    }

    // None where the kernel is larger than the input. Rounded up, one more window reaches beyond the end, but none starts there.
    private int Windows(int slack, int end, int stride)
    {
        if (slack < 0)
        {
            return 0;
        }

        if (!_roundsUp)
        {
            return (slack / stride) + 1;
        }

        int windows = ((slack + stride - 1) / stride) + 1;
        return (windows - 1) * stride >= end ? windows - 1 : windows;
    }

    private void ForEachTap(int axis, int inputs, int outputs, Action<int, int> visit)
    {
        int stride = At(_stride, axis);
        for (int k = 0; k < _kernel[axis]; k++)
        {
            (int first, int end, int offset) = PlacesOf(axis, k, inputs, outputs);
            for (int place = first; place < end; place++)
            {
                int element = (place * stride) + offset;
                visit(_isTransposed ? place : element, _isTransposed ? element : place);
            }
        }
    }

    private static int At(IReadOnlyList<int> list, int axis) => list[Math.Min(axis, list.Count - 1)];
}
