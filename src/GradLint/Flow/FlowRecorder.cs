using TorchSharp;
using static TorchSharp.torch;
using M = TorchSharp.Modules;

namespace GradLint;

/// <summary>Listens to a model's weight layers during one forward pass, and reads the gradients at their outputs and weights.</summary>
/// <remarks>
/// A hook keeps the layer's output and hands on a copy of it: <c>Sequential</c> disposes what passes between its modules, and an activation in place would overwrite it. Hooks
/// fire through <c>call</c> alone. Gradients come from <c>autograd.grad</c>, which leaves those of the parameters alone.
/// </remarks>
internal sealed class FlowRecorder : IDisposable
{
    private readonly List<Action> _removers = [];
    private readonly List<Use> _uses = [];
    private readonly Dictionary<nn.Module, List<string>> _paths = new(ReferenceEqualityComparer.Instance);
    private readonly List<(nn.Module Module, string Path, M.Parameter? Weight)> _layers = [];
    private readonly List<(string Path, M.Parameter Weight)> _others = [];

    public FlowRecorder(nn.Module module) => Find(module, ModulePaths.NameOfRoot(module), ModulePaths.Root);

    /// <summary>Removes the hooks.</summary>
    public void StopListening()
    {
        _removers.ForEach(remove => remove());
        _removers.Clear();
    }

    /// <summary>Differentiates the loss.</summary>
    public IReadOnlyList<MeasuredLayer> Read(Tensor loss)
    {
        List<Tensor> wanted = [.. _uses.Select(use => use.Output).Concat(_layers.Select(layer => layer.Weight).OfType<Tensor>()).Concat(_others.Select(other => other.Weight)).Where(tensor => tensor.requires_grad)];
        if (!loss.requires_grad)
        {
            throw new ArgumentException("No trainable parameter of the model takes part in the loss.", nameof(loss));
        }

        // A model may have nothing but vectors and frozen layers.
        IList<Tensor?> gradients = wanted.Count == 0 ? [] : autograd.grad([loss], wanted, allow_unused: true)!;
        Dictionary<Tensor, double?> norms = new(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < wanted.Count; i++)
        {
            using Tensor? gradient = gradients[i];
            norms[wanted[i]] = gradient is null || gradient.IsInvalid ? null : Log10Norm(gradient);
        }

        return [.. _uses.Select(use => Of(use, norms)), .. Unseen(norms)];
    }

    public void Dispose()
    {
        StopListening();
        _uses.ForEach(use => use.Output.Dispose());
    }

    private MeasuredLayer Of(Use use, Dictionary<Tensor, double?> norms) => new(use.Name, use.Module.GetType().Name)
    {
        Log10GradientNorm = _layers.First(layer => layer.Module == use.Module).Weight is { } weight ? norms.GetValueOrDefault(weight) : null,
        Log10SignalNorm = norms.GetValueOrDefault(use.Output),
        Log10SecondMoment = use.Log10SecondMoment,
    };

    private IEnumerable<MeasuredLayer> Unseen(Dictionary<Tensor, double?> norms)
    {
        foreach ((nn.Module module, string path, M.Parameter? weight) in _layers.Where(layer => _uses.All(use => use.Module != layer.Module)))
        {
            yield return new MeasuredLayer(path, module.GetType().Name) { Log10GradientNorm = weight is null ? null : norms.GetValueOrDefault(weight) };
        }

        foreach ((string path, M.Parameter weight) in _others)
        {
            yield return new MeasuredLayer(path, nameof(M.Parameter)) { Log10GradientNorm = norms.GetValueOrDefault(weight) };
        }
    }

    private void Find(nn.Module module, string name, string path)
    {
        if (_paths.TryGetValue(module, out List<string>? known))
        {
            known.Add(ModulePaths.Clean(name));
            return;
        }

        _paths[module] = [ModulePaths.Clean(name)];
        if (Listen(module) is { } remove)
        {
            _removers.Add(remove);
            _layers.Add((module, ModulePaths.Clean(name), WeightOf(module)));
            return;
        }

        bool isContainer = ModulePaths.IsContainer(module);
        foreach ((string parameter, M.Parameter value) in module.named_parameters(recurse: !isContainer && !module.named_children().Any()))
        {
            if (value.dim() > 1)
            {
                _others.Add((ModulePaths.LayerOf(ModulePaths.Join(module.GetType().Namespace == typeof(M.Linear).Namespace ? ModulePaths.Clean(name) : path, parameter), parameter), value));
            }
        }

        foreach ((string child, nn.Module inner) in module.named_children())
        {
            Find(inner, ModulePaths.Join(path, child), ModulePaths.Join(path, child));
        }
    }

    private Action? Listen(nn.Module module) => module switch
    {
        M.Linear or M.Convolution or M.Embedding => Unary((nn.Module<Tensor, Tensor>)module),
        M.RNN rnn => rnn.register_forward_hook((_, _, _, output) => (Keep(rnn, output.Item1), output.Item2)).remove,
        M.GRU gru => gru.register_forward_hook((_, _, _, output) => (Keep(gru, output.Item1), output.Item2)).remove,
        M.LSTM lstm => lstm.register_forward_hook((_, _, _, output) => (Keep(lstm, output.Item1), output.Item2, output.Item3)).remove,
        M.MultiheadAttention attention => attention.register_forward_hook((_, _, _, _, _, _, _, output) => Tuple.Create(Keep(attention, output.Item1), output.Item2)).remove,
        _ => null,
    };

    private Action Unary(nn.Module<Tensor, Tensor> module) => module.register_forward_hook((_, _, output) => Keep(module, output)).remove;

    private Tensor Keep(nn.Module module, Tensor output)
    {
        List<string> paths = _paths[module];
        int before = _uses.Count(use => use.Module == module);
        string name = before < paths.Count ? paths[before] : $"{paths[0]}:{before + 1}";
        using (no_grad())
        using (NewDisposeScope())
        {
            double second = output.detach().to(ScalarType.Float64).square().mean().item<double>();
            _uses.Add(new Use(module, name, output.DetachFromDisposeScope(), Math.Log10(second)));
        }

        return output.clone();
    }

    private static M.Parameter? WeightOf(nn.Module module)
    {
        string name = module switch
        {
            M.RNN or M.GRU or M.LSTM => "weight_hh_l0",
            M.MultiheadAttention => "out_proj.weight",
            _ => "weight",
        };
        return module.named_parameters().Where(parameter => parameter.name == name).Select(parameter => parameter.parameter).FirstOrDefault();
    }

    private static double Log10Norm(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return Math.Log10((tensor.is_sparse ? tensor.to_dense() : tensor).to(ScalarType.Float64).norm().item<double>());
    }

    private sealed record Use(nn.Module Module, string Name, Tensor Output, double Log10SecondMoment);
}
