using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.Ranges;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>What the rules on numerics can see from one place in the code.</summary>
internal sealed class NumericSight(Compilation compilation, TrainingCode code, CancellationToken cancellation)
{
    private const int LongestQuote = 40;

    private readonly NetworkModels _networks = NetworkModels.Of(compilation, code.TorchSharp);
    private readonly DifferentiatedCode _differentiated = DifferentiatedCode.Of(compilation, code);
    private readonly RangeReader _ranges = new(
        code,
        NetworkModels.Of(compilation, code.TorchSharp),
        compilation.Options.OutputKind is OutputKind.ConsoleApplication or OutputKind.WindowsApplication,
        cancellation);

    public TorchSharpSymbols TorchSharp => code.TorchSharp;

    public TensorRange RangeOf(IOperation? value) => _ranges.Read(value);

    public double? NumberOf(IOperation? value) => _ranges.Number(value);

    public NetworkModel? NetworkOf(IOperation module) =>
        _networks.Find(module, cancellation) ?? (_ranges.CreationsOf(module) is [var only] ? _networks.Find(only, cancellation) : null);

    /// <summary>By name and signature alone.</summary>
    public bool MayBeDifferentiated(SyntaxNode site) => FunctionBody.Around(site) is { } function && _differentiated.MayContain(function, cancellation);

    public bool IsInDifferentiatedFunction(SyntaxNode block) => FunctionBody.Around(block) is { } function && _differentiated.IsDifferentiated(function, cancellation);

    /// <summary>Whether gradients flow through the value: in a training function, data that no network has touched does not count.</summary>
    public bool IsDifferentiated(IOperation value, TensorRange range) =>
        (range.IsFromNetwork || _differentiated.IsInForward(value.Syntax, cancellation)) && _differentiated.Contains(value, cancellation);

    /// <summary>TorchSharp's function of that name, on a tensor; null for anything else.</summary>
    public (string Name, IOperation Input)? FunctionAt(IOperation operation) =>
        operation is IInvocationOperation call && Tensors.IsFunction(call, TorchSharp) && Tensors.InputOf(call, TorchSharp) is { } input
            ? (Tensors.FunctionOf(call), input)
            : null;

    /// <summary>What a loss of the library is given as prediction: the functional form or the module; null for another call.</summary>
    public IOperation? PredictionOf(IOperation operation, string function, string module)
    {
        if (operation is not IInvocationOperation call)
        {
            return null;
        }

        bool isLoss = TorchSharpSymbols.IsMethodOf(call.TargetMethod, TorchSharp.Functional, function)
            || call.TargetMethod.Name is "call" or "forward" && call.Arguments.Length >= 2 && IsLossModule(call.Instance, module);
        return isLoss ? call.FirstArgument() : null;
    }

    /// <summary>The factory calls that a loss module comes from.</summary>
    public ImmutableArray<SyntaxNode> CreationsOf(IOperation? module) =>
        module is null ? ImmutableArray<SyntaxNode>.Empty : _ranges.CreationsOf(module).Select(creation => creation.Syntax).ToImmutableArray();

    public static string Quote(SyntaxNode code)
    {
        string text = string.Join(" ", code.ToString().Split((char[]?)null, System.StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= LongestQuote ? text : text.Substring(0, LongestQuote - 3) + "...";
    }

    /// <summary>What makes the values reach 0, as a message says it.</summary>
    public static string InWords(TensorRange range) => range.Maker.IndexOf(' ') < 0 ? $"'{range.Maker}'" : range.Maker;

    private bool IsLossModule(IOperation? module, string name)
    {
        IOperation? holder = module.WalkDownConversions();
        return holder is not null
            && TorchSharp.IsModule(holder.Type)
            && (IsNamed(holder.Type, name) || _ranges.CreationsOf(holder) is { Count: > 0 } creations && creations.All(creation => IsNamed(creation.Type, name)));
    }

    private bool IsNamed(ITypeSymbol? type, string name) => type?.Name == name && TorchSharp.Declares(type);
}
