namespace GradLint;

/// <summary>
/// A file of TensorBoard's events: TensorFlow's record format, each record a protocol buffer <c>Event</c>.
/// </summary>
/// <remarks>
/// The numbers are those of the published definitions: Event (wall_time 1, step 2, file_version 3, summary 5), Summary (value 1),
/// Summary.Value (tag 1, simple_value 2, histo 5), HistogramProto (min 1, max 2, num 3, sum 4, sum_squares 5, bucket_limit 6, bucket 7).
/// </remarks>
internal sealed class EventFile : IDisposable
{
    private readonly RecordFile _records;
    private readonly MessageBuffer _event = new();
    private readonly MessageBuffer _summary = new();
    private readonly MessageBuffer _value = new();
    private readonly MessageBuffer _histogram = new();

    public EventFile(string path)
    {
        _records = new RecordFile(path);
        _event.Double(1, WallTime);
        _event.Text(3, "brain.Event:2");
        _records.Add(_event.Written);
    }

    public string? Failure => _records.Failure;

    private static double WallTime => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;

    public void Add(long step, string tag, double scalar)
    {
        _value.Clear();
        _value.Text(1, tag);
        _value.Float(2, (float)scalar);
        AddValue(step);
    }

    public void Add(long step, string tag, GradientHistogram histogram)
    {
        (int lowest, ReadOnlyMemory<long> counts) = histogram.Trimmed();
        if (counts.IsEmpty && histogram.Zeros == 0)
        {
            return;
        }

        // The zeros are a bucket of their own, below the smallest magnitude.
        double[] limits = [Math.ScaleB(1, lowest), .. Enumerable.Range(1, counts.Length).Select(i => Math.ScaleB(1, lowest + i))];
        double[] buckets = [histogram.Zeros, .. counts.ToArray().Select(count => (double)count)];
        double[] middles = [0, .. limits[1..].Select(limit => 0.75 * limit)];
        _histogram.Clear();
        _histogram.Double(1, histogram.Zeros > 0 ? 0 : limits[0]);
        _histogram.Double(2, limits[^1]);
        _histogram.Double(3, buckets.Sum());
        _histogram.Double(4, buckets.Zip(middles, (count, middle) => count * middle).Sum());
        _histogram.Double(5, buckets.Zip(middles, (count, middle) => count * middle * middle).Sum());
        _histogram.Doubles(6, limits);
        _histogram.Doubles(7, buckets);
        _value.Clear();
        _value.Text(1, tag);
        _value.Message(5, _histogram.Written);
        AddValue(step);
    }

    public void Flush() => _records.Flush();

    public void Dispose() => _records.Dispose();

    private void AddValue(long step)
    {
        _summary.Clear();
        _summary.Message(1, _value.Written);
        _event.Clear();
        _event.Double(1, WallTime);
        _event.Integer(2, step);
        _event.Message(5, _summary.Written);
        _records.Add(_event.Written);
    }
}
