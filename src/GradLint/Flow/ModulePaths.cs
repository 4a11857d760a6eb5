using static TorchSharp.torch;
using M = TorchSharp.Modules;

namespace GradLint;

/// <summary>What the modules of a model are called: their paths, as <c>named_parameters()</c> writes them.</summary>
internal static class ModulePaths
{
    public const string Root = "";

    /// <summary>The path of a child.</summary>
    public static string Join(string path, string child) => path.Length == 0 ? child : $"{path}.{child}";

    /// <summary>What to call the model itself, which has no path.</summary>
    public static string NameOfRoot(nn.Module module) => module.GetName();

    /// <summary>
    /// The layer that a weight belongs to inside of a module whose own modules cannot be seen, as those of TorchSharp's transformer layers: linear1 for linear1.weight, self_attn for the
    /// output projection of its attention. Any other parameter goes by its own path.
    /// </summary>
    /// <param name="path">The parameter's path in the model.</param>
    /// <param name="parameter">Its name in the module that shows it.</param>
    public static string LayerOf(string path, string parameter)
    {
        const string Weight = ".weight";
        const string Projection = ".out_proj";
        if (!parameter.EndsWith(Weight, StringComparison.Ordinal))
        {
            return path;
        }

        string layer = path[..^Weight.Length];
        return layer.EndsWith(Projection, StringComparison.Ordinal) ? layer[..^Projection.Length] : layer;
    }

    /// <summary>A path in the characters that the names of a graph's nodes may have.</summary>
    public static string Clean(string path)
    {
        string clean = new([.. path.Select(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '[' or ']' or ':' or '/' ? c : '_')]);
        return clean.Length > 0 ? clean : "_";
    }

    /// <summary>A name, with :2, :3 and so on after it where it is taken.</summary>
    public static string Unused(string name, IReadOnlyCollection<string> taken)
    {
        string unused = name;
        for (int use = 2; taken.Contains(unused); use++)
        {
            unused = $"{name}:{use}";
        }

        return unused;
    }

    /// <summary>Modules that only hold others: they have child modules and no parameters of their own. Layers of TorchSharp's that are built of others do not count.</summary>
    public static bool IsContainer(nn.Module module) =>
        module is M.Sequential
        || IsList(module)
        || (module.GetType().Namespace != typeof(M.Linear).Namespace && module.named_children().Any() && !module.named_parameters(recurse: false).Any());

    /// <summary>ModuleList and ModuleDict, which have no forward method: who holds them calls their modules.</summary>
    public static bool IsList(nn.Module module) =>
        module.GetType() is { IsGenericType: true } type && (type.GetGenericTypeDefinition() == typeof(M.ModuleList<>) || type.GetGenericTypeDefinition() == typeof(M.ModuleDict<>));
}
