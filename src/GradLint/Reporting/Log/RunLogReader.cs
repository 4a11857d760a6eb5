using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GradLint;

/// <summary>Reads a run log line by line. Kinds of lines that it does not know are passed over.</summary>
internal sealed class RunLogReader
{
    private readonly RunHistory _history = new(cutOff: null);
    private int[] _places = [];
    private bool _begun;

    public static RunHistory Read(Stream stream, string name)
    {
        bool endsWithinLine = EndsWithinLine(stream);
        using var lines = new StreamReader(stream, Encoding.UTF8);
        var reader = new RunLogReader();
        RunHistory history = reader._history;
        int number = 0;
        for (string? line = lines.ReadLine(), next; line is not null; line = next)
        {
            next = lines.ReadLine();
            number++;
            if (next is null && endsWithinLine)
            {
                history.CutOff = $"The log ends within line {number}: the run was cut off, and what followed is not known.";
                break;
            }

            if (!reader.TryRead(line, name))
            {
                history.CutOff = $"Line {number} is damaged: the log is read up to the line before.";
                break;
            }
        }

        if (!reader._begun)
        {
            throw number == 0 ? new InvalidDataException($"{name} is empty: a run log has a line as soon as it is started.") : NoLog(name);
        }

        if (history.Ending is null)
        {
            history.CutOff ??= "The log has no end: the run was cut off, or goes on still.";
        }

        return history;
    }

