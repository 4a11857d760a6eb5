using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Tests of types and patterns, as far as they can be told.</content>
internal sealed partial class Interpreter
{
    /// <summary>Whether the pattern holds, where that can be told; variables that it declares are assigned.</summary>
    private bool? Matches(IPatternOperation pattern, Value value, Frame frame)
    {
        switch (pattern)
        {
            case IDeclarationPatternOperation { MatchedType: { } type } declaration:
                bool? matches = IsInstanceOf(value, type);
                if (matches != false && declaration.DeclaredSymbol is { } variable)
                {
                    frame.Declare(variable, value);
                }

                return matches;
            case ITypePatternOperation { MatchedType: { } type }:
                return IsInstanceOf(value, type);
            case INegatedPatternOperation negated:
                return !Matches(negated.Pattern, value, frame);
            case IConstantPatternOperation constant when Evaluate(constant.Value, frame) is ConstantValue { Constant: var expected }:
                return value switch
                {
                    ConstantValue { Constant: var actual } => Equals(actual, expected),
                    UnknownValue => null,
                    _ when expected is null => false,
                    _ => null,
                };
            case IRecursivePatternOperation { MatchedType: { } type, DeconstructionSubpatterns.IsEmpty: true, PropertySubpatterns.IsEmpty: true } recursive:
                if (recursive.DeclaredSymbol is { } declared)
                {
                    frame.Declare(declared, value);
                }

                return value is ConstantValue { Constant: null } ? false : IsInstanceOf(value, type);
            default:
                return null;
        }
    }

    private static bool? IsInstanceOf(Value value, ITypeSymbol type)
    {
        if (value is not ModuleValue { Type: { } actual })
        {
            return value is ParameterValue ? true : null;
        }

        for (INamedTypeSymbol? current = actual; current is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(current, type))
            {
                return true;
            }
        }

        return type.TypeKind == TypeKind.Interface ? actual.AllInterfaces.Contains(type, SymbolEqualityComparer.Default) : false;
    }
}
