using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Modeling;

/// <summary>Interprets the code that creates modules: classes with their default arguments, bodies, and whoever creates a class.</summary>
internal sealed class ModuleReader(SourceModels source, TorchSharpSymbols torchSharp)
{
    private readonly DeclaredBodies _bodies = new(source);
    private readonly LoadedWeights _loaded = new(source, torchSharp);
    private readonly Memo<ISymbol, Reading?> _classes = new(SymbolEqualityComparer.Default);
    private readonly Memo<SyntaxNode, Reading?> _explored = new(EqualityComparer<SyntaxNode>.Default);

    public IOperation? OperationOf(SyntaxNode node, CancellationToken cancellation) => source.OperationAt(node, cancellation);

    public ISymbol? SymbolOf(SyntaxNode declaration, CancellationToken cancellation) => source.SymbolAt(declaration, cancellation);

    public Reading Fresh(CancellationToken cancellation) => new(new Interpreter(torchSharp, _bodies, cancellation), null);

    /// <summary>An instance of the class, by its default arguments.</summary>
    public Reading? OfClass(INamedTypeSymbol type, CancellationToken cancellation) => _classes.Get(type, () => Guarded(() =>
    {
        // A constructor that needs nothing tells all; else the one that takes most is where the others lead.
        IMethodSymbol? constructor = type.InstanceConstructors
            .OrderByDescending(candidate => candidate.Parameters.All(parameter => parameter.HasExplicitDefaultValue) && !candidate.IsImplicitlyDeclared)
            .ThenByDescending(candidate => candidate.Parameters.Length)
            .FirstOrDefault();
        SyntaxNode? declaration = type.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation);
        if (constructor is null || declaration is null)
        {
            return null;
        }

        Interpreter interpreter = Fresh(cancellation).Interpreter;
        Value instance = interpreter.Instantiate(type, constructor, ImmutableDictionary<ISymbol, Value>.Empty, declaration);
        return Doubted(new Reading(interpreter, instance as ModuleValue), cancellation);
    }));

    /// <summary>What a body creates.</summary>
    public Reading? OfBody(IOperation body, CancellationToken cancellation) => _explored.Get(body.Syntax, () => Guarded(() =>
    {
        Reading reading = Fresh(cancellation);
        reading.Interpreter.Explore(body);
        return Doubted(reading, cancellation);
    }));

    /// <summary>Code that creates instances of the class, nearest first: the body that names it, then whoever calls or creates that.</summary>
    public IEnumerable<Reading> CreatorsOf(INamedTypeSymbol type, CancellationToken cancellation)
    {
        var seen = new HashSet<SyntaxNode>();
        var open = new Queue<SyntaxNode>(SitesOf(type.Name, type.Locations[0].SourceTree, cancellation).Concat(TargetTypedSitesOf(type.Name, cancellation)));
        while (open.Count > 0 && seen.Count < ModelingLimits.Creators)
        {
            SyntaxNode site = open.Dequeue();
            if (MemberAround(site) is not { } member || !seen.Add(member))
            {
                continue;
            }

            INamedTypeSymbol? owner = member.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } declaration ? SymbolOf(declaration, cancellation) as INamedTypeSymbol : null;
            bool isInstance = torchSharp.IsModule(owner) && !IsStatic(member);
            Reading? reading = isInstance ? OfClass(owner!, cancellation) : OperationOf(member, cancellation) is { } body ? OfBody(body, cancellation) : null;
            if (reading is not null)
            {
                yield return reading;
            }

            string? caller = isInstance ? owner!.Name : (member as MethodDeclarationSyntax)?.Identifier.ValueText;
            foreach (SyntaxNode next in caller is null ? [] : SitesOf(caller, site.SyntaxTree, cancellation))
            {
                open.Enqueue(next);
            }
        }
    }

    public static bool IsStatic(SyntaxNode member) =>
        member.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } declaration && declaration.Modifiers.Any(SyntaxKind.StaticKeyword);

    /// <summary>Calls and creations by name, those in the file that declares it first.</summary>
    private IEnumerable<SyntaxNode> SitesOf(string name, SyntaxTree? nearest, CancellationToken cancellation) =>
        source.Names.CallsOf(name, cancellation).OrderByDescending(site => site.SyntaxTree == nearest);

    /// <summary><c>new(...)</c> where the type is written beside it.</summary>
    private IEnumerable<SyntaxNode> TargetTypedSitesOf(string name, CancellationToken cancellation) =>
        source.Names.CallsOf(FileNames.TargetTyped, cancellation).Where(creation => FileNames.TypeWrittenFor(creation) == name);

    private static SyntaxNode? MemberAround(SyntaxNode site) => site.Ancestors().FirstOrDefault(node =>
        node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or CompilationUnitSyntax
        || (node is EqualsValueClauseSyntax && node.Parent is PropertyDeclarationSyntax or VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax })
        || (node is ArrowExpressionClauseSyntax && node.Parent is PropertyDeclarationSyntax));

    private Reading Doubted(Reading reading, CancellationToken cancellation)
    {
        foreach (ClassModule module in reading.Interpreter.Created.OfType<ClassModule>())
        {
            if (_loaded.IsLoaded(module.InstanceType, cancellation))
            {
                Interpreter.DoubtInitializers(module.SelfAndDescendants(), "its weights are loaded elsewhere", module.CreatedAt);
            }
        }

        return reading;
    }

    /// <summary>Expressions nested so deeply that they would overflow the stack are not read; the compiler does not take many more.</summary>
    private static T? Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InsufficientExecutionStackException)
        {
            return default;
        }
    }
}
