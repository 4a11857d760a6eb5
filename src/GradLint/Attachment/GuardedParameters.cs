using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>The parameters of a model that an optimizer steps, in the model's order, each once.</summary>
internal sealed class GuardedParameters
{
    private GuardedParameters(
        IReadOnlyList<string> names, IReadOnlyList<Parameter> parameters, IReadOnlyList<int> groups, IReadOnlyList<string> unguarded)
    {
        (Names, Parameters, Groups, Unguarded) = (names, parameters, groups, unguarded);
    }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Which of the optimizer's parameter groups each belongs to, from 0.</summary>
    public IReadOnlyList<int> Groups { get; }

    /// <summary>The names of trainable parameters of the model that the optimizer does not step.</summary>
    public IReadOnlyList<string> Unguarded { get; }

    /// <exception cref="ArgumentException">Model and optimizer do not fit together.</exception>
    public static GuardedParameters Read(nn.Module model, optim.Optimizer optimizer)
    {
        if (optimizer is LBFGS)
        {
            throw new ArgumentException(
                "LBFGS computes several gradients within one step, where no guard can see them. "
                + "Use another optimizer, such as Adam or SGD.",
                nameof(optimizer));
        }

        (string Name, Parameter Parameter)[] ofModel = [.. model.named_parameters().DistinctBy(named => TensorIdentity.Of(named.parameter))];
        if (!ofModel.Any(named => named.Parameter.requires_grad))
        {
            throw new ArgumentException(
                $"{model.GetName()} has no trainable parameters. Register its layers (RegisterComponents() in the constructor), "
                + "or set requires_grad on what shall be trained.",
                nameof(model));
        }

        HashSet<nint> stepped = SteppedBy(optimizer, ofModel.Select(named => TensorIdentity.Of(named.Parameter)).ToHashSet());
        ILookup<bool, (string Name, Parameter Parameter)> byStepped = ofModel.ToLookup(named => stepped.Contains(TensorIdentity.Of(named.Parameter)));
        (string Name, Parameter Parameter)[] guarded = [.. byStepped[true]];
        if (!guarded.Any(named => named.Parameter.requires_grad))
        {
            throw new ArgumentException(
                $"The optimizer steps no trainable parameter of {model.GetName()}. Create it from the model's parameters().",
                nameof(optimizer));
        }

        return new(
            [.. guarded.Select(named => named.Name)],
            [.. guarded.Select(named => named.Parameter)],
            GroupsOf(optimizer, guarded),
            [.. byStepped[false].Where(named => named.Parameter.requires_grad).Select(named => named.Name)]);
    }

    /// <summary>Some of them, on their own.</summary>
    public GuardedParameters Part(IReadOnlyList<int> indices) => new(
        [.. indices.Select(i => Names[i])], [.. indices.Select(i => Parameters[i])], [.. indices.Select(i => Groups[i])], []);

    private static int[] GroupsOf(optim.Optimizer optimizer, (string Name, Parameter Parameter)[] guarded)
    {
        var groups = new Dictionary<nint, int>();
        foreach ((optim.ILearningRateController group, int index) in (optimizer.ParamGroups ?? []).Select((group, index) => (group, index)))
        {
            foreach (Parameter parameter in (group as ParamGroup)?.Parameters ?? [])
            {
                _ = groups.TryAdd(TensorIdentity.Of(parameter), index);
            }
        }

        return [.. guarded.Select(named => groups.GetValueOrDefault(TensorIdentity.Of(named.Parameter)))];
    }

    /// <summary>
    /// An optimizer that was given model.parameters() looks them up anew in every step, and finds the model's current ones; the
    /// state that it prepared for the former ones tells that they were others. Optimizers made elsewhere may keep it elsewhere.
    /// </summary>
    public static bool HasStateForAll(optim.Optimizer optimizer)
    {
        if (optimizer is not OptimizerHelper own || optimizer.GetType().Assembly != typeof(OptimizerHelper).Assembly)
        {
            return true;
        }

        try
        {
            _ = own.state_dict();
            return true;
        }
        catch (KeyNotFoundException)
        {
            return false;
        }
    }

    private static HashSet<nint> SteppedBy(optim.Optimizer optimizer, HashSet<nint> ofModel)
    {
        Parameter[] stepped = [.. optimizer.parameters()];
        Parameter[] foreign = [.. stepped.Where(parameter => parameter.IsInvalid || !ofModel.Contains(TensorIdentity.Of(parameter)))];
        if (foreign.Length == 0)
        {
            return HasStateForAll(optimizer)
                ? [.. stepped.Select(TensorIdentity.Of)]
                : throw new ArgumentException(
                    "The model's parameters changed after the optimizer was created: layers were added, or model.to(device) or "
                    + "model.to(type) replaced the parameters. Create the optimizer after all that.",
                    nameof(optimizer));
        }

        string shapes = string.Join(", ", foreign.Take(5).Select(p => p.IsInvalid ? "disposed" : $"[{string.Join(", ", p.shape)}]"));
        throw new ArgumentException(
            $"{foreign.Length} of the {stepped.Length} parameters that the optimizer steps are not the model's "
            + $"(shapes: {shapes}{(foreign.Length > 5 ? ", ..." : "")}). "
            + "Create the optimizer after the model is built and moved to its device and type; "
            + "if it trains several models, guard one module that contains them all.",
            nameof(optimizer));
    }
}
