using System.Globalization;
using System.Runtime.InteropServices;
using GradLint.Cuda;
using TorchSharp;
using static TorchSharp.torch;

// The guard on a device against the guard on the CPU, and against clip_grad_norm_: see run.sh.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string name = args.FirstOrDefault("cuda");
if (name != "cpu")
{
    // Nothing else loads it, and without it libtorch knows no such device.
    _ = NativeLibrary.TryLoad(Path.Combine(AppContext.BaseDirectory, "libtorch_cuda.so"), out _);
    if (!torch.cuda_is_available())
    {
        Console.Error.WriteLine("libtorch finds no CUDA device.");
        return 2;
    }
}

var device = new Device(name);
Console.WriteLine($"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, libtorch {torch.__version__}, device {device}");
int failures = Checks.Run(device);
Operations.Run(device, ref failures);
Times.Run(device);
Console.WriteLine(failures == 0 ? "All checks passed." : $"{failures} checks failed.");
return failures == 0 ? 0 : 1;
