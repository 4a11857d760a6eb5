using static TorchSharp.torch;

namespace GradLint.TorchSharpAudit;

/// <summary>
/// The optimizers: parameters after 12 steps with given gradients against the algorithms as their papers and PyTorch's documentation state them, one parameter at a time.
/// </summary>
internal static class OptimizerChecks
{
    private const string Family = "Optimizers";
    private const int Steps = 12;
    private const double Rate = 0.02;
    private const double Tolerance = 1e-9;
    private static readonly double[] s_start = Numeric.Noise(6, 1, 3);

    private delegate double Rule(double w, double g, int t);

    public static IEnumerable<Check> All() =>
    [
        Of("optim.SGD", p => optim.SGD(p, Rate), () => Sgd()),
        Of("optim.SGD(weight_decay: 0.1)", p => optim.SGD(p, Rate, weight_decay: 0.1), () => Sgd(decay: 0.1)),
        Of("optim.SGD(momentum: 0.9)", p => optim.SGD(p, Rate, momentum: 0.9), () => Sgd(momentum: 0.9)),
        Of("optim.SGD(momentum: 0.9, dampening: 0.3)", p => optim.SGD(p, Rate, momentum: 0.9, dampening: 0.3), () => Sgd(momentum: 0.9, dampening: 0.3)),
        Of("optim.SGD(momentum: 0.9, nesterov: true)", p => optim.SGD(p, Rate, momentum: 0.9, nesterov: true), () => Sgd(momentum: 0.9, nesterov: true)),
        Of("optim.SGD(momentum: 0.9, weight_decay: 0.1)", p => optim.SGD(p, Rate, momentum: 0.9, weight_decay: 0.1), () => Sgd(momentum: 0.9, decay: 0.1)),
        Of("optim.SGD(maximize: true)", p => optim.SGD(p, Rate, maximize: true), () => Sgd(sign: -1)),
        Of("optim.SGD(maximize: true, weight_decay: 0.1)", p => optim.SGD(p, Rate, weight_decay: 0.1, maximize: true), () => Sgd(decay: 0.1, sign: -1)),
        Of("optim.Adam", p => optim.Adam(p, Rate), () => Adam()),
        Of("optim.Adam(weight_decay: 0.1)", p => optim.Adam(p, Rate, weight_decay: 0.1), () => Adam(decay: 0.1)),
        Of("optim.Adam(amsgrad: true)", p => optim.Adam(p, Rate, amsgrad: true), () => Adam(amsgrad: true)),
        Of("optim.Adam(maximize: true)", p => optim.Adam(p, Rate, maximize: true), () => Adam(sign: -1)),
        Of("optim.AdamW(weight_decay: 0.1)", p => optim.AdamW(p, Rate, weight_decay: 0.1), () => Adam(decoupled: 0.1)),
        Of("optim.AdamW(amsgrad: true)", p => optim.AdamW(p, Rate, amsgrad: true), () => Adam(amsgrad: true)),
        Of("optim.Adamax", p => optim.Adamax(p, Rate), () => Adamax()),
        Of("optim.Adamax(weight_decay: 0.1)", p => optim.Adamax(p, Rate, weight_decay: 0.1), () => Adamax(0.1)),
        Of("optim.NAdam", p => optim.NAdam(p, Rate), () => NAdam()),
        Of("optim.NAdam(weight_decay: 0.1)", p => optim.NAdam(p, Rate, weight_decay: 0.1), () => NAdam(0.1)),
        Of("optim.RAdam", p => optim.RAdam(p, Rate), () => RAdam(Rate)),
        Of("optim.RAdam(lr: 1), equal to its square", p => optim.RAdam(p, 1), () => RAdam(1)),
        Of("optim.RMSProp", p => optim.RMSProp(p, Rate), () => RmsProp()),
        Of("optim.RMSProp(momentum: 0.9)", p => optim.RMSProp(p, Rate, momentum: 0.9), () => RmsProp(momentum: 0.9)),
        Of("optim.RMSProp(centered: true)", p => optim.RMSProp(p, Rate, centered: true), () => RmsProp(centered: true)),
        Of("optim.RMSProp(weight_decay: 0.1)", p => optim.RMSProp(p, Rate, weight_decay: 0.1), () => RmsProp(decay: 0.1)),
        Of("optim.Adagrad", p => optim.Adagrad(p, Rate), () => Adagrad()),
        Of("optim.Adagrad(lr_decay: 0.1, weight_decay: 0.1)", p => optim.Adagrad(p, Rate, 0.1, 0.1), () => Adagrad(0.1, 0.1)),
        Of("optim.Adagrad(initial_accumulator_value: 0.5)", p => optim.Adagrad(p, Rate, initial_accumulator_value: 0.5), () => Adagrad(initial: 0.5)),
        Of("optim.Adadelta", p => optim.Adadelta(p, 1.0), Adadelta),
        Of("optim.ASGD", p => optim.ASGD(p, Rate), Asgd),
        Of("optim.Rprop", p => optim.Rprop(p, Rate), Rprop),
        new Check("Gradients", "utils.clip_grad_norm_", "norm returned and gradients scaled", 1e-6, ClipNorm),
        new Check("Gradients", "utils.clip_grad_value_", "gradients clamped", 1e-12, ClipValue),
    ];

