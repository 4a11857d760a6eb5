using System.Reflection;

namespace GradLint.Extraction;

/// <summary>Constructors and static factories that can be called without knowing anything: all their parameters have defaults, or are the module's name.</summary>
internal static class Makers
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    public static ConstructorInfo? Constructor(Type type) => type.GetConstructors(All)
        .Where(candidate => !candidate.IsStatic && candidate.GetParameters().All(IsOptional))
        .OrderByDescending(candidate => candidate.GetParameters().Length).FirstOrDefault();

    public static MethodInfo? Factory(Type owner, string name) =>
        owner.GetMethods(All).FirstOrDefault(method => method.IsStatic && method.Name == name && method.GetParameters().All(IsOptional));

    public static object?[] Arguments(MethodBase method, string name) =>
        [.. method.GetParameters().Select(parameter => parameter.HasDefaultValue ? parameter.DefaultValue : parameter.ParameterType == typeof(string) ? name : null)];

    // Devices may be null: then the model stays where it was made.
    private static bool IsOptional(ParameterInfo parameter) =>
        parameter.HasDefaultValue || (parameter.Name == "name" && parameter.ParameterType == typeof(string)) || parameter.ParameterType == typeof(TorchSharp.torch.Device);
}
