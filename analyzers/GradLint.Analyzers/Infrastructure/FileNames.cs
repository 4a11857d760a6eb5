using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Infrastructure;

/// <summary>
/// What one file calls, declares and assigns, by name alone: the cheap first answer, from which meaning is asked for only where
/// names agree. Made once per file; an edit in one file leaves the others' as they are.
/// </summary>
internal sealed class FileNames : CSharpSyntaxWalker
{
    /// <summary>The name under which <c>new(...)</c> is found.</summary>
    public const string TargetTyped = "new";

    /// <summary>The name under which <c>: base(...)</c> and <c>: this(...)</c> are found.</summary>
    public const string Initializer = "base";

    /// <summary>
    /// How deep code may nest, counted in syntax nodes: a chain of 256 calls is as deep. Roslyn makes the operations of a whole member by a recursion that checks no
    /// stack, so that what nests deeper would end the compiler.
    /// </summary>
    public const int DeepestNesting = 512;

    private static readonly ConditionalWeakTable<SyntaxTree, FileNames> s_ofTree = new();

    private readonly Dictionary<string, List<SyntaxNode>> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SyntaxNode>> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<AssignedValue>> _assignments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _mentions = new(StringComparer.Ordinal);
    private readonly List<ExpressionSyntax> _divisions = [];
    private readonly List<ClassDeclarationSyntax> _classes = [];
    private readonly List<ObjectCreationExpressionSyntax> _creations = [];
    private readonly HashSet<string> _aliases = new(StringComparer.Ordinal);
    private readonly HashSet<SyntaxNode> _tooDeep = [];
    private string _currentFunction = string.Empty;
    private int _nesting;

    private FileNames()
    {
    }

    /// <summary>All names that are mentioned.</summary>
    public IEnumerable<string> Mentioned => _mentions.Keys;

    /// <summary>All that <see cref="CallsOf"/> knows.</summary>
    public IReadOnlyDictionary<string, List<SyntaxNode>> Calls => _calls;

    /// <summary>All that <see cref="FunctionsNamed"/> knows.</summary>
    public IReadOnlyDictionary<string, List<SyntaxNode>> Functions => _functions;

    /// <summary>All <c>a / b</c> and <c>a /= b</c>.</summary>
    public IReadOnlyList<ExpressionSyntax> Divisions => _divisions;

    /// <summary>All classes, and all parts of partial ones.</summary>
    public IReadOnlyList<ClassDeclarationSyntax> Classes => _classes;

    /// <summary>Names that <c>using X = ...</c> gives.</summary>
    public IReadOnlyCollection<string> Aliases => _aliases;

    public static FileNames Of(SyntaxTree tree, CancellationToken cancellation)
    {
        if (!s_ofTree.TryGetValue(tree, out FileNames? names))
        {
            var fresh = new FileNames();
            fresh.Visit(tree.GetRoot(cancellation));
            names = s_ofTree.GetValue(tree, _ => fresh);
        }

        return names;
    }

    /// <summary>Invocations, object creations and method groups handed over as arguments.</summary>
    public IReadOnlyList<SyntaxNode> CallsOf(string name) => Find(_calls, name);

    public IReadOnlyList<SyntaxNode> FunctionsNamed(string name) => Find(_functions, name);

    /// <summary>Where objects of types of the wanted names may be created; of some creations only the compiler knows the name.</summary>
    public IEnumerable<SyntaxNode> CreationsOf(Func<string, bool> isWanted, IReadOnlyCollection<string> aliases)
    {
        return _creations.Where(creation => IsPossible(NameOf(creation.Type)))
            .Concat(CallsOf(TargetTyped).Where(creation => IsPossible(TypeWrittenFor(creation))));

        bool IsPossible(string? name) => name is null || isWanted(name) || aliases.Contains(name);
    }

    /// <summary>Whether the name stands anywhere in the file.</summary>
    public bool Mentions(string name) => _mentions.ContainsKey(name);

    /// <summary>The functions, by their names, that mention a name; a lambda's mentions are those of the function around it.</summary>
    public IEnumerable<string> FunctionsThatMention(string name) => _mentions.TryGetValue(name, out HashSet<string>? functions) ? functions : [];

