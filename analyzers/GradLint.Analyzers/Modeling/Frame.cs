using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

/// <summary>The variables of one call; a lambda or local function sees those of the call that it was written in.</summary>
internal sealed class Frame(IInstance? self, Frame? outer)
{
    private readonly Dictionary<ISymbol, Value> _variables = new(SymbolEqualityComparer.Default);

    /// <summary>What <c>this</c> is, where it is an instance of a class of the user's that is known.</summary>
    public IInstance? Self { get; } = self;

    /// <summary>What the call returned, once it has.</summary>
    public Value? Returned { get; set; }

    public bool TryGet(ISymbol variable, [NotNullWhen(true)] out Value? value)
    {
        for (Frame? frame = this; frame is not null; frame = frame.Enclosing)
        {
            if (frame._variables.TryGetValue(variable.OriginalDefinition, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    public void Declare(ISymbol variable, Value value) => _variables[variable.OriginalDefinition] = value;

    /// <summary>Assigns where the variable was declared, which may be an enclosing call.</summary>
    public void Assign(ISymbol variable, Value value)
    {
        for (Frame? frame = this; frame is not null; frame = frame.Enclosing)
        {
            if (frame._variables.ContainsKey(variable.OriginalDefinition))
            {
                frame._variables[variable.OriginalDefinition] = value;
                return;
            }
        }

        _variables[variable.OriginalDefinition] = value;
    }

    private Frame? Enclosing { get; } = outer;
}
