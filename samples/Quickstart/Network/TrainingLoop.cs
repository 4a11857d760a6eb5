using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Quickstart;

/// <summary>
/// The shape of <see cref="RiskyNet.Train"/>, as written and as repaired: it makes its own model, trains it on the batches
/// and returns it. Only types of .NET and TorchSharp, so that RiskyNet.cs knows nothing of this program.
/// </summary>
internal delegate Module<Tensor, Tensor> TrainingLoop(
    IEnumerable<(Tensor Images, Tensor Labels)> batches, Device device, Action<Module, Tensor> observe);
