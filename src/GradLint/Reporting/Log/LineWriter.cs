using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GradLint;

/// <summary>Writes JSON objects, one a line, into a file: in whole lines, collected for a second at most.</summary>
internal sealed class LineWriter : IDisposable
{
    private const int LargestBuffer = 1 << 16;
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(1);

    private readonly ArrayBufferWriter<byte> _lines = new(2 * LargestBuffer);
    private readonly Utf8JsonWriter _json;
    private readonly FileStream _file;
    private long _latestFlush = Environment.TickCount64;

    /// <param name="path">The file.</param>
    /// <param name="append">Whether to go on after the last whole line of a file that is there.</param>
    public LineWriter(string path, bool append)
    {
        // Nobody else writes, but a report may be made while the run goes on.
        _file = new FileStream(path, append ? FileMode.OpenOrCreate : FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        CutUnfinishedLine(_file);
        _json = new Utf8JsonWriter(_lines, new JsonWriterOptions
        {
            SkipValidation = true,
            // No page holds these lines as they are, but people read them.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
    }

    /// <summary>Why lines can no longer be written; null while all is well. A full disk is no reason to stop a training.</summary>
    public string? Failure { get; private set; }

    /// <summary>Begins a line.</summary>
    public void Begin(string type)
    {
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString(RunLogFormat.Type, type);
    }

    public void Add(string name, string value) => _json.WriteString(name, value);

    public void Add(string name, long value) => _json.WriteNumber(name, value);

    public void Add(string name, bool value) => _json.WriteBoolean(name, value);

    /// <summary>A number with the digits of single precision.</summary>
    public void Add(string name, double value)
    {
        _json.WritePropertyName(name);
        Add(value, "G7");
    }

    public void Add(string name, IEnumerable<string> values)
    {
        _json.WriteStartArray(name);
        foreach (string value in values)
        {
            _json.WriteStringValue(value);
        }

        _json.WriteEndArray();
    }

    public void Add(string name, ReadOnlySpan<long> values)
    {
        _json.WriteStartArray(name);
        foreach (long value in values)
        {
            _json.WriteNumberValue(value);
        }

        _json.WriteEndArray();
    }

    /// <summary>Numbers with three digits: enough for a picture.</summary>
    public void Add(string name, ReadOnlySpan<double> values)
    {
        _json.WriteStartArray(name);
        foreach (double value in values)
        {
            Add(value, "G3");
        }

        _json.WriteEndArray();
    }

    /// <summary>A list of objects, each filled in by the caller.</summary>
    public void Add<T>(string name, IEnumerable<T> items, Action<T> fill)
    {
        _json.WriteStartArray(name);
        foreach (T item in items)
        {
            _json.WriteStartObject();
            fill(item);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    /// <summary>Ends a line. It reaches the file at once, or with later ones.</summary>
    public void End(bool flush = false)
    {
        _json.WriteEndObject();
        _json.Flush();
        _lines.GetSpan(1)[0] = (byte)'\n';
        _lines.Advance(1);
        if (flush || _lines.WrittenCount >= LargestBuffer || Environment.TickCount64 - _latestFlush >= s_longestDelay.TotalMilliseconds)
        {
            Flush();
        }
    }

    public void Dispose()
    {
        Flush();
        _json.Dispose();
        _file.Dispose();
    }

    private void Flush()
    {
        try
        {
            if (Failure is null)
            {
                _file.Write(_lines.WrittenSpan);
            }
        }
        catch (IOException error)
        {
            Failure = error.Message;
        }

        _lines.ResetWrittenCount();
        _latestFlush = Environment.TickCount64;
    }

    /// <summary>JSON has no NaN and no infinity: they are written as strings.</summary>
    private void Add(double value, ReadOnlySpan<char> format)
    {
        Span<byte> text = stackalloc byte[32];
        if (!double.IsFinite(value))
        {
            _json.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
        else if (value.TryFormat(text, out int length, format, CultureInfo.InvariantCulture))
        {
            _json.WriteRawValue(text[..length], skipInputValidation: true);
        }
    }

    private static void CutUnfinishedLine(FileStream file)
    {
        long end = file.Length;
        for (; end > 0; end--)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n')
            {
                break;
            }
        }

        file.SetLength(end);
        file.Position = end;
    }
}
