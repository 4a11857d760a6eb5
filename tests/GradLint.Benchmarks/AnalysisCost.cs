using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using GradLint.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Benchmarks;

/// <summary>
/// What the analyzers cost beside an analyzer that does nothing: a class of 500 lines after an edit, as an editor asks for it, and projects of up to 1,000 model classes, as a
/// build does. Bars: 25 ms, and 5 s on two cores, linear in the number of classes. Best of several.
/// </summary>
internal static class AnalysisCost
{
    private const int Edits = 12;
    private const int Builds = 3;

    private static readonly ImmutableArray<DiagnosticAnalyzer> s_rules =
    [
        .. typeof(GL1002DefaultInitializationWithRectifierAnalyzer).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    private static readonly ImmutableArray<DiagnosticAnalyzer> s_nothing = [new EmptyAnalyzer()];

    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "TorchSharp.dll" or "netstandard.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static void Run()
    {
        Console.WriteLine($"Analysis by {s_rules.Length} rules, less that by an empty analyzer");
        EditOneClass();
        double[] seconds = [.. new[] { 250, 500, 1000 }.Select(BuildProject)];
        Console.WriteLine($"  1,000 classes cost {seconds[2] / seconds[0]:0.0} times as much as 250 (linear: 4.0)");
    }

    private static void EditOneClass()
    {
        string code = Models.Long(500);
        double best = double.PositiveInfinity;
        double empty = double.PositiveInfinity;
        for (int edit = 0; edit < Edits; edit++)
        {
            CSharpCompilation compilation = Compile([code.Replace("0.2", $"0.{2 + (edit % 7)}", StringComparison.Ordinal), Models.Small(0)]);
            empty = Math.Min(empty, Document(compilation, s_nothing));
            best = Math.Min(best, Document(Compile([.. compilation.SyntaxTrees.Select(tree => tree.ToString())]), s_rules));
        }

        Console.WriteLine($"  a class of {code.Count(letter => letter == '\n')} lines after an edit: {best - empty:0.0} ms (bar 25 ms; in all {best:0.0} ms, with the empty analyzer {empty:0.0} ms)");
    }

    private static double BuildProject(int classes)
    {
        string[] files = [.. Enumerable.Range(0, classes).Select(Models.Small)];
        double best = double.PositiveInfinity;
        double empty = double.PositiveInfinity;
        for (int build = 0; build < Builds; build++)
        {
            empty = Math.Min(empty, Project(Compile(files), s_nothing));
            best = Math.Min(best, Project(Compile(files), s_rules));
        }

        double own = (best - empty) / 1000;
        Console.WriteLine($"  a project of {classes} model classes: {own:0.00} s (bar for 1,000: 5 s; in all {best / 1000:0.00} s, with the empty analyzer {empty / 1000:0.00} s)");
        return own;
    }

    /// <summary>What an editor asks for the file that is being edited; binding is the compiler's own work, which both analyzers need.</summary>
    private static double Document(CSharpCompilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        SyntaxTree tree = compilation.SyntaxTrees[0];
        SemanticModel model = compilation.GetSemanticModel(tree);
        _ = model.GetDiagnostics();
        Stopwatch clock = Stopwatch.StartNew();
        _ = compilation.WithAnalyzers(analyzers).GetAnalyzerSemanticDiagnosticsAsync(model, filterSpan: null, CancellationToken.None).GetAwaiter().GetResult();
        return clock.Elapsed.TotalMilliseconds;
    }

    private static double Project(CSharpCompilation compilation, ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        _ = compilation.GetDiagnostics();
        Stopwatch clock = Stopwatch.StartNew();
        _ = compilation.WithAnalyzers(analyzers, new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: true, logAnalyzerExecutionTime: false))
            .GetAnalyzerDiagnosticsAsync(CancellationToken.None).GetAwaiter().GetResult();
        return clock.Elapsed.TotalMilliseconds;
    }

    private static CSharpCompilation Compile(IEnumerable<string> files) => CSharpCompilation.Create(
        "Models",
        files.Select((file, i) => CSharpSyntaxTree.ParseText(SourceText.From(file), path: $"Model{i}.cs")),
        s_references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    /// <summary>Model classes of common kinds.</summary>
    private static class Models
    {
        private const string Usings = """
            using System.Collections.Generic;
            using TorchSharp;
            using TorchSharp.Modules;
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;

            """;

        /// <summary>A class of so many lines: residual blocks with norms, each layer in a field of its own.</summary>
        public static string Long(int lines)
        {
            int blocks = lines / 8;
            StringBuilder fields = new();
            StringBuilder made = new();
            StringBuilder used = new();
            for (int i = 0; i < blocks; i++)
            {
                fields.AppendLine($"    private readonly Linear fc{i};").AppendLine($"    private readonly LayerNorm norm{i};");
                made.AppendLine($"        fc{i} = Linear(64, 64);").AppendLine($"        norm{i} = LayerNorm(64);");
                used.AppendLine($"        var y{i} = norm{i}.call(x);").AppendLine($"        y{i} = functional.relu(fc{i}.call(y{i}));")
                    .AppendLine($"        y{i} = functional.dropout(y{i}, 0.2);").AppendLine($"        x = x + y{i};");
            }

            return $"{Usings}class Long : Module<Tensor, Tensor>\n{{\n{fields}    public Long() : base(\"long\")\n    {{\n{made}        RegisterComponents();\n    }}\n\n"
                + $"    public override Tensor forward(Tensor x)\n    {{\n{used}        return x;\n    }}\n}}\n";
        }

        /// <summary>A class of ordinary size and a method that trains it.</summary>
        public static string Small(int index) => $$"""
            {{Usings}}
            class Net{{index}} : Module<Tensor, Tensor>
            {
                private readonly Conv2d conv1 = Conv2d(1, 32, 3), conv2 = Conv2d(32, 64, 3);
                private readonly Sequential head = Sequential();
                public Net{{index}}(int classes = 10) : base("net")
                {
                    int width = 64;
                    foreach (int next in new[] { 128, 64, {{32 + index}} })
                    {
                        head.append(Linear(width, next)).append(ReLU());
                        width = next;
                    }

                    head.append(Linear(width, classes));
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x)
                {
                    x = functional.relu(conv1.call(x));
                    x = functional.max_pool2d(functional.relu(conv2.call(x)), 2);
                    x = functional.adaptive_avg_pool2d(x, 1).flatten(1);
                    return head.call(functional.dropout(x, 0.5));
                }
            }

            static class Training{{index}}
            {
                public static void Train(IEnumerable<(Tensor X, Tensor Y)> data)
                {
                    var net = new Net{{index}}();
                    var optimizer = torch.optim.Adam(net.parameters(), lr: 1e-3);
                    foreach (var (x, y) in data)
                    {
                        optimizer.zero_grad();
                        var loss = functional.cross_entropy(net.call(x), y);
                        loss.backward();
                        optimizer.step();
                    }
                }
            }
            """;
    }

#pragma warning disable RS1001 // It is no analyzer that anyone loads.
    private sealed class EmptyAnalyzer : DiagnosticAnalyzer
    {
        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
            [new("EMPTY", "Nothing", "Nothing", "Nothing", DiagnosticSeverity.Info, isEnabledByDefault: true)];

        public override void Initialize(AnalysisContext context)
        {
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.EnableConcurrentExecution();
            context.RegisterCompilationStartAction(start => start.RegisterSymbolAction(_ => { }, SymbolKind.NamedType));
        }
    }
#pragma warning restore RS1001
}
