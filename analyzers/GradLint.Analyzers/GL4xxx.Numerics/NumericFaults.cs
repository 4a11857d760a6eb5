using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>
/// The faults of each block of code, found once for all the rules on numerics: they judge the same operations, and where several would speak on one line
/// the first of them does.
/// </summary>
internal sealed class NumericFaults
{
    private static readonly ConditionalWeakTable<Compilation, NumericFaults> s_ofCompilation = new();

    /// <summary>The more particular before the more general, warnings before advice.</summary>
    private static readonly ImmutableArray<Func<IOperation, NumericSight, NumericFault?>> s_rules = ImmutableArray.Create<Func<IOperation, NumericSight, NumericFault?>>(
        GL4005LogOfSoftmaxAnalyzer.Judge,
        GL4001UnsafeLogarithmAnalyzer.Judge,
        GL4002UnsafeSquareRootAnalyzer.Judge,
        GL4007SoftmaxBeforeCrossEntropyAnalyzer.Judge,
        GL4006SigmoidBeforeBinaryCrossEntropyAnalyzer.Judge,
        GL4003UnsafeDivisionAnalyzer.Judge,
        GL4004UnboundedExponentialAnalyzer.Judge,
        GL4009UnscaledInputAnalyzer.Judge);

    private static readonly ImmutableHashSet<string> s_functions = ImmutableHashSet.Create(
        StringComparer.Ordinal,
        "log", "log_", "log2", "log2_", "log10", "log10_", "log1p", "log1p_", "sqrt", "sqrt_", "rsqrt", "rsqrt_", "pow", "pow_", "div", "div_", "divide", "divide_", "true_divide",
        "true_divide_", "reciprocal", "reciprocal_", "exp", "exp_", "exp2", "expm1", "cross_entropy", "binary_cross_entropy", "call", "forward");

    private readonly Compilation _compilation;
    private readonly TrainingCode _code;
    private readonly ConcurrentDictionary<SyntaxNode, ImmutableArray<NumericFault>> _ofBlock = new();

    private NumericFaults(Compilation compilation, TorchSharpSymbols torchSharp)
    {
        _compilation = compilation;
        _code = TrainingCode.Of(compilation, torchSharp);
    }

    public static NumericFaults Of(Compilation compilation, TorchSharpSymbols torchSharp) =>
        s_ofCompilation.GetValue(compilation, key => new NumericFaults(key, torchSharp));

    public ImmutableArray<NumericFault> In(ImmutableArray<IOperation> blocks, CancellationToken cancellation) =>
        blocks.SelectMany(block => In(block, cancellation)).ToImmutableArray();

    private ImmutableArray<NumericFault> In(IOperation block, CancellationToken cancellation)
    {
        if (!_ofBlock.TryGetValue(block.Syntax, out ImmutableArray<NumericFault> faults))
        {
            faults = Find(block, cancellation);
            _ofBlock.TryAdd(block.Syntax, faults);
        }

        return faults;
    }

    private ImmutableArray<NumericFault> Find(IOperation block, CancellationToken cancellation)
    {
        var sight = new NumericSight(_compilation, _code, cancellation);
        var differentiated = new Dictionary<SyntaxNode, bool>();
        var found = new List<NumericFault>();
        foreach (IOperation operation in block.DescendantsAndSelf())
        {
            if (IsCandidate(operation) && IsInDifferentiatedFunction(operation.Syntax))
            {
                found.AddRange(s_rules.Select(judge => judge(operation, sight)).OfType<NumericFault>().Take(1));
            }
        }

        return found.GroupBy(fault => fault.Location.GetLineSpan().StartLinePosition.Line)
            .Select(line => First(line.ToList()))
            .ToImmutableArray();

        bool IsInDifferentiatedFunction(SyntaxNode site)
        {
            if (FunctionBody.Around(site) is not { } function)
            {
                return false;
            }

            if (!differentiated.TryGetValue(function, out bool known))
            {
                differentiated.Add(function, known = sight.IsInDifferentiatedFunction(site));
            }

            return known;
        }
    }

    /// <summary>The gravest on a line speaks, for those of its kind on that line too.</summary>
    private static NumericFault First(IReadOnlyList<NumericFault> line)
    {
        NumericFault first = line.OrderBy(fault => fault.Level == RuleLevel.Warning ? 0 : 1).First();
        return first with { Alike = line.Where(fault => fault != first && fault.Rule == first.Rule).ToImmutableArray() };
    }

    private bool IsCandidate(IOperation operation) => operation switch
    {
        IInvocationOperation call => s_functions.Contains(call.TargetMethod.Name) && (_code.TorchSharp.Declares(call.TargetMethod) || _code.TorchSharp.IsModule(call.Instance?.Type)),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Divide } division => _code.TorchSharp.IsTensor(division.Type),
        ICompoundAssignmentOperation { OperatorKind: BinaryOperatorKind.Divide } division => _code.TorchSharp.IsTensor(division.Type),
        _ => false,
    };
}
