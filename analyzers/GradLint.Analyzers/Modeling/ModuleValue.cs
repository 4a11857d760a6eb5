using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

/// <summary>A module that the code creates. It has identity: whoever holds it sees what is later done to it.</summary>
internal abstract class ModuleValue(INamedTypeSymbol? type, SyntaxNode createdAt) : Value
{
    private ModuleValue? _holder;
    private string? _nameInHolder;

    public INamedTypeSymbol? Type { get; } = type;

    /// <summary>The expression that creates the module.</summary>
    public SyntaxNode CreatedAt { get; } = createdAt;

    /// <summary>The name that TorchSharp gives its parameters, such as <c>block1.fc2</c>; null while nothing holds it.</summary>
    public string? Path => PathFrom(null);

    /// <summary>The name of its parameters as seen from a module that holds it.</summary>
    public string? PathFrom(ModuleValue? root)
    {
        string? path = null;
        for (ModuleValue? module = this; module?._nameInHolder is { } name && module != root; module = module._holder)
        {
            path = path is null ? name : $"{name}.{path}";
        }

        return path;
    }

    /// <summary>The modules directly inside, in the order of registration.</summary>
    public abstract IEnumerable<ModuleValue> Children { get; }

    /// <summary>The module and all modules inside it, as <c>modules()</c> enumerates them.</summary>
    public IEnumerable<ModuleValue> SelfAndDescendants()
    {
        var seen = new HashSet<ModuleValue>();
        var open = new Stack<ModuleValue>([this]);
        while (open.Count > 0)
        {
            ModuleValue module = open.Pop();
            if (seen.Add(module))
            {
                yield return module;
                foreach (ModuleValue child in module.Children.Reverse())
                {
                    open.Push(child);
                }
            }
        }
    }

    /// <summary>Gives the module its name; the first holder counts, as the layer's name should not change under way.</summary>
    public void HeldBy(ModuleValue holder, string name)
    {
        if (_nameInHolder is null && !holder.IsWithin(this))
        {
            _holder = holder;
            _nameInHolder = name;
        }
    }

