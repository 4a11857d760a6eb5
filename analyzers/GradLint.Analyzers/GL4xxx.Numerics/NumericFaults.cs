using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.Ranges;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
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
        GL4004UnboundedExponentialAnalyzer.Judge);

    /// <summary>Looks at every call of a module, and only advises: found by itself, so that a build, which shows no advice, does without.</summary>
    private static readonly ImmutableArray<Func<IOperation, NumericSight, NumericFault?>> s_lastRule = ImmutableArray.Create<Func<IOperation, NumericSight, NumericFault?>>(
        GL4009UnscaledInputAnalyzer.Judge);

    private static readonly ImmutableHashSet<string> s_functions = ImmutableHashSet.Create(
        StringComparer.Ordinal,
        "log", "log_", "log2", "log2_", "log10", "log10_", "log1p", "log1p_", "sqrt", "sqrt_", "rsqrt", "rsqrt_", "pow", "pow_", "div", "div_", "divide", "divide_", "true_divide",
        "true_divide_", "reciprocal", "reciprocal_", "exp", "exp_", "exp2", "expm1", "cross_entropy", "binary_cross_entropy");

    private static readonly string[] s_modules = ["call", "forward"];

    private readonly Compilation _compilation;
    private readonly TrainingCode _code;
    private readonly Memo<SyntaxTree, ImmutableArray<NumericFault>> _ofFile = new(EqualityComparer<SyntaxTree>.Default);
    private readonly Memo<SyntaxTree, ImmutableArray<NumericFault>> _bytesOfFile = new(EqualityComparer<SyntaxTree>.Default);

    private NumericFaults(Compilation compilation, TorchSharpSymbols torchSharp)
    {
        _compilation = compilation;
        _code = TrainingCode.Of(compilation, torchSharp);
    }

    public static NumericFaults Of(Compilation compilation, TorchSharpSymbols torchSharp) =>
        s_ofCompilation.GetValue(compilation, key => new NumericFaults(key, torchSharp));

    /// <summary>All but the bytes that go unscaled into a network.</summary>
    public ImmutableArray<NumericFault> In(SyntaxTree file, CancellationToken cancellation) =>
        _ofFile.Get(file, () => Find(SitesIn(FileNames.Of(file, cancellation)), s_rules, cancellation));

    /// <summary>The bytes that go unscaled into a network, where no other rule speaks on the line.</summary>
    public ImmutableArray<NumericFault> OfBytesIn(SyntaxTree file, CancellationToken cancellation) =>
        _bytesOfFile.Get(file, () => FindBytes(file, cancellation));

    private ImmutableArray<NumericFault> FindBytes(SyntaxTree file, CancellationToken cancellation)
    {
        if (!_code.Source.Names.MentionAny(RangeReader.MakersOfBytes, cancellation))
        {
            return ImmutableArray<NumericFault>.Empty;
        }

        var taken = new HashSet<int>(In(file, cancellation).Select(LineOf));
        return Find(InOrder(CallsOfModules(FileNames.Of(file, cancellation), leastArguments: 1)), s_lastRule, cancellation).RemoveAll(fault => taken.Contains(LineOf(fault)));
    }

    private ImmutableArray<NumericFault> Find(SyntaxNode[] sites, ImmutableArray<Func<IOperation, NumericSight, NumericFault?>> rules, CancellationToken cancellation)
    {
        if (sites.Length == 0)
        {
            return ImmutableArray<NumericFault>.Empty;
        }

        var sight = new NumericSight(_compilation, _code, cancellation);
        var differentiated = new Dictionary<SyntaxNode, bool>();
        var found = new List<(SyntaxNode Block, NumericFault Fault)>();
        foreach (SyntaxNode site in sites)
        {
            if (sight.MayBeDifferentiated(site) && _code.Source.OperationAt(site, cancellation) is { } operation && IsCandidate(operation) && IsInDifferentiatedFunction(site)
                && rules.Select(judge => judge(operation, sight)).FirstOrDefault(fault => fault is not null) is { } fault)
            {
                found.Add((operation.Root().Syntax, fault));
            }
        }

        return found.GroupBy(one => (one.Block, LineOf(one.Fault)), one => one.Fault)
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

    private static int LineOf(NumericFault fault) => fault.Location.GetLineSpan().StartLinePosition.Line;

    /// <summary>What may be a candidate, by name. A call of a module is one where it takes a prediction and a target.</summary>
    private static SyntaxNode[] SitesIn(FileNames file) =>
        InOrder(s_functions.SelectMany(file.CallsOf).Where(site => site is InvocationExpressionSyntax).Concat(CallsOfModules(file, leastArguments: 2)).Concat(file.Divisions));

    private static IEnumerable<SyntaxNode> CallsOfModules(FileNames file, int leastArguments) => s_modules.SelectMany(file.CallsOf)
        .Where(site => site is InvocationExpressionSyntax call && call.ArgumentList.Arguments.Count >= leastArguments);

    /// <summary>The order of the code, the outermost first.</summary>
    private static SyntaxNode[] InOrder(IEnumerable<SyntaxNode> sites) => sites.OrderBy(site => site.SpanStart).ThenByDescending(site => site.Span.Length).ToArray();

    private bool IsCandidate(IOperation operation) => operation switch
    {
        IInvocationOperation call => (s_functions.Contains(call.TargetMethod.Name) || s_modules.Contains(call.TargetMethod.Name)) && (_code.TorchSharp.Declares(call.TargetMethod) || _code.TorchSharp.IsModule(call.Instance?.Type)),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Divide } division => _code.TorchSharp.IsTensor(division.Type),
        ICompoundAssignmentOperation { OperatorKind: BinaryOperatorKind.Divide } division => _code.TorchSharp.IsTensor(division.Type),
        _ => false,
    };
}
