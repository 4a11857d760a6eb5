// expects: GL1010
// symptom: how many times larger the gradient is at the first of 40 time steps than at the last
// sick: > 10
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// Weights of standard deviation 1 between 64 states: what goes back through time is multiplied by them at every step.
random.manual_seed(1);
var model = new Reader();
using Tensor x = randn(40, 32, 8).requires_grad_();
model.call(x).sum().backward();
double first = x.grad![0].norm().item<float>();
double last = x.grad![39].norm().item<float>();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {first / last}"));

class Reader : Module<Tensor, Tensor>
{
    private readonly RNN rnn = RNN(8, 64);
    private readonly Linear head = Linear(64, 1);

    public Reader() : base("reader")
    {
        RegisterComponents();
        foreach (var (name, parameter) in named_parameters())
        {
            if (name.Contains("weight_hh"))
            {
                init.normal_(parameter);
            }
        }
    }

    public override Tensor forward(Tensor x) => head.call(rnn.call(x).Item1[-1]);
}