    private bool TryRead(string line, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            Read(document.RootElement, name);
            return true;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            return _begun ? false : throw NoLog(name, error);
        }
    }

    private void Read(JsonElement line, string name)
    {
        string? type = line.GetProperty(RunLogFormat.Type).GetString();
        if (!_begun && type != RunLogFormat.Run)
        {
            throw NoLog(name);
        }

        switch (type)
        {
            case RunLogFormat.Run:
                ReadHead(line, name);
                break;
            case RunLogFormat.Layers:
                ReadLayers(line);
                break;
            case RunLogFormat.Step:
                ReadStep(line);
                break;
            case RunLogFormat.Advice:
                ReadAdvice(line);
                break;
            case RunLogFormat.Norms:
                _history.NormList.Add(ReadValues(line));
                break;
            case RunLogFormat.Updates:
                _history.UpdateList.Add(ReadValues(line));
                break;
            case RunLogFormat.Histogram:
                ReadHistogram(line);
                break;
            case RunLogFormat.Epoch:
                _history.EpochList.Add(new EpochResult(
                    line.GetProperty("epoch").GetInt32(), Step(line), Number(line, "loss"),
                    line.TryGetProperty("validation", out _) ? Number(line, "validation") : null));
                break;
            case RunLogFormat.Flow:
                ReadFlow(line);
                break;
            case RunLogFormat.End:
                _history.Ending = new RunEnding(
                    line.GetProperty("ending").GetString()!, Number(line, "medianNorm"), Number(line, "norm95"), Number(line, "suggestedMaxNorm"));
                break;
        }
    }

    private void ReadHead(JsonElement line, string name)
    {
        int schema = line.GetProperty("schema").GetInt32();
        if (schema > RunLogFormat.Schema)
        {
            throw new InvalidDataException(
                $"{name} is a run log of schema {schema}; this version of GradLint reads schema {RunLogFormat.Schema}. Use a later one.");
        }

        _begun = true;
        _history.Model = line.GetProperty("model").GetString()!;
        _history.Optimizer = line.GetProperty("optimizer").GetString()!;
        _history.Clipping = line.GetProperty("clipping").GetString()!;
        _history.Started = DateTimeOffset.Parse(line.GetProperty("started").GetString()!, CultureInfo.InvariantCulture);
        _history.Ending = null;
        if (line.TryGetProperty("resumesAfter", out JsonElement step))
        {
            Forget(step.GetInt64());
        }
    }

    /// <summary>What a resumed run has done again.</summary>
    private void Forget(long after)
    {
        _history.StepList.RemoveAll(step => step.Step > after);
        _history.EventList.RemoveAll(what => what.At.Step > after);
        _history.AdviceList.RemoveAll(advice => advice.Step > after);
        _history.NormList.RemoveAll(values => values.Step > after);
        _history.UpdateList.RemoveAll(values => values.Step > after);
        _history.HistogramList.RemoveAll(histogram => histogram.Step > after);
        _history.EpochList.RemoveAll(epoch => epoch.Step > after);
    }

    /// <summary>Layers may join later, when they are unfrozen: each has one place throughout.</summary>
    private void ReadLayers(JsonElement line)
    {
        string[] names = [.. line.GetProperty("names").EnumerateArray().Select(name => name.GetString()!)];
        _history.LayerNames.AddRange(names.Except(_history.LayerNames).ToArray());
        _places = [.. names.Select(layer => _history.LayerNames.IndexOf(layer))];
    }

    private void ReadStep(JsonElement line)
    {
        var step = new RunStep(
            Step(line), Number(line, "seconds"), Number(line, "loss"), Number(line, "norm"), Number(line, "threshold"), Number(line, "rate"),
            Enum.TryParse(line.GetProperty("outcome").GetString(), out StepOutcome outcome) && Enum.IsDefined(outcome)
                ? outcome
                : throw new FormatException("This is no outcome of a step."));
        _history.StepList.Add(step);
        if (line.TryGetProperty("reason", out JsonElement reason))
        {
            _history.EventList.Add(new RunEvent(
                step, reason.GetString()!, Number(line, "baseline"), Number(line, "lossBaseline"), Texts(line, "parameters"),
                line.TryGetProperty("restoredStep", out JsonElement restored) ? restored.GetInt64() : null,
                line.TryGetProperty("report", out JsonElement report) ? report.GetString() : null));
        }
    }

    private void ReadAdvice(JsonElement line)
    {
        if (Enum.TryParse(line.GetProperty("kind").GetString(), out AdviceKind kind))
        {
            _history.AdviceList.Add(new Advice(
                kind, Step(line), Number(line, "value"), Number(line, "limit"), line.GetProperty("message").GetString()!, Texts(line, "parameters")));
        }
    }

    private LayerValues ReadValues(JsonElement line)
    {
        var values = new double[_history.LayerNames.Count];
        Array.Fill(values, double.NaN);
        int place = 0;
        foreach (JsonElement value in line.GetProperty("values").EnumerateArray())
        {
            values[_places[place++]] = Number(value);
        }

        return new LayerValues(Step(line), values);
    }

    private void ReadHistogram(JsonElement line)
    {
        LayerHistogram[] layers = [.. Enumerable.Repeat(new LayerHistogram(0, [], 0, 0), _history.LayerNames.Count)];
        int place = 0;
        foreach (JsonElement layer in line.GetProperty("layers").EnumerateArray())
        {
            layers[_places[place++]] = new LayerHistogram(
                layer.GetProperty("lowest").GetInt32(), [.. layer.GetProperty("counts").EnumerateArray().Select(count => count.GetInt64())],
                layer.GetProperty("zeros").GetInt64(), layer.GetProperty("nonFinite").GetInt64());
        }

        _history.HistogramList.Add(new RunHistogram(Step(line), layers));
    }

    private void ReadFlow(JsonElement line) => _history.Flow = new RunFlow(
        Number(line, "predictedGrowth"),
        Number(line, "measuredGrowth"),
        line.TryGetProperty("stop", out JsonElement stop) ? stop.GetString() : null,
        [
            .. line.GetProperty("layers").EnumerateArray().Select(layer => new RunFlowLayer(
                layer.GetProperty("name").GetString()!, Number(layer, "low"), Number(layer, "predicted"), Number(layer, "high"), Number(layer, "measured"))),
        ],
        Texts(line, "assumptions"));

    private static long Step(JsonElement line) => line.GetProperty("step").GetInt64();

    private static string[] Texts(JsonElement line, string name) =>
        [.. line.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    private static double Number(JsonElement line, string name) =>
        line.TryGetProperty(name, out JsonElement value) ? Number(value) : double.NaN;

    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();

    private static bool EndsWithinLine(Stream stream)
    {
        if (stream.Length == 0)
        {
            return false;
        }

        stream.Position = stream.Length - 1;
        bool within = stream.ReadByte() != '\n';
        stream.Position = 0;
        return within;
    }

    private static InvalidDataException NoLog(string name, Exception? cause = null) =>
        new($"{name} is no run log of GradLint: its first line is not that of one.", cause);
}