    public IReadOnlyList<AssignedValue> AssignmentsTo(string name) => Find(_assignments, name);

    /// <summary>Whether the member that holds the node nests deeper than <see cref="DeepestNesting"/>: no operation in it may be asked for.</summary>
    public bool NestsTooDeep(SyntaxNode node) => _tooDeep.Count > 0 && _tooDeep.Contains(MemberAround(node));

    public override void Visit(SyntaxNode? node)
    {
        if (node is not null && _nesting == DeepestNesting)
        {
            _tooDeep.Add(MemberAround(node));
            return;
        }

        _nesting++;
        base.Visit(node);
        _nesting--;
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        Add(_calls, NameOf(node.Expression), node);
        base.VisitInvocationExpression(node);
    }

    public override void VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        _creations.Add(node);
        Add(_calls, NameOf(node.Type), node);
        if (NameOf(node.Type) is { } type)
        {
            Mention(type);
        }

        base.VisitObjectCreationExpression(node);
    }

    public override void VisitImplicitObjectCreationExpression(ImplicitObjectCreationExpressionSyntax node)
    {
        Add(_calls, TargetTyped, node);
        base.VisitImplicitObjectCreationExpression(node);
    }

    public override void VisitConstructorInitializer(ConstructorInitializerSyntax node)
    {
        Add(_calls, Initializer, node);
        base.VisitConstructorInitializer(node);
    }

    public override void VisitClassDeclaration(ClassDeclarationSyntax node)
    {
        _classes.Add(node);
        base.VisitClassDeclaration(node);
    }

    public override void VisitUsingDirective(UsingDirectiveSyntax node)
    {
        if (node.Alias is { } alias)
        {
            _aliases.Add(alias.Name.Identifier.ValueText);
        }

        base.VisitUsingDirective(node);
    }

    /// <summary>Sums of thousands of terms are as deep.</summary>
    public override void VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        ExpressionSyntax first = node;
        var others = new Stack<ExpressionSyntax>();
        while (first is BinaryExpressionSyntax expression)
        {
            if (expression.IsKind(SyntaxKind.DivideExpression))
            {
                _divisions.Add(expression);
            }

            others.Push(expression.Right);
            first = expression.Left;
        }

        Visit(first);
        while (others.Count > 0)
        {
            Visit(others.Pop());
        }
    }

    public override void VisitIdentifierName(IdentifierNameSyntax node) => Mention(node.Identifier.ValueText);

    public override void VisitGenericName(GenericNameSyntax node)
    {
        Mention(node.Identifier.ValueText);
        base.VisitGenericName(node);
    }

    public override void VisitArgument(ArgumentSyntax node)
    {
        if (node.RefKindKeyword.IsKind(SyntaxKind.RefKeyword) || node.RefKindKeyword.IsKind(SyntaxKind.OutKeyword))
        {
            AddAssignment(node.Expression, value: null, ValueShare.Unclear);
        }

        if (node.Expression is IdentifierNameSyntax or MemberAccessExpressionSyntax)
        {
            Add(_calls, NameOf(node.Expression), node.Expression);
        }

        base.VisitArgument(node);
    }

    public override void VisitMethodDeclaration(MethodDeclarationSyntax node) =>
        InFunction(node.Identifier.ValueText, node, () => base.VisitMethodDeclaration(node));

    public override void VisitLocalFunctionStatement(LocalFunctionStatementSyntax node) =>
        InFunction(node.Identifier.ValueText, node, () => base.VisitLocalFunctionStatement(node));

    public override void VisitConstructorDeclaration(ConstructorDeclarationSyntax node) =>
        InFunction(node.Identifier.ValueText, node, () => base.VisitConstructorDeclaration(node));

    public override void VisitPropertyDeclaration(PropertyDeclarationSyntax node)
    {
        if ((node.Initializer?.Value ?? node.ExpressionBody?.Expression) is { } value)
        {
            Add(_assignments, node.Identifier.ValueText, new AssignedValue(node, value, ValueShare.Whole));
        }

        InFunction(node.Identifier.ValueText, node, () => base.VisitPropertyDeclaration(node));
    }

    public override void VisitVariableDeclarator(VariableDeclaratorSyntax node)
    {
        if (node.Initializer is { } initializer)
        {
            AddAssignment(node, initializer.Value, ValueShare.Whole);
        }

        base.VisitVariableDeclarator(node);
    }

    public override void VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        bool plain = node.IsKind(SyntaxKind.SimpleAssignmentExpression) || node.IsKind(SyntaxKind.CoalesceAssignmentExpression);
        AddAssignment(node.Left, plain ? node.Right : null, plain ? ValueShare.Whole : ValueShare.Unclear);
        if (node.IsKind(SyntaxKind.DivideAssignmentExpression))
        {
            _divisions.Add(node);
        }

        base.VisitAssignmentExpression(node);
    }

    public override void VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.PreIncrementExpression) || node.IsKind(SyntaxKind.PreDecrementExpression))
        {
            AddAssignment(node.Operand, value: null, ValueShare.Unclear);
        }

        base.VisitPrefixUnaryExpression(node);
    }

    public override void VisitPostfixUnaryExpression(PostfixUnaryExpressionSyntax node)
    {
        if (!node.IsKind(SyntaxKind.SuppressNullableWarningExpression))
        {
            AddAssignment(node.Operand, value: null, ValueShare.Unclear);
        }

        base.VisitPostfixUnaryExpression(node);
    }

    public override void VisitForEachStatement(ForEachStatementSyntax node)
    {
        AddAssignment(node, node.Expression, ValueShare.Part);
        base.VisitForEachStatement(node);
    }

    public override void VisitForEachVariableStatement(ForEachVariableStatementSyntax node)
    {
        AddAssignment(node.Variable, node.Expression, ValueShare.Part);
        base.VisitForEachVariableStatement(node);
    }

    public override void VisitIsPatternExpression(IsPatternExpressionSyntax node)
    {
        SingleVariableDesignationSyntax? variable = node.Pattern switch
        {
            DeclarationPatternSyntax pattern => pattern.Designation as SingleVariableDesignationSyntax,
            RecursivePatternSyntax pattern => pattern.Designation as SingleVariableDesignationSyntax,
            VarPatternSyntax pattern => pattern.Designation as SingleVariableDesignationSyntax,
            _ => null,
        };
        if (variable is not null)
        {
            AddAssignment(variable, node.Expression, ValueShare.Whole);
        }

        base.VisitIsPatternExpression(node);
    }

    private static IReadOnlyList<T> Find<T>(Dictionary<string, List<T>> lists, string name) =>
        lists.TryGetValue(name, out List<T>? found) ? found : ImmutableArray<T>.Empty;

    private static void Add<T>(Dictionary<string, List<T>> lists, string? name, T item)
    {
        if (name is null)
        {
            return;
        }

        if (!lists.TryGetValue(name, out List<T>? list))
        {
            lists.Add(name, list = []);
        }

        list.Add(item);
    }

    /// <summary>The member of a type; the whole file for a top-level statement, since all of them are one member.</summary>
    private static SyntaxNode MemberAround(SyntaxNode node) =>
        node.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } member and not GlobalStatementSyntax ? member : node.SyntaxTree.GetRoot();

    /// <summary>The last name in <c>a.b.C&lt;T&gt;</c>.</summary>
    public static string? NameOf(SyntaxNode node) => node switch
    {
        SimpleNameSyntax name => name.Identifier.ValueText,
        MemberAccessExpressionSyntax access => access.Name.Identifier.ValueText,
        MemberBindingExpressionSyntax binding => binding.Name.Identifier.ValueText,
        QualifiedNameSyntax qualified => qualified.Right.Identifier.ValueText,
        AliasQualifiedNameSyntax alias => alias.Name.Identifier.ValueText,
        _ => null,
    };

    /// <summary>The type of the variable or property that starts with <c>new(...)</c>, or of the method that returns it; null where the creation stands elsewhere.</summary>
    public static string? TypeWrittenFor(SyntaxNode creation)
    {
        TypeSyntax? type = creation.Parent is ReturnStatementSyntax or ArrowExpressionClauseSyntax
            ? creation.Ancestors().Select(TypeReturnedBy).FirstOrDefault(returned => returned is not null)
            : creation.Parent?.Parent switch
            {
                VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax declaration } => declaration.Type,
                PropertyDeclarationSyntax property => property.Type,
                _ => null,
            };
        return type is null ? null : NameOf(type is NullableTypeSyntax nullable ? nullable.ElementType : type);
    }

    private static TypeSyntax? TypeReturnedBy(SyntaxNode function) => function switch
    {
        MethodDeclarationSyntax method => method.ReturnType,
        LocalFunctionStatementSyntax local => local.ReturnType,
        PropertyDeclarationSyntax property => property.Type,
        _ => null,
    };

    /// <summary>The function that mentions what stands at the node; empty outside of all.</summary>
    public static string FunctionNameAround(SyntaxNode node)
    {
        for (SyntaxNode? current = node; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case MethodDeclarationSyntax method:
                    return method.Identifier.ValueText;
                case LocalFunctionStatementSyntax function:
                    return function.Identifier.ValueText;
                case ConstructorDeclarationSyntax constructor:
                    return constructor.Identifier.ValueText;
                case PropertyDeclarationSyntax property:
                    return property.Identifier.ValueText;
            }
        }

        return string.Empty;
    }

    private void InFunction(string name, SyntaxNode node, Action visitBody)
    {
        Add(_functions, name, node);
        if (node is LocalFunctionStatementSyntax)
        {
            // Whoever declares a local function is taken to use it.
            Mention(name);
        }

        string outer = _currentFunction;
        _currentFunction = name;
        visitBody();
        _currentFunction = outer;
    }

    private void Mention(string name)
    {
        if (!_mentions.TryGetValue(name, out HashSet<string>? functions))
        {
            _mentions.Add(name, functions = new HashSet<string>(StringComparer.Ordinal));
        }

        functions.Add(_currentFunction);
    }

    private void AddAssignment(SyntaxNode target, ExpressionSyntax? value, ValueShare share)
    {
        switch (target)
        {
            case VariableDeclaratorSyntax declarator:
                Add(_assignments, declarator.Identifier.ValueText, new AssignedValue(target, value, share));
                break;
            case ForEachStatementSyntax loop:
                Add(_assignments, loop.Identifier.ValueText, new AssignedValue(target, value, share));
                break;
            case SingleVariableDesignationSyntax variable:
                Add(_assignments, variable.Identifier.ValueText, new AssignedValue(target, value, share));
                break;
            case ParenthesizedVariableDesignationSyntax several:
                foreach (VariableDesignationSyntax variable in several.Variables)
                {
                    AddAssignment(variable, value, ValueShare.Part);
                }

                break;
            case DeclarationExpressionSyntax declaration:
                AddAssignment(declaration.Designation, value, share);
                break;
            case TupleExpressionSyntax tuple:
                AddTuple(tuple, value);
                break;
            default:
                Add(_assignments, NameOf(target), new AssignedValue(target, value, share));
                break;
        }
    }

    private void AddTuple(TupleExpressionSyntax targets, ExpressionSyntax? value)
    {
        for (int i = 0; i < targets.Arguments.Count; i++)
        {
            bool matched = value is TupleExpressionSyntax values && values.Arguments.Count == targets.Arguments.Count;
            AddAssignment(
                targets.Arguments[i].Expression,
                matched ? ((TupleExpressionSyntax)value!).Arguments[i].Expression : value,
                matched ? ValueShare.Whole : ValueShare.Part);
        }
    }
}

/// <summary>How much of a value a variable gets.</summary>
internal enum ValueShare
{
    /// <summary>All of it.</summary>
    Whole,

    /// <summary>An element of a collection or tuple.</summary>
    Part,

    /// <summary>Something that is not written there: <c>out</c>, <c>+=</c>, <c>++</c>.</summary>
    Unclear,
}

/// <summary>One place in the code where a variable, field or property gets a value.</summary>
internal sealed record AssignedValue(SyntaxNode Target, ExpressionSyntax? Value, ValueShare Share);
