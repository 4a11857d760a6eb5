using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace GradLint.Proofs;

/// <summary>The example of a rule's page, held to what the page says of it.</summary>
internal static class PageExample
{
    /// <summary>What the examples take for granted: the usual usings, a small model, its optimizer, some batches.</summary>
    private const string Surroundings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using TorchSharp;
        global using TorchSharp.Modules;
        global using static TorchSharp.torch;
        global using static TorchSharp.torch.nn;
        global using static Surroundings;

        static class Surroundings
        {
            public static readonly Sequential model = Sequential(Linear(16, 64), ReLU(), Linear(64, 1));
            public static readonly torch.optim.Optimizer optimizer = torch.optim.SGD(model.parameters(), 0.01);
            public static readonly torch.optim.lr_scheduler.LRScheduler scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5);
            public static readonly List<(Tensor X, Tensor Y)> batches = new();
            public static readonly Tensor x = torch.rand(32, 16), y = torch.rand(32, 1);
        }
        """;

    /// <summary>Lints the example, on which this rule must speak and no other, and gives back what its fix makes of it, which all rules must be silent on; null for a rule without a fix.</summary>
    /// <exception cref="ProofException">It is otherwise.</exception>
    public static async Task<string?> RepairAsync(RulePage page, CancellationToken cancellation)
    {
        ProgramSource source = ProgramSource.Of(page.RuleId, page.Example, [page.RuleId], Surroundings);
        await CompilesAsync(source, "The example", cancellation);
        ImmutableArray<Diagnostic> said = await source.LintAsync(cancellation);
        if (said.IsEmpty || said.Any(diagnostic => diagnostic.Id != page.RuleId))
        {
            throw new ProofException($"On the example only {page.RuleId} must speak, but the rules say: {string.Join("\n", said)}");
        }

        if (!Rules.CodeFixes.Any(fix => fix.FixableDiagnosticIds.Contains(page.RuleId)))
        {
            return null;
        }

        ProgramSource repaired = await source.FixAllAsync(said, cancellation);
        string text = await repaired.TextAsync(cancellation);
        await CompilesAsync(repaired, "What the fix makes of the example", cancellation);
        ImmutableArray<Diagnostic> left = await repaired.LintAsync(cancellation);
        return left.IsEmpty ? text : throw new ProofException($"After the fix the rules must be silent, but they say: {string.Join("\n", left)}\n{text}");
    }

    private static async Task CompilesAsync(ProgramSource source, string what, CancellationToken cancellation)
    {
        ImmutableArray<Diagnostic> errors = await source.ErrorsAsync(cancellation);
        if (!errors.IsEmpty)
        {
            throw new ProofException($"{what} does not compile: {string.Join("; ", errors)}\n{await source.TextAsync(cancellation)}");
        }
    }
}
