using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Fuzz;

/// <summary>Any number of mutants, of each source in turn.</summary>
/// <param name="seed">Decides the order of the sources, and what is done to which token.</param>
public sealed class Mutants(int seed)
{
    private readonly Source[] _sources = Shuffled(seed);
    private readonly Dictionary<int, SyntaxTree> _trees = [];

    /// <summary>From how many sources the mutants are made.</summary>
    public int SourceCount => _sources.Length;

    /// <summary>The mutant of that number, the same on every machine.</summary>
    public Mutant this[int number]
    {
        get
        {
            int source = number % _sources.Length;
            if (!_trees.TryGetValue(source, out SyntaxTree? tree))
            {
                tree = CSharpSyntaxTree.ParseText(_sources[source].Text, path: "Mutant.cs");
                _trees.Add(source, tree);
            }

            return Mutant.Make(seed, number, _sources[source], tree);
        }
    }

    /// <summary>So that a few mutants come from sources of every kind.</summary>
    private static Source[] Shuffled(int seed)
    {
        Source[] sources = [.. Sources.All()];
        new Random(seed).Shuffle(sources);
        return sources;
    }
}
