using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Ranges;

/// <summary>
/// The values that a local or parameter can have where it is used: models write <c>x = relu(x)</c> over and over, so all its assignments
/// together say little.
/// </summary>
internal sealed class ReachingValues
{
    private readonly SourceModels _source;
    private readonly ISymbol _variable;
    private readonly CancellationToken _cancellation;
    private readonly Changes _changes;
    private readonly List<ReachingValue> _values = [];
    private bool _isUnclear;

    private ReachingValues(SourceModels source, ISymbol variable, VariableNames names, CancellationToken cancellation)
    {
        _changes = names.ChangesOf(variable.Name);
        _isUnclear = names.HasJumps;
        _source = source;
        _variable = variable;
        _cancellation = cancellation;
    }

    /// <summary>Each assignment that is the last before the use on some way through the function.</summary>
    public IReadOnlyList<ReachingValue> Values => _values;

    /// <summary>Whether the value with which the function starts can still be there.</summary>
    public bool ReachesStart { get; private set; }

    /// <summary>Null where it cannot be told: the variable is shared with a lambda that changes it, or jumps cross the code.</summary>
    public static ReachingValues? Find(ISymbol variable, SyntaxNode use, SourceModels source, CancellationToken cancellation)
    {
        var reaching = new ReachingValues(source, variable, VariableNames.Around(use), cancellation);
        reaching.ReachesStart = !reaching.WalkBack(use);
        return reaching._isUnclear ? null : reaching;
    }

    /// <summary>From the use to the start of the function; true once an assignment is certain to come before the use.</summary>
    private bool WalkBack(SyntaxNode use)
    {
        for (SyntaxNode current = use; current.Parent is { } parent && !IsStart(current); current = parent)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (parent is CommonForEachStatementSyntax or ForStatementSyntax or WhileStatementSyntax or DoStatementSyntax)
            {
                AddAll(parent);
            }

            SyntaxList<StatementSyntax> siblings = parent switch
            {
                BlockSyntax block => block.Statements,
                SwitchSectionSyntax section => section.Statements,
                _ => default,
            };
            if (current is StatementSyntax statement && ScanBefore(siblings, siblings.IndexOf(statement)))
            {
                return true;
            }

            if (current is GlobalStatementSyntax global && parent is CompilationUnitSyntax program && ScanTopLevel(program, global))
            {
                return true;
            }

            if (parent is UsingStatementSyntax { Declaration: { } resources } && Scan(resources))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsStart(SyntaxNode node)
    {
        if (node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or MemberDeclarationSyntax)
            || node is GlobalStatementSyntax)
        {
            return false;
        }

        // A lambda's or local function's own variables; those of the function around it may have changed by the time it runs.
        _isUnclear |= node is not MemberDeclarationSyntax && !_variable.DeclaringSyntaxReferences.Any(reference => node.Span.Contains(reference.Span));
        return true;
    }

    private bool ScanBefore(SyntaxList<StatementSyntax> statements, int end)
    {
        for (int i = end - 1; i >= 0; i--)
        {
            if (Scan(statements[i]))
            {
                return true;
            }
        }

        return false;
    }

