using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Extraction;

/// <summary>One attempt to run a compiled model with an input of some shape, in a process of its own: an input that does not fit may end the process in native code.</summary>
/// <param name="Image">The file of the compiled sources.</param>
/// <param name="Type">The full name of the model's class, or of the class with its factory.</param>
/// <param name="Factory">The static method that makes it; empty for a constructor.</param>
/// <param name="Shape">The input's shape without the batch.</param>
/// <param name="Indices">The number of indices to draw the input from, for an embedding; 0 for an input of N(0, 1).</param>
internal sealed record Trial(string Image, string Type, string Factory, IReadOnlyList<long> Shape, int Indices)
{
    public const int Batch = 16;

    private const string Argument = "--trial";

    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(8);

    /// <summary>Null where the model does not take the input. With a folder, what was measured is kept there, and read where it is there already.</summary>
    public TrialResult? Run(int seeds, string? kept)
    {
        string? file = kept is null ? null : Path.Combine(kept, $"{Type}.{Factory}.{string.Join('x', Shape)}.{seeds}.txt");
        string? text = file is not null && File.Exists(file) ? File.ReadAllText(file) : Output(seeds);
        if (file is not null)
        {
            File.WriteAllText(file, text);
        }

        return string.IsNullOrEmpty(text) ? null : TrialResult.Parse(text);
    }

    private string? Output(int seeds)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] program = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Trial).Assembly.Location] : [];
        foreach (string argument in (string[])[.. program, Argument, Image, Type, Factory, string.Join('x', Shape), Indices.ToString(CultureInfo.InvariantCulture), seeds.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_longest))
        {
            process.Kill();
            return null;
        }

        return process.ExitCode == 0 ? output.Result : null;
    }

    /// <summary>The other side: runs the trial that the arguments describe, and prints what it measured; null where they describe none.</summary>
    public static int? RunFrom(string[] arguments)
    {
        if (arguments is not [Argument, var image, var type, var factory, var shape, var indices, var seeds])
        {
            return null;
        }

        Trial trial = new(image, type, factory, [.. shape.Split('x').Select(size => long.Parse(size, CultureInfo.InvariantCulture))], int.Parse(indices, CultureInfo.InvariantCulture));
        try
        {
            Console.Out.Write(TrialResult.Of([.. Enumerable.Range(1, int.Parse(seeds, CultureInfo.InvariantCulture)).Select(trial.Measure)]));
            return 0;
        }
        catch (Exception error) when (error is ExternalException or ArgumentException or InvalidOperationException or TargetInvocationException)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    private FlowMeasurement Measure(int seed)
    {
        using DisposeScope scope = NewDisposeScope();
        set_num_threads(1);
        random.manual_seed(seed);
        using nn.Module<Tensor, Tensor> module = Create();
        Tensor input = Indices > 0 ? randint(Indices, [Batch, .. Shape], int64) : randn([Batch, .. Shape]);
        return FlowMeasurement.Of(module, input, Loss);
    }

    private nn.Module<Tensor, Tensor> Create()
    {
        Type type = new AssemblyLoadContext(Path.GetFileNameWithoutExtension(Image)).LoadFromAssemblyPath(Image).GetType(Type, throwOnError: true)!;
        MethodBase maker = Factory.Length == 0 ? Makers.Constructor(type)! : Makers.Factory(type, Factory)!;
        return (nn.Module<Tensor, Tensor>)(maker is ConstructorInfo constructor ? constructor.Invoke(Makers.Arguments(maker, type.Name)) : maker.Invoke(null, Makers.Arguments(maker, Factory)))!;
    }

    // Against N(0, 1); where the output is the logarithm of probabilities, the likelihood of random classes.
    private static Tensor Loss(Tensor output)
    {
        bool isLogarithm = output.dim() == 2 && output.exp().sum(1).sub(1).abs().max().item<float>() < 1e-3;
        return isLogarithm
            ? nn.functional.nll_loss(output, randint(output.shape[1], [output.shape[0]], int64))
            : nn.functional.mse_loss(output, randn_like(output));
    }
}