    private bool IsWithin(ModuleValue other)
    {
        for (ModuleValue? module = this; module is not null; module = module._holder)
        {
            if (module == other)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>One of TorchSharp's own layers.</summary>
internal sealed class LayerModule(INamedTypeSymbol? type, SyntaxNode createdAt, Layer layer) : ModuleValue(type, createdAt)
{
    /// <summary>The layer as it stands: initializers that the code calls replace its defaults.</summary>
    public Layer Layer { get; private set; } = layer;

    /// <summary>The call that last initialized the weight; null while it has TorchSharp's default.</summary>
    public SyntaxNode? WeightInitializedAt { get; private set; }

    /// <summary>Whether the batch is the first axis of a recurrent layer's sequences; otherwise time is.</summary>
    public bool IsBatchFirst { get; set; }

    /// <summary>What was taken for granted about it; null where its arguments tell all.</summary>
    public string? Assumption { get; set; }

    public override IEnumerable<ModuleValue> Children => [];

    /// <summary>Another layer like this one, with weights of its own.</summary>
    public LayerModule Copy() => new(Type, CreatedAt, Layer) { IsBatchFirst = IsBatchFirst, Assumption = Assumption, WeightInitializedAt = WeightInitializedAt };

    public void Initialize(ParameterRole role, Initializer initializer, SyntaxNode call)
    {
        switch (Layer)
        {
            case RecurrentLayer layer when role == ParameterRole.InputWeight:
                Layer = layer with { InputWeight = initializer };
                break;
            case RecurrentLayer layer when role == ParameterRole.Weight:
                Layer = layer with { Weight = initializer, InputWeight = layer.InputWeight ?? DefaultInputWeight(layer) };
                WeightInitializedAt = call;
                break;
            case CompositeLayer:
                Layer = new OpaqueLayer("its weights are initialized in a way that is not modelled");
                break;
            case WeightLayer layer when role == ParameterRole.Weight:
                Layer = layer with { Weight = initializer };
                WeightInitializedAt = call;
                break;
            case WeightLayer { Bias: not null } layer:
                Layer = layer with { Bias = initializer };
                break;
            case NormalizationLayer layer when role == ParameterRole.Weight:
                Layer = layer with { Scale = initializer };
                break;
        }
    }

    /// <summary>U(-1/sqrt H, 1/sqrt H), whatever the size of the input.</summary>
    private static Initializer DefaultInputWeight(RecurrentLayer layer) => layer.HiddenSize is { } hidden
        ? new Uniform(-1 / System.Math.Sqrt(hidden), 1 / System.Math.Sqrt(hidden))
        : new UnknownInitializer("the hidden size is not known");

    /// <summary>The number of axes of the weight or bias.</summary>
    public int? AxesOf(ParameterRole role) => (role, Layer) switch
    {
        (ParameterRole.Weight or ParameterRole.InputWeight, RecurrentLayer) => 2,
        (ParameterRole.Weight, MultiheadAttentionLayer) => 2,
        (ParameterRole.Bias, _) or (_, NormalizationLayer) => 1,
        (_, LinearLayer or EmbeddingLayer) => 2,
        (_, ConvolutionBase convolution) => 2 + convolution.Kernel.Count,
        _ => null,
    };
}

/// <summary>A <c>Sequential</c>: its modules one after the other.</summary>
internal sealed class SequentialModule(INamedTypeSymbol? type, SyntaxNode createdAt) : ModuleValue(type, createdAt)
{
    private readonly List<ModuleValue> _children = [];

    public override IEnumerable<ModuleValue> Children => _children;

    /// <summary>Set once something unknown was added.</summary>
    public string? Doubt { get; set; }

    public ModuleValue? this[int index] => index >= 0 && index < _children.Count ? _children[index] : null;

    public void Append(string? name, ModuleValue module)
    {
        module.HeldBy(this, name ?? _children.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _children.Add(module);
    }
}

/// <summary>An instance of a module class that the user wrote.</summary>
internal sealed class ClassModule(INamedTypeSymbol type, SyntaxNode createdAt) : ModuleValue(type, createdAt), IInstance
{
    private readonly List<ModuleValue> _registered = [];
    private List<KeyValuePair<ISymbol, Value>> _remembered = [];

    public INamedTypeSymbol InstanceType { get; } = type;

    public Value AsValue => this;

    public Dictionary<ISymbol, Value> Members { get; } = new(SymbolEqualityComparer.Default);

    public Dictionary<ISymbol, Value> ConstructorArguments { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>What the class inherits where it derives from <c>Sequential</c>.</summary>
    public SequentialModule? Inherited { get; set; }

    public override IEnumerable<ModuleValue> Children =>
        (Inherited?.Children ?? []).Concat(Members.Values.SelectMany(ModulesIn)).Concat(_registered).Distinct();

    /// <summary>Keeps what the fields hold now, for <see cref="Restore"/>.</summary>
    public void Remember() => _remembered = [.. Members];

    /// <summary>Puts the fields back as they were remembered.</summary>
    public void Restore()
    {
        Members.Clear();
        foreach (KeyValuePair<ISymbol, Value> member in _remembered)
        {
            Members.Add(member.Key, member.Value);
        }
    }

    public void Hold(ISymbol member, Value value)
    {
        Members[member.OriginalDefinition] = value;
        (value as ModuleValue)?.HeldBy(this, member.Name);
    }

    /// <summary>What <c>register_module</c> was called with.</summary>
    public void Register(string name, ModuleValue module)
    {
        module.HeldBy(this, name);
        _registered.Add(module);
    }

    /// <summary>Names the modules in lists that the class holds, as <c>ModuleList</c> would.</summary>
    public void NameListedModules()
    {
        foreach (KeyValuePair<ISymbol, Value> member in Members)
        {
            if (member.Value is SequenceValue sequence)
            {
                for (int i = 0; i < sequence.Items.Count; i++)
                {
                    (sequence.Items[i] as ModuleValue)?.HeldBy(this, $"{member.Key.Name}.{i}");
                }
            }
            else if (member.Value is DictionaryValue dictionary)
            {
                dictionary.Items.ForEach(item => (item.Value as ModuleValue)?.HeldBy(this, $"{member.Key.Name}.{item.Key}"));
            }
        }
    }

    private static IEnumerable<ModuleValue> ModulesIn(Value value) => value switch
    {
        ModuleValue module => [module],
        SequenceValue sequence => sequence.Items.OfType<ModuleValue>(),
        DictionaryValue dictionary => dictionary.Items.Select(item => item.Value).OfType<ModuleValue>(),
        _ => [],
    };
}

/// <summary>A module that cannot be seen into; the prediction stops where its output is used.</summary>
internal sealed class OpaqueModule(INamedTypeSymbol? type, SyntaxNode createdAt, string reason) : ModuleValue(type, createdAt)
{
    public string Reason { get; } = reason;

    public override IEnumerable<ModuleValue> Children => [];
}