    private static double Gradient(int element, int step) => Math.Sin((1.3 * element) + (0.9 * step)) + (0.2 * element);

    private static Check Of(string name, Func<IEnumerable<TorchSharp.Modules.Parameter>, optim.Optimizer> create, Func<Rule> definition) =>
        new(Family, name, $"parameters after {Steps} steps", Tolerance, () =>
        {
            using TorchSharp.Modules.Parameter parameter = nn.Parameter(tensor(s_start, ScalarType.Float64));
            using optim.Optimizer optimizer = create([parameter]);
            for (int t = 1; t <= Steps; t++)
            {
                parameter.grad = tensor(s_start.Select((_, i) => Gradient(i, t)).ToArray());
                optimizer.step();
            }

            double[] expected = [.. s_start.Select((start, i) =>
            {
                Rule rule = definition();
                double w = start;
                for (int t = 1; t <= Steps; t++)
                {
                    w = rule(w, Gradient(i, t), t);
                }

                return w;
            })];
            return Numeric.Distance(expected, Numeric.Values(parameter));
        });

    private static Rule Sgd(double momentum = 0, double dampening = 0, double decay = 0, bool nesterov = false, double sign = 1)
    {
        double buffer = 0;
        return (w, g, t) =>
        {
            g = (sign * g) + (decay * w);
            buffer = t == 1 ? g : (momentum * buffer) + ((1 - dampening) * g);
            return w - (Rate * (momentum == 0 ? g : nesterov ? g + (momentum * buffer) : buffer));
        };
    }

    private static Rule Adam(double decay = 0, double decoupled = 0, bool amsgrad = false, double sign = 1)
    {
        (double m, double v, double most) = (0, 0, 0);
        return (w, g, t) =>
        {
            g = (sign * g) + (decay * w);
            w -= Rate * decoupled * w;
            m = (0.9 * m) + (0.1 * g);
            v = (0.999 * v) + (0.001 * g * g);
            most = Math.Max(most, v);
            double second = (amsgrad ? most : v) / (1 - Math.Pow(0.999, t));
            return w - (Rate * m / (1 - Math.Pow(0.9, t)) / (Math.Sqrt(second) + 1e-8));
        };
    }

    private static Rule Adamax(double decay = 0)
    {
        (double m, double u) = (0, 0);
        return (w, g, t) =>
        {
            g += decay * w;
            m = (0.9 * m) + (0.1 * g);
            u = Math.Max(0.999 * u, Math.Abs(g) + 1e-8);
            return w - (Rate / (1 - Math.Pow(0.9, t)) * m / u);
        };
    }

