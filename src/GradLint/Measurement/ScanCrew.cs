using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Scans pieces of memory, on several processors if there is enough of it. Allocates nothing once warm.</summary>
/// <remarks>
/// The pieces and the order in which their results are added are always the same, so that the results are the same bits on one
/// processor as on many.
/// </remarks>
internal sealed unsafe class ScanCrew : IThreadPoolWorkItem
{
    /// <summary>A quarter of a million bytes: some ten microseconds of work.</summary>
    private const int PieceBytes = 1 << 18;

    /// <summary>
    /// Below this the calling thread is done before others have woken up: 4 MiB take it about 200 microseconds, others need up to 50.
    /// </summary>
    private const long ParallelBytes = 1 << 22;

    private readonly List<Piece> _pieces = [];
    private TensorStatistics[] _results = [];
    private long _bytes;

    /// <summary>
    /// The number of pieces and the next piece, in one: so a helper that comes late, when other pieces are being prepared, finds that
    /// there is nothing left to do, or helps with them once they are ready.
    /// </summary>
    private long _ticket;
    private int _done;

    private static int Helpers { get; } = Environment.ProcessorCount - 1;

    /// <summary>Adds memory to be scanned. It must stay where it is until the scan is over.</summary>
    public void Add(ReadOnlySpan<byte> memory, ScalarType type, int tensor)
    {
        for (int offset = 0; offset < memory.Length; offset += PieceBytes)
        {
            ReadOnlySpan<byte> piece = memory.Slice(offset, Math.Min(PieceBytes, memory.Length - offset));
            nint start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(piece));
            _pieces.Add(new Piece(start, piece.Length, type, tensor));
        }

        _bytes += memory.Length;
    }

    /// <summary>Scans all that was added, and adds each result to its tensor's statistics.</summary>
    public void ScanInto(Span<TensorStatistics> statistics)
    {
        int count = _pieces.Count;
        if (_results.Length < count)
        {
            _results = new TensorStatistics[count];
        }

        if (_bytes < ParallelBytes || Helpers == 0)
        {
            for (int i = 0; i < count; i++)
            {
                _results[i] = _pieces[i].Scan();
            }
        }
        else
        {
            ScanTogether(count);
        }

        for (int i = 0; i < count; i++)
        {
            statistics[_pieces[i].Tensor] += _results[i];
        }

        _pieces.Clear();
        _bytes = 0;
    }

    void IThreadPoolWorkItem.Execute() => Work();

    private void ScanTogether(int count)
    {
        Volatile.Write(ref _done, 0);
        Volatile.Write(ref _ticket, (long)count << 32);
        int helpers = Math.Min(Helpers, (int)(_bytes / (ParallelBytes / 4)));
        for (int i = 0; i < helpers; i++)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        Work();
        // What is left is at most one piece for each helper that came.
        var wait = new SpinWait();
        while (Volatile.Read(ref _done) < count)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void Work()
    {
        while (true)
        {
            long ticket = Interlocked.Increment(ref _ticket) - 1;
            (int piece, int count) = ((int)ticket, (int)(ticket >> 32));
            if (piece >= count)
            {
                return;
            }

            _results[piece] = _pieces[piece].Scan();
            _ = Interlocked.Increment(ref _done);
        }
    }

    private readonly record struct Piece(nint Start, int Bytes, ScalarType Type, int Tensor)
    {
        public TensorStatistics Scan() => Type switch
        {
            ScalarType.Float32 => VectorScan.Scan(new ReadOnlySpan<float>((void*)Start, Bytes / sizeof(float))),
            ScalarType.Float64 => VectorScan.Scan(new ReadOnlySpan<double>((void*)Start, Bytes / sizeof(double))),
            ScalarType.Float16 => VectorScan.Scan<HalfFormat>(new ReadOnlySpan<ushort>((void*)Start, Bytes / sizeof(ushort))),
            _ => VectorScan.Scan<BFloat16Format>(new ReadOnlySpan<ushort>((void*)Start, Bytes / sizeof(ushort))),
        };
    }
}
