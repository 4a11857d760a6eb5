using System.Text.Json;

namespace GradLint;

/// <summary>The results of a study, one a line: what is there need not be trained again.</summary>
internal static class TrialFile
{
    /// <summary>The results up to the last whole line.</summary>
    /// <exception cref="InvalidDataException">The file is of another study.</exception>
    public static List<TrialResult> Read(string path, string study)
    {
        var results = new List<TrialResult>();
        if (!File.Exists(path))
        {
            return results;
        }

        string text = File.ReadAllText(path);
        string[] lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string line in lines)
        {
            using var document = JsonDocument.Parse(line);
            switch (document.RootElement.GetProperty(RunLogFormat.Type).GetString())
            {
                case "study" when document.RootElement.GetProperty("settings").GetString() != study:
                    throw new InvalidDataException($"{path} is of a study with other settings. Give this one another file, or delete that one.");
                case "trial":
                    results.Add(TrialResult.Read(document.RootElement));
                    break;
            }
        }

        return results;
    }

    public static LineWriter Continue(string path, string study)
    {
        bool isNew = !File.Exists(path) || new FileInfo(path).Length == 0;
        var lines = new LineWriter(path, append: true);
        if (isNew)
        {
            lines.Begin("study");
            lines.Add("settings", study);
            lines.End(flush: true);
        }

        return lines;
    }
}
