using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GradLint.Cli.CommandLine;

/// <summary>How the tool writes JSON: indented, camelCase, text as it is.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions s_format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    private static readonly JsonSerializerOptions s_withoutNulls = new(s_format) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Writes a value with all its members.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, s_format);

    /// <summary>Writes a value without the members that are null, for formats in which what is missing must not be there.</summary>
    public static string WriteWithoutNulls<T>(T value) => JsonSerializer.Serialize(value, s_withoutNulls);
}
