using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>
/// What can be seen of an optimizer's life from where it is created: in the function that creates it and what that calls, and, where a
/// field keeps it, in the functions of the field's type.
/// </summary>
internal sealed class OptimizerSight
{
    private const int DeepestValue = 4;

    private readonly IOperation _optimizer;
    private readonly TrainingCode _code;
    private readonly CancellationToken _cancellation;
    private readonly TrainingFrame? _frame;
    private readonly List<FunctionBody> _functions = [];

    /// <param name="creation">The creation of an optimizer, or of a parameter group or options for one.</param>
    /// <param name="code">All training code of the compilation.</param>
    /// <param name="cancellation">Stops the search.</param>
    public OptimizerSight(IOperation creation, TrainingCode code, CancellationToken cancellation)
    {
        _code = code;
        _cancellation = cancellation;
        _optimizer = OutermostCreation(creation);
        if (code.FunctionAround(creation.Syntax, cancellation) is not { } function)
        {
            return;
        }

        Place? place = FindPlace(_optimizer);
        IEnumerable<Place> owners = code.Places.FindModules(code.Optimizers.ParametersOf(_optimizer), cancellation)
            .Select(module => code.Places.Find(module, cancellation))
            .OfType<Place>();
        _frame = new TrainingFrame(code, function, creation.Syntax, place is null ? [] : [place], owners, cancellation);
        _functions.Add(function);
        if (place?.Symbol is IFieldSymbol or IPropertySymbol)
        {
            _functions.AddRange(FunctionsOf(place.Symbol.ContainingType));
        }
    }

    public bool Sees(params TrainingActionKind[] kinds) =>
        _frame is not null && _functions.Any(function => _frame.SeesIn(function, function.Node, kinds));

    /// <summary>The networks that are trained, as far as they are known.</summary>
    public IReadOnlyList<NetworkModel> FindTrained(TrainedNetworks networks) =>
        networks.FindAll(_code.Places.FindModules(_code.Optimizers.ParametersOf(_optimizer), _cancellation), _cancellation);

    /// <summary>
    /// Whether what is optimized are parameters of their own, such as the pixels of an image, and no network's weights: what rate they stand depends on
    /// what they are.
    /// </summary>
    public bool OptimizesOnlyTensors() =>
        !_code.Places.FindModules(_code.Optimizers.ParametersOf(_optimizer), _cancellation).Any()
        && NamesParameter(_code.Optimizers.ParametersOf(_optimizer), DeepestValue);

    private bool NamesParameter(IOperation? value, int depth) =>
        depth > 0 && value?.DescendantsAndSelf().Any(part => part switch
        {
            IMemberReferenceOperation { Instance: { } holder } when _code.TorchSharp.IsModule(holder.Type) && holder is not IInstanceReferenceOperation => false,
            _ when TorchSharpSymbols.IsOrDerivesFrom(part.Type, _code.TorchSharp.Parameter) => true,
            ILocalReferenceOperation local => _code.Names.ValuesOf(local.Local, _cancellation)
                .Any(assigned => assigned.Value is { } written && NamesParameter(_code.Source.OperationAt(written, _cancellation), depth - 1)),
            _ => false,
        }) == true;

    /// <summary>The optimizer that parameter groups and options are written inside of.</summary>
    private IOperation OutermostCreation(IOperation creation)
    {
        IOperation outermost = creation;
        for (IOperation? current = creation; current is not null and not IBlockOperation; current = current.Parent)
        {
            if (_code.Optimizers.ParametersOf(current) is not null)
            {
                outermost = current;
            }
        }

        return outermost;
    }

    /// <summary>The variable, field or property that gets what the operation creates, be it one of several choices.</summary>
    private Place? FindPlace(IOperation created)
    {
        for (IOperation? user = created.Parent; user is not null; user = user.Parent)
        {
            switch (user)
            {
                case IVariableDeclaratorOperation declarator:
                    return new Place(declarator.Symbol);
                case IFieldInitializerOperation { InitializedFields: [var field] }:
                    return new Place(field);
                case IPropertyInitializerOperation { InitializedProperties: [var property] }:
                    return new Place(property);
                case ISimpleAssignmentOperation assignment:
                    return _code.Places.Find(assignment.Target, _cancellation);
                case IConversionOperation or IConditionalOperation or ISwitchExpressionOperation or ISwitchExpressionArmOperation or ICoalesceOperation
                    or IParenthesizedOperation or IVariableInitializerOperation:
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private IEnumerable<FunctionBody> FunctionsOf(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences
            .Select(reference => reference.GetSyntax(_cancellation))
            .Where(_code.Source.Contain)
            .OfType<TypeDeclarationSyntax>()
            .SelectMany(declaration => declaration.Members)
            .OfType<BaseMethodDeclarationSyntax>()
            .Select(method => _code.Read(method, _cancellation));
}
