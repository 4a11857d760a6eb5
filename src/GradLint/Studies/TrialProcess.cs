using System.Diagnostics;

namespace GradLint;

/// <summary>A trial in a process of its own: this program once more, which finds in its environment what it is to do.</summary>
internal static class TrialProcess
{
    private const string Task = "GRADLINT_TRIAL";
    private const string ResultFile = "GRADLINT_TRIAL_RESULT";
    private const string Study = "GRADLINT_TRIAL_STUDY";
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>What this process is to do; null if it is no trial's.</summary>
    public static (string Mitigation, int Seed, string ResultFile)? Assignment =>
        Environment.GetEnvironmentVariable(Task)?.Split('\n') is [string mitigation, string seed]
            ? (mitigation, int.Parse(seed), Environment.GetEnvironmentVariable(ResultFile)!)
            : null;

    /// <summary>Ends this process, a trial's, as soon as that of the study is gone: nobody would read its result.</summary>
    public static void EndWithTheStudy()
    {
        int study = int.Parse(Environment.GetEnvironmentVariable(Study)!);
        new Thread(() =>
        {
            try
            {
                using var process = Process.GetProcessById(study);
                process.WaitForExit();
            }
            catch (ArgumentException)
            {
                // It is gone already.
            }

            File.Delete(Environment.GetEnvironmentVariable(ResultFile)!);
            Process.GetCurrentProcess().Kill();
        })
        {
            IsBackground = true,
        }.Start();
    }

    /// <returns>The result, and whether the trial came to its end: one that did not is to be trained again by the next study.</returns>
    public static (TrialResult Result, bool HasEnded) Run(string mitigation, int seed, string study, long memory, CancellationToken cancellation)
    {
        string file = Path.Combine(Path.GetTempPath(), $"gradlint-trial-{Guid.NewGuid():N}.jsonl");
        try
        {
            using Process process = Process.Start(StartInfo(mitigation, seed, file))!;
            // Who writes to a pipe that nobody reads stands still.
            process.OutputDataReceived += (_, _) => { };
            string? complaint = null;
            process.ErrorDataReceived += (_, line) => complaint ??= line.Data;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            while (!process.WaitForExit(s_betweenLooks))
            {
                if (cancellation.IsCancellationRequested || MemoryOf(process) > memory)
                {
                    process.Kill(entireProcessTree: true);
                    process.WaitForExit();
                    cancellation.ThrowIfCancellationRequested();
                    return Failed($"it took more than {memory / 1e6:F0} MB of memory");
                }
            }

            return TrialFile.Read(file, study) is [TrialResult result]
                ? (result, true)
                : Failed($"its process ended with exit code {process.ExitCode}: {complaint ?? "without a word"}");
        }
        finally
        {
            File.Delete(file);
        }

        (TrialResult, bool) Failed(string why) => (new(mitigation, seed, double.NaN, double.NaN, double.NaN, why), false);
    }

    /// <summary>In bytes; 0 once it has ended, which it may do at any moment.</summary>
    private static long MemoryOf(Process process)
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    private static ProcessStartInfo StartInfo(string mitigation, int seed, string resultFile)
    {
        string[] arguments = Environment.GetCommandLineArgs();
        string program = Environment.ProcessPath!;
        // "dotnet program.dll ..." has the assembly as its first argument, an executable does not.
        bool throughHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var start = new ProcessStartInfo(program, throughHost ? arguments : arguments.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Task] = $"{mitigation}\n{seed}";
        start.Environment[ResultFile] = resultFile;
        start.Environment[Study] = $"{Environment.ProcessId}";
        // The processes are the parallelism.
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["MKL_NUM_THREADS"] = "1";
        return start;
    }
}
