using System.Reflection;
using System.Text;

namespace GradLint;

/// <summary>A run as one HTML file that needs nothing else: it opens offline, and can be mailed.</summary>
public static class RunReport
{
    /// <summary>Writes the report of a run.</summary>
    /// <param name="run">The run, as its log tells it.</param>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(RunHistory run, string path)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentException.ThrowIfNullOrEmpty(path);
        File.WriteAllText(path, ToHtml(run), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    /// <summary>The report of a run as the text of an HTML page.</summary>
    public static string ToHtml(RunHistory run)
    {
        ArgumentNullException.ThrowIfNull(run);
        // The page's parts are files of their own, as one writes them; the data is what ReportData says.
        return Part("report.html")
            .Replace("/*style*/", Part("report.css"), StringComparison.Ordinal)
            .Replace("/*script*/", Part("report.js"), StringComparison.Ordinal)
            .Replace("/*pages*/", Part("report.pages.js"), StringComparison.Ordinal)
            .Replace("/*data*/", ReportData.Of(run).ToJson(), StringComparison.Ordinal);
    }

    private static string Part(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
