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
            case IDiscardPatternOperation:
                return true;
            case IDeclarationPatternOperation declaration:
                Declare(declaration.DeclaredSymbol, value, frame);
                return declaration.MatchedType is { } declared && !declaration.MatchesNull ? IsInstanceOf(value, declared) : true;
            case ITypePatternOperation { MatchedType: { } type }:
                return IsInstanceOf(value, type);
            case INegatedPatternOperation negated:
                return !Matches(negated.Pattern, value, frame);
            case IBinaryPatternOperation { OperatorKind: BinaryOperatorKind.And } both:
                return Both(Matches(both.LeftPattern, value, frame), Matches(both.RightPattern, value, frame));
            case IBinaryPatternOperation either:
                return !Both(!Matches(either.LeftPattern, value, frame), !Matches(either.RightPattern, value, frame));
            case IRelationalPatternOperation relation when value.Number is { } number && Evaluate(relation.Value, frame).Number is { } bound:
                return Calculate(relation.OperatorKind, number, bound, relation) is ConstantValue { Constant: bool holds } ? holds : null;
            case IConstantPatternOperation constant when Evaluate(constant.Value, frame) is ConstantValue { Constant: var expected }:
                return value switch
                {
                    ConstantValue { Constant: var actual } => value.Number is { } number && ConstantValue.ToNumber(expected) is { } other ? number == other : Equals(actual, expected),
                    UnknownValue => null,
                    _ when expected is null => false,
                    _ => null,
                };
            case IRecursivePatternOperation { DeconstructionSubpatterns.IsEmpty: true } recursive:
                Declare(recursive.DeclaredSymbol, value, frame);
                return recursive.PropertySubpatterns.Aggregate(
                    value is ConstantValue { Constant: null } ? false : IsInstanceOf(value, recursive.MatchedType),
                    (matches, property) => Both(matches, MatchesProperty(property, value, frame)));
            default:
                return null;
        }
    }

    private bool? MatchesProperty(IPropertySubpatternOperation subpattern, Value value, Frame frame) =>
        subpattern.Member is IPropertyReferenceOperation property ? Matches(subpattern.Pattern, PropertyOf(value, property, frame), frame) : null;

    private static bool? Both(bool? first, bool? second) => first == false || second == false ? false : first & second;

    private static void Declare(ISymbol? variable, Value value, Frame frame)
    {
        if (variable is not null)
        {
            frame.Declare(variable, value);
        }
    }

    private static bool? IsInstanceOf(Value value, ITypeSymbol? type)
    {
        if ((value as ModuleValue)?.Type is not { } actual)
        {
            return value switch
            {
                ConstantValue { Constant: null } => false,
                ParameterValue or TensorValue => true,
                _ => null,
            };
        }

        if (type is null)
        {
            return true;
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
