using System.Diagnostics;
using System.Security.Cryptography;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>
/// Kills a training at random moments while it writes a checkpoint after every step, lets it resume each time, and compares what it
/// reaches in the end with an undisturbed training, bit by bit.
/// </summary>
internal static class KillStudy
{
    public const string Name = "kill";
    private const string Worker = "worker";
    private const int Steps = 25_000;

    /// <param name="arguments">How often to kill; or, for the killed process, where its files are.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments)
    {
        if (arguments is [Worker, string folder])
        {
            Train(folder);
            return 0;
        }

        int kills = arguments is [string count] ? int.Parse(count) : 200;
        string disturbed = Directory.CreateTempSubdirectory("gradlint-kill-").FullName;
        string undisturbed = Directory.CreateTempSubdirectory("gradlint-kill-").FullName;
        try
        {
            return Compare(kills, disturbed, undisturbed);
        }
        finally
        {
            Directory.Delete(disturbed, recursive: true);
            Directory.Delete(undisturbed, recursive: true);
        }
    }

    private static int Compare(int kills, string disturbed, string undisturbed)
    {
        Console.WriteLine(
            $"A training of {Steps} steps that is killed while it writes checkpoints. Bar: every restart resumes, same bits.");
        using (Process whole = Start(undisturbed))
        {
            whole.WaitForExit();
        }

        var random = new Random(9);
        int killed = 0;
        while (killed < kills && !File.Exists(ResultIn(disturbed)))
        {
            using Process training = Start(disturbed);
            if (!training.WaitForExit(random.Next(200, 500)))
            {
                // SIGKILL: nothing in the process can run any more.
                training.Kill();
                training.WaitForExit();
                killed++;
            }
            else if (training.ExitCode != 0)
            {
                Console.WriteLine($"After {killed} kills a restart failed with exit code {training.ExitCode}.  missed");
                return 1;
            }
        }

        using (Process last = Start(disturbed))
        {
            last.WaitForExit();
        }

        bool same = File.ReadAllText(ResultIn(disturbed)) == File.ReadAllText(ResultIn(undisturbed));
        Console.WriteLine($"{killed} kills, {(same ? "the same bits" : "other bits  missed")}");
        return same ? 0 : 1;
    }

    private static Process Start(string folder) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Name, Worker, folder]))!;

    private static string ResultIn(string folder) => Path.Combine(folder, "result");

    private static void Train(string folder)
    {
        _ = manual_seed(1);
        set_num_threads(1);
        using Sequential model = nn.Sequential(nn.Linear(20, 50), nn.BatchNorm1d(50), nn.ReLU(), nn.Dropout(0.2), nn.Linear(50, 1));
        using Adam optimizer = optim.Adam(model.parameters(), 1e-3);
        using var guard = GradientGuard.For(model, optimizer);
        string checkpoint = Path.Combine(folder, "checkpoint");
        if (File.Exists(checkpoint))
        {
            guard.LoadCheckpoint(checkpoint);
        }

        while (guard.Summary.Steps < Steps)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor x = randn(16, 20);
            Tensor loss = nn.functional.mse_loss(model.call(x), x.sum(1, keepdim: true));
            loss.backward();
            _ = guard.Step(loss);
            if (!guard.TrySaveCheckpoint(checkpoint, out string? refusal))
            {
                throw new InvalidOperationException(refusal);
            }
        }

        File.WriteAllText(ResultIn(folder), Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(checkpoint))));
    }
}
