using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Modeling;

/// <summary>
/// The module classes of whose instances the weights are loaded somewhere in the compilation: how they are initialized then does not matter. Loading in
/// a class's own constructor is not counted, as constructors are interpreted; nor is loading from a file if there is one: without it, training starts afresh; nor is
/// what another module is copied to, such as a target network: it is drawn as that one is.
/// </summary>
internal sealed class LoadedWeights(SourceModels source, TorchSharpSymbols torchSharp)
{
    private static readonly string[] s_methods = ["load", "load_py", "load_state_dict"];

    private readonly Memo<string, HashSet<ISymbol>> _classes = new(System.StringComparer.Ordinal);

    public bool IsLoaded(INamedTypeSymbol type, CancellationToken cancellation)
    {
        HashSet<ISymbol> loaded = _classes.Get(string.Empty, () => Find(cancellation));
        for (INamedTypeSymbol? current = type; current is not null && loaded.Count > 0; current = current.BaseType)
        {
            if (loaded.Contains(current.OriginalDefinition))
            {
                return true;
            }
        }

        return false;
    }

    private HashSet<ISymbol> Find(CancellationToken cancellation)
    {
        IEnumerable<ITypeSymbol?> types =
            from names in source.Names.Files(cancellation)
            from method in s_methods
            from call in names.CallsOf(method).OfType<InvocationExpressionSyntax>()
            where !IsCopy(call) && !NeedsFile(call, cancellation)
            from type in TypesOf(call, names, cancellation)
            select type;
        var classes = types.OfType<INamedTypeSymbol>().Where(type => torchSharp.IsModule(type) && !torchSharp.Declares(type)).Select(type => type.OriginalDefinition);
        return new HashSet<ISymbol>(classes, SymbolEqualityComparer.Default);
    }

    /// <summary><c>target.load_state_dict(policy.state_dict())</c></summary>
    public static bool IsCopy(SyntaxNode call) => call is InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: InvocationExpressionSyntax { Expression: var source } }, ..] }
        && FileNames.NameOf(source) == "state_dict";

    /// <summary>Whether the call stands in a branch that is only taken where a file exists.</summary>
    private bool NeedsFile(SyntaxNode call, CancellationToken cancellation) => call.Ancestors().OfType<IfStatementSyntax>().Any(branch =>
        MissingFiles.Decide(source.OperationAt(branch.Condition, cancellation)) is { } taken
        && (taken ? branch.Else?.Contains(call) == true : branch.Statement.Contains(call)));

    private IEnumerable<ITypeSymbol?> TypesOf(InvocationExpressionSyntax call, FileNames names, CancellationToken cancellation)
    {
        if (call.Expression is not MemberAccessExpressionSyntax { Expression: not ThisExpressionSyntax and var receiver })
        {
            return call.FirstAncestorOrSelf<MemberDeclarationSyntax>() is ConstructorDeclarationSyntax or null
                ? []
                : [call.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } type ? source.SymbolAt(type, cancellation) as ITypeSymbol : null];
        }

        // Of 'torch.load' and the like the receiver is no expression that has a type.
        ITypeSymbol? declared = source.TypeAt(receiver, cancellation);
        if (!torchSharp.IsModule(declared))
        {
            return [];
        }

        // Declared as Module<Tensor, Tensor>, say: what it is given tells the class.
        return torchSharp.Declares(declared!) && FileNames.NameOf(receiver) is { } name
            ? names.AssignmentsTo(name).Select(assigned => assigned.Value is { } value ? source.TypeAt(value, cancellation) : null)
            : [declared];
    }
}
