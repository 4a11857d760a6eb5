namespace GradLint.Infrastructure;

/// <summary>
/// The names that the rules look for, in the form that <c>Compilation.GetTypeByMetadataName</c> wants. A test resolves
/// each of them against the real TorchSharp.
/// </summary>
internal static class TorchSharpNames
{
    public const string Assembly = "TorchSharp";

    public const string Torch = "TorchSharp.torch";
    public const string Tensor = "TorchSharp.torch+Tensor";
    public const string Nn = "TorchSharp.torch+nn";
    public const string Functional = "TorchSharp.torch+nn+functional";
    public const string Init = "TorchSharp.torch+nn+init";
    public const string Utils = "TorchSharp.torch+nn+utils";
    public const string Module = "TorchSharp.torch+nn+Module";
    public const string Autograd = "TorchSharp.torch+autograd";
    public const string Optim = "TorchSharp.torch+optim";
    public const string Schedulers = "TorchSharp.torch+optim+lr_scheduler";
    public const string Scheduler = "TorchSharp.torch+optim+lr_scheduler+LRScheduler";
    public const string RateController = "TorchSharp.torch+optim+ILearningRateController";
    public const string Optimizer = "TorchSharp.torch+optim+Optimizer";
    public const string Parameter = "TorchSharp.Modules.Parameter";
    public const string OptimizerOptions = "TorchSharp.Modules.OptimizerOptions";
    public const string ParamGroup = "TorchSharp.Modules.ParamGroup";
    public const string Sequential = "TorchSharp.Modules.Sequential";
}
