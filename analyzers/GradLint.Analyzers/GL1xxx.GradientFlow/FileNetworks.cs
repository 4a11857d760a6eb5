using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>
/// The networks that each file tells of: its module classes, and what its other code builds from TorchSharp's own modules, or from classes whose depth or width is a
/// parameter. Found once for all rules; the meaning of code is asked for only where names fit.
/// </summary>
internal sealed class FileNetworks
{
    private static readonly ConditionalWeakTable<Compilation, FileNetworks> s_ofCompilation = new();

    private readonly TorchSharpSymbols _torchSharp;
    private readonly SourceModels _source;
    private readonly NetworkModels _models;
    private readonly Memo<SyntaxTree, ImmutableArray<FileNetwork>> _ofFile = new(EqualityComparer<SyntaxTree>.Default);

    private FileNetworks(Compilation compilation, TorchSharpSymbols torchSharp)
    {
        _torchSharp = torchSharp;
        _source = SourceModels.Of(compilation);
        _models = NetworkModels.Of(compilation, torchSharp);
    }

    public static FileNetworks Of(Compilation compilation, TorchSharpSymbols torchSharp) =>
        s_ofCompilation.GetValue(compilation, key => new FileNetworks(key, torchSharp));

    public ImmutableArray<FileNetwork> In(SyntaxTree file, CancellationToken cancellation) =>
        _ofFile.Get(file, () => ClassesIn(file, cancellation).Concat(BuiltIn(file, cancellation)).ToImmutableArray());

    private IEnumerable<FileNetwork> ClassesIn(SyntaxTree file, CancellationToken cancellation)
    {
        foreach (INamedTypeSymbol type in FileNames.Of(file, cancellation).Classes
            .Select(declaration => _source.SymbolAt(declaration, cancellation))
            .OfType<INamedTypeSymbol>()
            .Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default))
        {
            if (_models.OfClass(type, cancellation) is { } model)
            {
                yield return new FileNetwork(model, type);
            }
        }
    }

    private IEnumerable<FileNetwork> BuiltIn(SyntaxTree file, CancellationToken cancellation)
    {
        FileNames names = FileNames.Of(file, cancellation);
        IEnumerable<SyntaxNode> sites = names.CallsOf("Sequential").Where(site => site is InvocationExpressionSyntax)
            .Concat(names.CreationsOf(type => MayBeNetwork(type, cancellation), _source.Names.Aliases(cancellation)));
        foreach (SyntaxNode site in sites)
        {
            if (!IsInModule(site, cancellation)
                && _source.OperationAt(site, cancellation) is { } operation
                && IsNetwork(operation, cancellation)
                && _models.FindBuilt(operation, cancellation) is { } model)
            {
                yield return new FileNetwork(model, Class: null);
            }
        }
    }

    private bool IsNetwork(IOperation operation, CancellationToken cancellation) => operation switch
    {
        IInvocationOperation call => TorchSharpSymbols.IsMethodOf(call.TargetMethod, _torchSharp.Nn, "Sequential"),
        // A class whose depth or width is a parameter is a network only once it is created.
        IObjectCreationOperation { Type: INamedTypeSymbol type, Arguments.IsEmpty: false } => _models.OfClass(type, cancellation) is { Growth: null },
        _ => false,
    };

    private bool MayBeNetwork(string type, CancellationToken cancellation) => _source.Names.ClassesNamed(type, cancellation)
        .Any(declaration => _torchSharp.IsModule(_source.SymbolAt(declaration, cancellation) as ITypeSymbol));

    private bool IsInModule(SyntaxNode site, CancellationToken cancellation) =>
        site.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } type && _torchSharp.IsModule(_source.SymbolAt(type, cancellation) as ITypeSymbol);
}

/// <summary>A network that a file tells of.</summary>
/// <param name="Model">The network.</param>
/// <param name="Class">Its class, where the file declares that or a part of it.</param>
internal sealed record FileNetwork(NetworkModel Model, INamedTypeSymbol? Class)
{
    /// <summary>Of the files that the parts of a class are in, each tells what lies there, and the first what lies elsewhere.</summary>
    public bool IsToldIn(SyntaxTree file, SyntaxTree? location) =>
        Class is null
        || location == file
        || (Class.DeclaringSyntaxReferences[0].SyntaxTree == file && Class.DeclaringSyntaxReferences.All(part => part.SyntaxTree != location));
}
