using System;
using Microsoft.CodeAnalysis;

namespace GradLint.TrainingLoops;

/// <summary>
/// Where a program keeps a model, an optimizer or a list of parameters: a variable or parameter, a member reached from one, or
/// <c>this</c> (whose symbol is the type). The elements of a collection are at the place of the collection.
/// </summary>
internal sealed class Place(ISymbol symbol, Place? container = null) : IEquatable<Place>
{
    public ISymbol Symbol { get; } = symbol;

    public Place? Container { get; } = container;

    public bool IsThis => Symbol is ITypeSymbol;

    public ITypeSymbol? Type => Symbol switch
    {
        ILocalSymbol local => local.Type,
        IParameterSymbol parameter => parameter.Type,
        IFieldSymbol member => member.Type,
        IPropertySymbol property => property.Type,
        _ => Symbol as ITypeSymbol,
    };

    /// <summary>The variable, or <c>this</c>, that the place is reached from.</summary>
    public Place Root => Container is null ? this : Container.Root;

    /// <summary>Whether one of the two is, or is reached through, the other: a network and its encoder.</summary>
    public bool IsRelatedTo(Place other) => Reaches(other) || other.Reaches(this);

    public bool Reaches(Place other)
    {
        for (Place? inner = other; inner is not null; inner = inner.Container)
        {
            if (IsSameAs(inner))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether both may mean the same object: a member of <c>this</c> is the same member of whatever variable holds that object.</summary>
    public bool IsSameAs(Place other) =>
        SymbolEqualityComparer.Default.Equals(Symbol, other.Symbol)
        && (Container is null || other.Container is null || Container.IsThis || other.Container.IsThis || Container.IsSameAs(other.Container));

    /// <summary>The place as code inside its type writes it.</summary>
    public override string ToString() => this switch
    {
        { IsThis: true } => "this",
        { Container: null or { IsThis: true } } => Symbol.Name,
        _ => Container + "." + Symbol.Name,
    };

    /// <inheritdoc/>
    public bool Equals(Place? other) =>
        other is not null
        && SymbolEqualityComparer.Default.Equals(Symbol, other.Symbol)
        && (Container is null ? other.Container is null : Container.Equals(other.Container));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Place);

    /// <inheritdoc/>
    public override int GetHashCode() => SymbolEqualityComparer.Default.GetHashCode(Symbol);
}
