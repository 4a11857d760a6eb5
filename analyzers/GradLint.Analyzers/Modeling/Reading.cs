using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

/// <summary>A piece of code that has been interpreted for the modules that it creates.</summary>
/// <param name="Interpreter">Who interpreted it.</param>
/// <param name="Module">The instance, where the code was that of a module class.</param>
internal sealed record Reading(Interpreter Interpreter, ModuleValue? Module)
{
    /// <summary>The instances of a class that were created on the way.</summary>
    public IEnumerable<ClassModule> InstancesOf(INamedTypeSymbol type) =>
        Interpreter.Created.OfType<ClassModule>().Where(module => SymbolEqualityComparer.Default.Equals(module.InstanceType.OriginalDefinition, type.OriginalDefinition));

    /// <summary>The network of one of the modules. Several rules may ask for different ones at the same time, and there is only one interpreter.</summary>
    public NetworkModel Model(string name, ModuleValue module, CancellationToken cancellation)
    {
        lock (Interpreter)
        {
            return NetworkModel.Create(name, module, Interpreter, cancellation);
        }
    }
}
