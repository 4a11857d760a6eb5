using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>One setting of an optimizer, a parameter group or an options object, as its creation gives it.</summary>
/// <param name="Value">What it is.</param>
/// <param name="Site">Where it is written; the value's own place where it is not.</param>
/// <param name="Missing">The name of the parameter that is left out; null where the setting is written.</param>
internal sealed record OptimizerSetting(IOperation Value, SyntaxNode Site, string? Missing)
{
    public bool IsWritten => Missing is null;

    /// <summary>The setting of one of these names; null where the creation has none, as options objects that leave it alone.</summary>
    public static OptimizerSetting? Find(IOperation creation, params string[] names)
    {
        IObjectOrCollectionInitializerOperation? initializer = (creation as IObjectCreationOperation)?.Initializer;
        ISimpleAssignmentOperation? assigned = initializer?.Initializers
            .OfType<ISimpleAssignmentOperation>()
            .FirstOrDefault(assignment => assignment.Target is IMemberReferenceOperation target && names.Contains(target.Member.Name));
        if (assigned is not null)
        {
            return new OptimizerSetting(assigned.Value, assigned.Syntax, Missing: null);
        }

        ImmutableArray<IArgumentOperation> arguments = creation switch
        {
            IInvocationOperation call => call.Arguments,
            IObjectCreationOperation created => created.Arguments,
            _ => ImmutableArray<IArgumentOperation>.Empty,
        };
        IArgumentOperation? argument = arguments.FirstOrDefault(argument => argument.Parameter is { } parameter && names.Contains(parameter.Name));
        return argument is null
            ? null
            : new OptimizerSetting(argument.Value, argument.Syntax, argument.ArgumentKind == ArgumentKind.DefaultValue ? argument.Parameter!.Name : null);
    }
}
