using System;
using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace GradLint.Ranges;

/// <summary>What the parameters of one function are while one particular call of it is read.</summary>
internal sealed class CallScope(ISymbol function, IReadOnlyDictionary<int, Func<TensorRange>> arguments)
{
    /// <summary>The values of the argument; null where the parameter is another function's, or has no argument.</summary>
    public TensorRange? Find(IParameterSymbol parameter) =>
        SymbolEqualityComparer.Default.Equals(parameter.ContainingSymbol.OriginalDefinition, function) && arguments.TryGetValue(parameter.Ordinal, out Func<TensorRange>? read)
            ? read()
            : null;
}
