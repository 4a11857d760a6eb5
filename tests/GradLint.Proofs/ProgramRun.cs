using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;

namespace GradLint.Proofs;

/// <summary>
/// Runs a compiled program in a process of its own, which is this one started again: so it finds TorchSharp, and what it does to memory, random numbers or
/// the console stays there.
/// </summary>
internal static class ProgramRun
{
    private const string Command = "run";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <summary>What the program writes.</summary>
    /// <exception cref="ProofException">It fails, or does not come to an end.</exception>
    public static async Task<string> OutputOfAsync(string program, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ProgramRun).Assembly.Location, Command, program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["OMP_NUM_THREADS"] = "1", ["MKL_NUM_THREADS"] = "1" },
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new ProofException($"It still runs after {s_limit.TotalSeconds} s.");
        }

        return process.ExitCode == 0 ? await output : throw new ProofException($"It ends with exit code {process.ExitCode}: {await errors}");
    }

    /// <summary>The other end: whether the arguments ask for a program to be run, and running it.</summary>
    public static bool IsAsked(string[] args)
    {
        if (args is not [Command, string program])
        {
            return false;
        }

        MethodInfo entry = AssemblyLoadContext.Default.LoadFromAssemblyPath(program).EntryPoint!;
        object? result = entry.Invoke(null, BindingFlags.DoNotWrapExceptions, null, entry.GetParameters().Length == 0 ? [] : [Array.Empty<string>()], null);
        (result as Task)?.GetAwaiter().GetResult();
        return true;
    }
}
