namespace GradLint;

/// <summary>A layer is what the parameters of one module are, told by their names.</summary>
internal static class Layer
{
    /// <summary>The module's name: "fc1" of "fc1.weight". A parameter of the model itself is a layer of its own.</summary>
    public static string Of(string parameter)
    {
        int end = parameter.LastIndexOf('.');
        return end < 0 ? parameter : parameter[..end];
    }
}
