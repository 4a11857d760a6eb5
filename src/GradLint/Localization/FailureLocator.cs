using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Repeats a batch with a probe before and after each layer. Buffers, random numbers and gradients are put back afterwards.
/// </summary>
internal sealed class FailureLocator(nn.Module model, StatisticsReader reader)
{
    private string? _outputOf;
    private double _largestInput;
    private (string Layer, bool IsInput)? _gradientAt;

    public FailureOrigin Locate(Func<Tensor> lossOfBatch)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Parameter[] parameters = [.. model.parameters()];
        Tensor?[] gradients = Array.ConvertAll(parameters, parameter => parameter.grad);
        Tensor[] buffers = [.. model.buffers()];
        Tensor[] formerBuffers = Array.ConvertAll(buffers, buffer => buffer.clone());
        Tensor random = torch.get_rng_state();
        List<Action> unhook = Probe();
        try
        {
            foreach (Parameter parameter in parameters)
            {
                parameter.grad = null;
            }

            Tensor loss = lossOfBatch();
            loss.backward();
            return Describe(StatisticsOf(loss), [.. parameters.Select(parameter => parameter.grad)]);
        }
        finally
        {
            unhook.ForEach(remove => remove());
            for (int i = 0; i < parameters.Length; i++)
            {
                parameters[i].grad = gradients[i];
            }

            using IDisposable noGradient = torch.no_grad();
            for (int i = 0; i < buffers.Length; i++)
            {
                _ = buffers[i].copy_(formerBuffers[i]);
            }

            torch.set_rng_state(random);
        }
    }

    private List<Action> Probe()
    {
        var unhook = new List<Action>();
        foreach ((string name, nn.Module module) in model.named_modules().Prepend((model.GetName(), model)))
        {
            if (module is nn.Module<Tensor, Tensor> layer && !module.children().Any())
            {
                var before = layer.register_forward_pre_hook((_, input) => Watched(input, name, isInput: true));
                var after = layer.register_forward_hook((_, input, output) =>
                {
                    LookAt(name, input, output);
                    return Watched(output, name, isInput: false);
                });
                unhook.Add(before.remove);
                unhook.Add(after.remove);
            }
        }

        return unhook;
    }

    private void LookAt(string layer, Tensor input, Tensor output)
    {
        if (_outputOf is null && StatisticsOf(output).NonFinite > 0)
        {
            _outputOf = layer;
            _largestInput = StatisticsOf(input).Largest;
        }
    }

    private Tensor Watched(Tensor tensor, string layer, bool isInput) => !tensor.requires_grad ? tensor : GradientProbe.apply(
        tensor,
        (Action<Tensor>)(gradient =>
        {
            if (_gradientAt is null && StatisticsOf(gradient).NonFinite > 0)
            {
                _gradientAt = (layer, isInput);
            }
        }));

    private FailureOrigin Describe(TensorStatistics loss, Tensor?[] gradients)
    {
        bool gradientIsBad = gradients.Any(gradient => gradient is not null && StatisticsOf(gradient).NonFinite > 0);
        if (loss.NonFinite == 0 && !gradientIsBad)
        {
            return new FailureOrigin { Report = "The repeated batch gave finite loss and gradients: the failure does not reproduce." };
        }

        string output = _outputOf is null
            ? (loss.NonFinite > 0 ? "Every layer's output is finite, the loss is not." : "Every layer's output and the loss are finite.")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"The output of {_outputOf} is the first that is not finite; the largest magnitude in its input is {_largestInput:G3}.");
        string gradient = (_gradientAt, gradientIsBad) switch
        {
            ((var layer, true), _) => $" The gradient is not finite from the backward pass of {layer} on.",
            ((var layer, false), _) => $" The gradient is not finite from what follows {layer} on.",
            (null, true) => " The gradient is not finite in the first layer, or where no layer is.",
            _ => "",
        };
        return new FailureOrigin
        {
            Reproduced = true,
            OutputOf = _outputOf,
            GradientOf = _gradientAt is (var culprit, true) ? culprit : null,
            Report = output + gradient,
        };
    }

    private TensorStatistics StatisticsOf(Tensor tensor)
    {
        var statistics = new TensorStatistics[1];
        using Tensor values = tensor.detach();
        reader.Read([values], statistics);
        return statistics[0];
    }

    /// <summary>Passes its input on, and shows the gradient that comes back: TorchSharp has no hook on tensors.</summary>
    private sealed class GradientProbe : autograd.SingleTensorFunction<GradientProbe>
    {
        private const string Look = "look";

        public override string Name => nameof(GradientProbe);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data(Look, vars[1]);
            return ((Tensor)vars[0]).clone();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            ((Action<Tensor>)ctx.get_data(Look))(grad_output);
            return [grad_output.clone(), null!];
        }
    }
}
