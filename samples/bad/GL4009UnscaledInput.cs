// expects: GL4009
// symptom: the norm of the first layer's gradient before the first step
// sick: > 10
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.set_num_threads(1);
torch.random.manual_seed(1);
Linear first = Linear(784, 64);
var model = Sequential(first, ReLU(), Linear(64, 10));
Tensor images = torch.randint(0, 256, new long[] { 32, 784 }).to_type(ScalarType.Float32);
Tensor classes = torch.randint(0, 10, new long[] { 32 });
Tensor loss = functional.cross_entropy(model.call(images), classes);
loss.backward();
Console.WriteLine($"symptom: {first.weight!.grad!.norm().item<float>().ToString(CultureInfo.InvariantCulture)}");