    private static Rule NAdam(double decay = 0)
    {
        (double m, double v, double product) = (0, 0, 1);
        return (w, g, t) =>
        {
            g += decay * w;
            double mu = 0.9 * (1 - (0.5 * Math.Pow(0.96, t * 0.004)));
            double next = 0.9 * (1 - (0.5 * Math.Pow(0.96, (t + 1) * 0.004)));
            product *= mu;
            m = (0.9 * m) + (0.1 * g);
            v = (0.999 * v) + (0.001 * g * g);
            double corrected = (next * m / (1 - (product * next))) + ((1 - mu) * g / (1 - product));
            return w - (Rate * corrected / (Math.Sqrt(v / (1 - Math.Pow(0.999, t))) + 1e-8));
        };
    }

    private static Rule RAdam(double rate)
    {
        (double m, double v) = (0, 0);
        return (w, g, t) =>
        {
            m = (0.9 * m) + (0.1 * g);
            v = (0.999 * v) + (0.001 * g * g);
            double corrected = m / (1 - Math.Pow(0.9, t));
            double longest = (2 / (1 - 0.999)) - 1;
            double length = longest - (2 * t * Math.Pow(0.999, t) / (1 - Math.Pow(0.999, t)));
            if (length <= 5)
            {
                return w - (rate * corrected);
            }

            double adaptive = Math.Sqrt(1 - Math.Pow(0.999, t)) / (Math.Sqrt(v) + 1e-8);
            double rectification = Math.Sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
            return w - (rate * corrected * rectification * adaptive);
        };
    }

    private static Rule RmsProp(double momentum = 0, bool centered = false, double decay = 0)
    {
        (double v, double mean, double buffer) = (0, 0, 0);
        return (w, g, _) =>
        {
            g += decay * w;
            v = (0.99 * v) + (0.01 * g * g);
            mean = (0.99 * mean) + (0.01 * g);
            double step = g / (Math.Sqrt(centered ? v - (mean * mean) : v) + 1e-8);
            buffer = (momentum * buffer) + step;
            return w - (Rate * (momentum > 0 ? buffer : step));
        };
    }

    private static Rule Adagrad(double rateDecay = 0, double decay = 0, double initial = 0)
    {
        double sum = initial;
        return (w, g, t) =>
        {
            g += decay * w;
            sum += g * g;
            return w - (Rate / (1 + ((t - 1) * rateDecay)) * g / (Math.Sqrt(sum) + 1e-10));
        };
    }

    private static Rule Adadelta()
    {
        (double v, double u) = (0, 0);
        return (w, g, _) =>
        {
            v = (0.9 * v) + (0.1 * g * g);
            double step = Math.Sqrt(u + 1e-6) / Math.Sqrt(v + 1e-6) * g;
            u = (0.9 * u) + (0.1 * step * step);
            return w - step;
        };
    }

    private static Rule Asgd()
    {
        double eta = Rate;
        return (w, g, t) =>
        {
            w = (w * (1 - (1e-4 * eta))) - (eta * g);
            eta = Rate / Math.Pow(1 + (1e-4 * Rate * t), 0.75);
            return w;
        };
    }

    private static Rule Rprop()
    {
        (double previous, double size) = (0, Rate);
        return (w, g, _) =>
        {
            double change = g * previous;
            size = Math.Clamp(size * (change > 0 ? 1.2 : change < 0 ? 0.5 : 1), 1e-6, 50);
            g = change < 0 ? 0 : g;
            previous = g;
            return w - (Math.Sign(g) * size);
        };
    }

    private static double ClipNorm()
    {
        using TorchSharp.Modules.Parameter parameter = nn.Parameter(zeros(4, ScalarType.Float64));
        parameter.grad = tensor(new[] { 3.0, 0, 4, 12 });
        double norm = nn.utils.clip_grad_norm_([parameter], 2);
        return Math.Max(Math.Abs(norm - 13), Numeric.Distance([6.0 / 13, 0, 8.0 / 13, 24.0 / 13], Numeric.Values(parameter.grad!)));
    }

    private static double ClipValue()
    {
        using TorchSharp.Modules.Parameter parameter = nn.Parameter(zeros(3, ScalarType.Float64));
        parameter.grad = tensor(new[] { 3.0, -4, 0.5 });
        nn.utils.clip_grad_value_([parameter], 1);
        return Numeric.Distance([1, -1, 0.5], Numeric.Values(parameter.grad!));
    }
}
