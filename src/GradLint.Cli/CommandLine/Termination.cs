using System.Runtime.InteropServices;

namespace GradLint.Cli.CommandLine;

/// <summary>
/// Ctrl+C and SIGTERM: the work is cancelled, and the exit code says by which of them. What does not hear of it, as a read that waits for a pipe,
/// is left behind after a moment.
/// </summary>
internal sealed class Termination : IDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private readonly PosixSignalRegistration[] _registrations;

    public Termination()
    {
        var source = new CancellationTokenSource();
        Requested = source.Token;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => End(signal, source, ExitCode.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, source, ExitCode.Terminated)),
        ];
    }

    public CancellationToken Requested { get; }

    /// <summary>As the signal wants it; <see langword="null"/> where none came.</summary>
    public int? Code { get; private set; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void End(PosixSignalContext signal, CancellationTokenSource source, int code)
    {
        signal.Cancel = true;
        Code = code;
        source.Cancel();
        _ = Task.Delay(s_grace).ContinueWith(_ => Environment.Exit(code), TaskScheduler.Default);
    }
}
