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
