using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>
/// The temporal-order task of Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013), section
/// 4.1: two relevant symbols in a long sequence of others, and the network has to tell at the end which came first. 50 tanh units,
/// SGD with a rate of 0.01, batches of 20, a threshold of 1.0; a run succeeds with less than 1 % errors on 10,000 new sequences.
/// </summary>
internal static class TemporalOrder
{
    public const string Name = "temporal-order";

    private const int Seeds = 5;
    private const int Batch = 20;
    private const int Units = 50;
    private const int Symbols = 6;
    private const int TestSequences = 10_000;
    private const int TestEvery = 1000;

    /// <param name="args">The most updates of a run, then the lengths of the sequences.</param>
    public static int Run(string[] args)
    {
        int updates = args.Length > 0 ? int.Parse(args[0]) : 50_000;
        int[] lengths = args.Length > 1 ? [.. args.Skip(1).Select(int.Parse)] : [20, 30, 50];
        Console.WriteLine($"Temporal order: successes of {Seeds} seeds within {updates:N0} updates, and the updates that each success took.");
        Console.WriteLine("length  protection              success  updates of each success; test errors of each failure");
        foreach (int length in lengths)
        {
            foreach (Protection protection in Stepping.All)
            {
                Result[] results = [.. Enumerable.Range(1, Seeds).Select(seed => Train(length, protection, updates, seed))];
                string taken = string.Join(" ", results.Where(r => r.Succeeded).Select(r => $"{r.Updates:N0}"));
                string missed = string.Join(" ", results.Where(r => !r.Succeeded).Select(r => r.IsFinite ? $"{r.Errors:P1}" : "NaN"));
                Console.WriteLine(
                    $"{length,6}  {Stepping.NameOf(protection),-22} {results.Count(r => r.Succeeded),4} / {Seeds}  "
                    + $"{taken}{(missed.Length > 0 ? "; " : "")}{missed}");
            }
        }

        return 0;
    }

    private static Result Train(int length, Protection protection, int updates, int seed)
    {
        _ = manual_seed(seed);
        var random = new Random(seed);
        using var model = new Network();
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.01);
        using var stepping = new Stepping(protection, model, optimizer);
        double errors = 1;
        for (int update = 1; update <= updates; update++)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor x, Tensor y) = Sequences(random, length, Batch);
            optimizer.zero_grad();
            Tensor loss = nn.functional.cross_entropy(model.call(x), y);
            loss.backward();
            bool goesOn = stepping.Step(loss);
            if (update % TestEvery == 0 || !goesOn)
            {
                bool isFinite = model.parameters().All(parameter => parameter.isfinite().all().item<bool>());
                errors = isFinite ? Errors(model, length) : 1;
                if (errors < 0.01 || !isFinite || !goesOn)
                {
                    return new(errors < 0.01, update, errors, isFinite);
                }
            }
        }

        return new(false, updates, errors, true);
    }

    /// <summary>The share of new sequences, the same in every run, that are told wrongly.</summary>
    private static double Errors(Network model, int length)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor x, Tensor y) = Sequences(new Random(12345), length, TestSequences);
        return 1 - (model.call(x).argmax(1) == y).to(ScalarType.Float64).mean().item<double>();
    }

    /// <summary>
    /// One of two relevant symbols lies somewhere in the second tenth, the other in the fifth tenth; all others are one of four. The class
    /// is the pair of relevant symbols.
    /// </summary>
    private static (Tensor X, Tensor Y) Sequences(Random random, int length, int count)
    {
        var x = new float[length * count * Symbols];
        var y = new long[count];
        for (int sequence = 0; sequence < count; sequence++)
        {
            int first = random.Next(length / 10, 2 * length / 10);
            int second = random.Next(4 * length / 10, 5 * length / 10);
            y[sequence] = random.Next(4);
            for (int time = 0; time < length; time++)
            {
                long symbol = time == first ? y[sequence] / 2 : time == second ? y[sequence] % 2 : 2 + random.Next(4);
                x[(((time * count) + sequence) * Symbols) + symbol] = 1;
            }
        }

        return (tensor(x, [length, count, Symbols]), tensor(y));
    }

    private readonly record struct Result(bool Succeeded, int Updates, double Errors, bool IsFinite);

    /// <summary>The paper's "basic tanh": weights normal with a deviation of 0.1, biases zero.</summary>
    private sealed class Network : nn.Module<Tensor, Tensor>
    {
        private readonly RNN _recurrent = nn.RNN(Symbols, Units, nonLinearity: nn.NonLinearities.Tanh);
        private readonly Linear _head = nn.Linear(Units, 4);

        public Network()
            : base("temporal order")
        {
            RegisterComponents();
            foreach ((string name, Parameter parameter) in named_parameters())
            {
                _ = name.Contains("bias") ? nn.init.zeros_(parameter) : nn.init.normal_(parameter, 0, 0.1);
            }
        }

        public override Tensor forward(Tensor input) => _head.call(_recurrent.call(input).Item1[-1]);
    }
}
