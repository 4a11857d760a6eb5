using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>What in a compilation gives the weight or bias of a <c>GroupNorm</c> a value, or may do so.</summary>
internal sealed class GroupNormSetters
{
    private static readonly ConditionalWeakTable<Compilation, GroupNormSetters> s_ofCompilation = new();

    private static readonly string[] s_parameters = ["weight", "bias"];
    private static readonly string[] s_fillings = ["fill_", "copy_", "zero_", "set_", "normal_", "uniform_", "add_"];
    private static readonly string[] s_enumerations = ["parameters", "named_parameters", "modules", "named_modules", "children", "named_children", "apply"];

    private readonly ImmutableHashSet<ISymbol> _holders;

    private GroupNormSetters(ImmutableHashSet<ISymbol> holders, bool mayReachAny)
    {
        _holders = holders;
        MayReachAny = mayReachAny;
    }

    /// <summary>Whether something sets parameters of modules that it finds at run time, or loads them while nothing trains.</summary>
    public bool MayReachAny { get; }

    /// <summary>Whether the norm that a variable, field or property holds is set by name.</summary>
    public bool Reach(ISymbol holder) => _holders.Contains(holder);

    public static GroupNormSetters Of(Compilation compilation, TorchSharpSymbols torchSharp, CancellationToken cancellation) =>
        s_ofCompilation.GetValue(compilation, key => Find(key, torchSharp, cancellation));

    private static GroupNormSetters Find(Compilation compilation, TorchSharpSymbols torchSharp, CancellationToken cancellation)
    {
        SourceModels source = SourceModels.Of(compilation);
        FileNames[] files = compilation.SyntaxTrees.Select(tree => FileNames.Of(tree, cancellation)).ToArray();
        var holders = ImmutableHashSet.CreateBuilder<ISymbol>(SymbolEqualityComparer.Default);
        bool mayReachAny = false;
        foreach (SyntaxNode mention in files.SelectMany(MentionsIn))
        {
            if (source.OperationAt(mention, cancellation) is IPropertyReferenceOperation { Property.ContainingType.Name: "GroupNorm", Instance: { } norm })
            {
                ISymbol? holder = HolderOf(norm);
                mayReachAny |= holder is null || (holder is ILocalSymbol && holder.DeclaringSyntaxReferences[0].GetSyntax(cancellation) is not VariableDeclaratorSyntax);
                if (holder is not null)
                {
                    holders.Add(holder);
                }
            }
        }

        mayReachAny |= files.SelectMany(file => s_enumerations.SelectMany(file.CallsOf))
            .OfType<InvocationExpressionSyntax>()
            .Any(call => SetsWhatItFinds(call, torchSharp, source, cancellation));
        mayReachAny |= !files.Any(file => file.CallsOf("backward").Count > 0) && files.Any(file => file.CallsOf("load").Count + file.CallsOf("load_state_dict").Count + file.CallsOf("load_py").Count > 0);
        return new GroupNormSetters(holders.ToImmutable(), mayReachAny);
    }

    /// <summary>A weight or bias that is passed on, assigned, or filled by a method of its own.</summary>
    private static IEnumerable<SyntaxNode> MentionsIn(FileNames file) =>
        s_parameters.SelectMany(name => file.CallsOf(name).Concat(file.AssignmentsTo(name).Select(assigned => assigned.Target)))
            .Concat(s_fillings.SelectMany(file.CallsOf)
                .OfType<InvocationExpressionSyntax>()
                .Select(call => call.Expression)
                .OfType<MemberAccessExpressionSyntax>()
                .Select(filled => filled.Expression)
                .Where(filled => FileNames.NameOf(filled) is { } name && s_parameters.Contains(name)));

    /// <summary>A loop over parameters or modules, or <c>apply</c>, whose code fills tensors.</summary>
    private static bool SetsWhatItFinds(InvocationExpressionSyntax call, TorchSharpSymbols torchSharp, SourceModels source, CancellationToken cancellation)
    {
        if (source.OperationAt(call, cancellation) is not IInvocationOperation operation || !torchSharp.Declares(operation.TargetMethod))
        {
            return false;
        }

        SyntaxNode? body = operation.TargetMethod.Name == "apply"
            ? operation.FirstArgument().WalkDownConversions() switch
            {
                IDelegateCreationOperation { Target: IMethodReferenceOperation { Method: var method } } => method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation),
                var function => function?.Syntax,
            }
            : call.Ancestors().FirstOrDefault(ancestor => ancestor is CommonForEachStatementSyntax or StatementSyntax);
        return body?.DescendantNodes().OfType<InvocationExpressionSyntax>().Any(inner => FileNames.NameOf(inner.Expression) is { } name && name.EndsWith("_", System.StringComparison.Ordinal)
            && !name.StartsWith("clip_grad", System.StringComparison.Ordinal)) == true;
    }

    private static ISymbol? HolderOf(IOperation norm) => norm.WalkDownConversions() switch
    {
        ILocalReferenceOperation local => local.Local,
        IFieldReferenceOperation field => field.Field,
        IPropertyReferenceOperation { Property.IsIndexer: false } property => property.Property,
        _ => null,
    };
}
