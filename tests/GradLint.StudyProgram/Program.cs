using System.Globalization;
using GradLint;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// A study of a training that explodes without clipping, for the tests, which run it, and kill it:
//   GradLint.StudyProgram results.jsonl picture.svg processes megabytes pause
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
(string results, string picture) = (args[0], args[1]);
(int processes, long memory, int pause) = (int.Parse(args[2]), long.Parse(args[3]) << 20, int.Parse(args[4]));
set_num_threads(1);
var study = new MitigationStudy(
    () => Sequential(Linear(4, 1)),
    (size, epoch) => Enumerable.Range(0, 2).Select(_ => Batch(size)),
    (output, y) => functional.mse_loss(output, y),
    new()
    {
        Mitigations = [.. Mitigation.All().Where(mitigation => mitigation.Name is "none" or "clip global norm 1" or "ELU")],
        Seeds = 3,
        Epochs = 20,
        Optimizer = parameters => optim.SGD(parameters, 0.2),
        Processes = processes,
        MemoryPerProcess = memory,
    });
MitigationTable table = study.Run(results);
Console.WriteLine(table);
File.WriteAllText(picture, table.ToSvg());

(Tensor X, Tensor Y) Batch(int size)
{
    Thread.Sleep(pause);
    Tensor x = 100 * randn(size, 4);
    return (x, x.sum(1, keepdim: true));
}
