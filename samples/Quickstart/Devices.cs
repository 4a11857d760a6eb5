using TorchSharp;

namespace Quickstart;

/// <summary>The device that the user asks for, if the machine has it.</summary>
internal static class Devices
{
    public static torch.Device Find(string name) =>
        name != "cuda" || torch.cuda.is_available()
            ? torch.device(name)
            : throw new QuickstartException("--device cuda: there is no CUDA device, or the program was built with the CPU build of libtorch");
}
