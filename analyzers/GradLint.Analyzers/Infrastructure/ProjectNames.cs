using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Infrastructure;

/// <summary>
/// The names of all files of one compilation, put together when somebody first asks: a question then costs what it finds, however many files there are.
/// </summary>
internal sealed class ProjectNames
{
    private static readonly ConditionalWeakTable<Compilation, ProjectNames> s_ofCompilation = new();

    private readonly ImmutableArray<SyntaxTree> _trees;
    private ImmutableArray<FileNames> _files;
    private Dictionary<string, List<SyntaxNode>>? _calls;
    private Dictionary<string, List<SyntaxNode>>? _functions;
    private ILookup<string, ClassDeclarationSyntax>? _classes;
    private HashSet<string>? _aliases;

    private ProjectNames(Compilation compilation) => _trees = compilation.SyntaxTrees.ToImmutableArray();

    public static ProjectNames Of(Compilation compilation) => s_ofCompilation.GetValue(compilation, static key => new ProjectNames(key));

    /// <summary>The names of each file, in the order of the files.</summary>
    public ImmutableArray<FileNames> Files(CancellationToken cancellation)
    {
        if (_files.IsDefault)
        {
            ImmutableInterlocked.InterlockedInitialize(ref _files, _trees.Select(tree => FileNames.Of(tree, cancellation)).ToImmutableArray());
        }

        return _files;
    }

    /// <summary>Invocations, object creations and method groups handed over as arguments, anywhere.</summary>
    public IReadOnlyList<SyntaxNode> CallsOf(string name, CancellationToken cancellation) =>
        Find(_calls ??= Together(Files(cancellation), static file => file.Calls), name);

    public IReadOnlyList<SyntaxNode> FunctionsNamed(string name, CancellationToken cancellation) =>
        Find(_functions ??= Together(Files(cancellation), static file => file.Functions), name);

    /// <summary>The classes of that name, and all parts of partial ones.</summary>
    public IEnumerable<ClassDeclarationSyntax> ClassesNamed(string name, CancellationToken cancellation) =>
        (_classes ??= Files(cancellation).SelectMany(static file => file.Classes).ToLookup(static type => type.Identifier.ValueText, StringComparer.Ordinal))[name];

    /// <summary>Names that <c>using X = ...</c> gives in some file.</summary>
    public IReadOnlyCollection<string> Aliases(CancellationToken cancellation) =>
        _aliases ??= new HashSet<string>(Files(cancellation).SelectMany(static file => file.Aliases), StringComparer.Ordinal);

    /// <summary>Whether one of the names stands anywhere.</summary>
    public bool MentionAny(IReadOnlyCollection<string> names, CancellationToken cancellation) => Files(cancellation).Any(file => names.Any(file.Mentions));

    private static IReadOnlyList<SyntaxNode> Find(Dictionary<string, List<SyntaxNode>> lists, string name) =>
        lists.TryGetValue(name, out List<SyntaxNode>? found) ? found : ImmutableArray<SyntaxNode>.Empty;

    private static Dictionary<string, List<SyntaxNode>> Together(ImmutableArray<FileNames> files, Func<FileNames, IReadOnlyDictionary<string, List<SyntaxNode>>> select)
    {
        var together = new Dictionary<string, List<SyntaxNode>>(StringComparer.Ordinal);
        foreach (FileNames file in files)
        {
            foreach (KeyValuePair<string, List<SyntaxNode>> found in select(file))
            {
                if (!together.TryGetValue(found.Key, out List<SyntaxNode>? all))
                {
                    together.Add(found.Key, all = []);
                }

                all.AddRange(found.Value);
            }
        }

        return together;
    }
}
