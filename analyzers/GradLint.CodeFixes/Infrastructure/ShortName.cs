using System.Linq;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.CodeFixes.Infrastructure;

/// <summary>The shortest way in which code at a position can name a type of TorchSharp, given the usings of its file.</summary>
internal static class ShortName
{
    private static readonly string[] s_init = ["init", "nn.init", "torch.nn.init", "TorchSharp.torch.nn.init"];
    private static readonly string[] s_functional = ["functional", "nn.functional", "torch.nn.functional", "TorchSharp.torch.nn.functional"];

    public static string OfInit(int position, SemanticModel model) => Of(TorchSharpNames.Init, s_init, position, model);

    public static string OfFunctional(int position, SemanticModel model) => Of(TorchSharpNames.Functional, s_functional, position, model);

    private static string Of(string metadataName, string[] names, int position, SemanticModel model)
    {
        INamedTypeSymbol? type = model.Compilation.GetTypeByMetadataName(metadataName);
        return names.FirstOrDefault(name => SymbolEqualityComparer.Default.Equals(
            model.GetSpeculativeSymbolInfo(position, SyntaxFactory.ParseExpression(name), SpeculativeBindingOption.BindAsExpression).Symbol, type))
            ?? $"global::{names[names.Length - 1]}";
    }
}
