using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>The base of the rules on what numbers do in code that is differentiated: each reports its own among the faults that were found.</summary>
public abstract class NumericsAnalyzer : TorchSharpAnalyzer
{
    private protected NumericsAnalyzer(DiagnosticDescriptor rule)
        : base(rule)
    {
    }

    private protected sealed override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        NumericFaults faults = NumericFaults.Of(context.Compilation, torchSharp);
        context.RegisterSemanticModelAction(file =>
        {
            foreach (NumericFault fault in FaultsIn(faults, file.SemanticModel.SyntaxTree, file.CancellationToken))
            {
                if (fault.Rule == SupportedDiagnostics[0].Id)
                {
                    file.ReportDiagnostic(Describe(fault));
                }
            }
        });
    }

    private protected virtual ImmutableArray<NumericFault> FaultsIn(NumericFaults faults, SyntaxTree file, CancellationToken cancellation) => faults.In(file, cancellation);

    private Diagnostic Describe(NumericFault fault)
    {
        ImmutableArray<NumericFault> all = fault.Alike.Insert(0, fault);
        return SupportedDiagnostics[0].At(
            fault.Level,
            fault.Location,
            all.SelectMany(PlacesOf),
            ImmutableDictionary<string, string?>.Empty.Add(NumericRepairs.Property, string.Join(NumericRepairs.Separator, all.Select(one => one.Repair))),
            [.. fault.Message]);
    }

    /// <summary>The operand, and where it is made: the same place twice where that does not matter.</summary>
    private static IEnumerable<Location> PlacesOf(NumericFault fault) =>
        [fault.Argument.GetLocation(), (fault.Origin ?? fault.Argument).GetLocation()];
}