    private bool ScanTopLevel(CompilationUnitSyntax program, GlobalStatementSyntax end)
    {
        for (int i = program.Members.IndexOf(end) - 1; i >= 0; i--)
        {
            if (program.Members[i] is GlobalStatementSyntax { Statement: var statement } && Scan(statement))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds what a statement leaves in the variable; true where it certainly assigns it.</summary>
    private bool Scan(SyntaxNode node)
    {
        if (!_changes.Within(node).Any())
        {
            return false;
        }

        switch (node)
        {
            case BlockSyntax block:
                return ScanBefore(block.Statements, block.Statements.Count);
            case IfStatementSyntax choice:
                bool then = JumpsAway(choice.Statement) || Scan(choice.Statement);
                bool otherwise = choice.Else is { } other && (JumpsAway(other.Statement) || Scan(other.Statement));
                return then && otherwise;
            case UsingStatementSyntax scope:
                return Scan(scope.Statement) || (scope.Declaration is { } resources && Scan(resources));
            case ExpressionStatementSyntax or LocalDeclarationStatementSyntax or VariableDeclarationSyntax:
                return AddLast(node);
            default:
                AddAll(node);
                return false;
        }
    }

    private static bool JumpsAway(StatementSyntax branch) =>
        (branch is BlockSyntax { Statements: [.., var last] } ? last : branch) is ReturnStatementSyntax or ThrowStatementSyntax;

    /// <summary>The outermost assignment in a statement is the one that lasts.</summary>
    private bool AddLast(SyntaxNode statement)
    {
        List<ReachingValue> found = AssignmentsIn(statement).ToList();
        if (found.Count == 0)
        {
            return false;
        }

        _values.Add(found[0]);
        return true;
    }

    private void AddAll(SyntaxNode node) => _values.AddRange(AssignmentsIn(node).Where(value => !_values.Contains(value)));

    private IEnumerable<ReachingValue> AssignmentsIn(SyntaxNode node)
    {
        foreach (SyntaxNode part in _changes.Within(node))
        {
            if (AssignmentAt(part) is { } value)
            {
                _isUnclear |= part.Ancestors().TakeWhile(ancestor => ancestor != node).Any(ancestor => ancestor is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax);
                yield return value;
            }
        }
    }

    private ReachingValue? AssignmentAt(SyntaxNode node)
    {
        switch (node)
        {
            case VariableDeclaratorSyntax { Initializer.Value: { } value } declarator when IsNamed(declarator.Identifier) && IsVariable(declarator):
                return new ReachingValue(value, null);
            case AssignmentExpressionSyntax { Left: TupleExpressionSyntax targets } assignment:
                return PartOf(targets.Arguments.Select(argument => argument.Expression).ToList(), assignment.Right);
            case AssignmentExpressionSyntax { Left: DeclarationExpressionSyntax { Designation: ParenthesizedVariableDesignationSyntax targets } } assignment:
                return PartOf(targets.Variables.ToList(), assignment.Right);
            case AssignmentExpressionSyntax assignment when IsVariable(assignment.Left):
                return new ReachingValue(assignment.IsKind(SyntaxKind.SimpleAssignmentExpression) ? assignment.Right : assignment, null);
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var function } access } call when VariableNames.IsInPlace(function):
                return IsVariable(access.Expression) || (call.ArgumentList.Arguments is [var first, ..] && IsVariable(first.Expression))
                    ? new ReachingValue(Outermost(call), null)
                    : null;
            case ArgumentSyntax { RefKindKeyword.RawKind: not 0 } argument when Names(argument.Expression):
            case ForEachStatementSyntax loop when IsNamed(loop.Identifier) && IsVariable(loop):
            case SingleVariableDesignationSyntax { Parent: not ParenthesizedVariableDesignationSyntax } designation when IsNamed(designation.Identifier) && IsVariable(designation):
                return ReachingValue.Unknown;
            default:
                return null;
        }
    }

    private ReachingValue? PartOf<T>(List<T> targets, ExpressionSyntax value)
        where T : SyntaxNode
    {
        int index = targets.FindIndex(target => target is SingleVariableDesignationSyntax variable ? IsNamed(variable.Identifier) && IsVariable(variable) : Names(target));
        return index < 0 ? null : new ReachingValue(value, index);
    }

    private bool Names(SyntaxNode target) => target switch
    {
        DeclarationExpressionSyntax { Designation: SingleVariableDesignationSyntax variable } => IsNamed(variable.Identifier) && IsVariable(variable),
        _ => IsVariable(target),
    };

    /// <summary>All of <c>x.add_(1).clamp_(0)</c>.</summary>
    private static ExpressionSyntax Outermost(InvocationExpressionSyntax call)
    {
        ExpressionSyntax outermost = call;
        while (outermost.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax next, Name.Identifier.ValueText: var function } && VariableNames.IsInPlace(function))
        {
            outermost = next;
        }

        return outermost;
    }

    private bool IsNamed(SyntaxToken identifier) => identifier.ValueText == _variable.Name;

    private bool IsVariable(SyntaxNode node) =>
        node is not IdentifierNameSyntax name
            ? node is VariableDeclaratorSyntax or ForEachStatementSyntax or SingleVariableDesignationSyntax && IsSymbol(node)
            : IsNamed(name.Identifier) && IsSymbol(node);

    private bool IsSymbol(SyntaxNode node) => SymbolEqualityComparer.Default.Equals(_source.SymbolAt(node, _cancellation), _variable);
}

/// <summary>One value that reaches a use: an expression, or an element of the tuple that it makes; nothing where it is not written there.</summary>
internal sealed record ReachingValue(ExpressionSyntax? Value, int? Element)
{
    public static readonly ReachingValue Unknown = new(null, null);
}
