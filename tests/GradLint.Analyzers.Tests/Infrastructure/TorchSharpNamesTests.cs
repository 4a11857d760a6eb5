using System.Reflection;
using GradLint.Verification;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Infrastructure;

public sealed class TorchSharpNamesTests
{
    private static readonly Compilation s_compilation = CSharpCompilation.Create(
        "names",
        references: [MetadataReference.CreateFromFile(typeof(object).Assembly.Location), References.TorchSharp, References.GradLint]);

    public static TheoryData<string> Names =>
        new(typeof(TorchSharpNames)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(constant => constant.Name != nameof(TorchSharpNames.Assembly))
            .Select(constant => (string)constant.GetRawConstantValue()!));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_name_is_a_type_of_TorchSharp(string name)
    {
        INamedTypeSymbol? type = s_compilation.GetTypeByMetadataName(name);
        Assert.NotNull(type);
        Assert.Equal(TorchSharpNames.Assembly, type.ContainingAssembly.Name);
    }

    [Fact]
    public void Every_symbol_is_found()
    {
        TorchSharpSymbols symbols = TorchSharpSymbols.TryCreate(s_compilation)!;
        Assert.All(
            typeof(TorchSharpSymbols).GetProperties(),
            property => Assert.True(property.GetValue(symbols) is not null, property.Name));
    }

    [Theory]
    [InlineData(TorchSharpNames.Utils, "clip_grad_norm_", "max_norm")]
    [InlineData(TorchSharpNames.Utils, "clip_grad_value_", "clip_value")]
    [InlineData(TorchSharpNames.Optimizer, "step", "closure")]
    [InlineData(TorchSharpNames.Optimizer, "zero_grad", null)]
    [InlineData(TorchSharpNames.Module, "zero_grad", null)]
    [InlineData(TorchSharpNames.Tensor, "backward", null)]
    [InlineData(TorchSharpNames.Autograd, "backward", null)]
    [InlineData(TorchSharpNames.Optim, "SGD", "learningRate")]
    [InlineData(TorchSharpNames.Optim, "Adam", "lr")]
    [InlineData(TorchSharpNames.Optim, "AdamW", "lr")]
    [InlineData(TorchSharpNames.Optim, "Adamax", "lr")]
    [InlineData(TorchSharpNames.Optim, "NAdam", "lr")]
    [InlineData(TorchSharpNames.Optim, "RAdam", "lr")]
    [InlineData(TorchSharpNames.Optim, "RMSProp", "lr")]
    [InlineData(TorchSharpNames.Optim, "Adagrad", "lr")]
    [InlineData(TorchSharpNames.Optim, "SGD", "weight_decay")]
    [InlineData(TorchSharpNames.Optim, "SGD", "maximize")]
    [InlineData(TorchSharpNames.Nn, "GroupNorm", "affine")]
    [InlineData(TorchSharpNames.Nn, "Hardtanh", "inplace")]
    [InlineData(TorchSharpNames.Nn, "Mish", "inplace")]
    [InlineData(TorchSharpNames.Nn, "Softsign", "inplace")]
    [InlineData(TorchSharpNames.Functional, "hardtanh", "min_val")]
    [InlineData(TorchSharpNames.Functional, "mish", "inplace")]
    [InlineData(TorchSharpNames.Functional, "softsign", "inplace")]
    [InlineData(TorchSharpNames.Functional, "gaussian_nll_loss", "variance")]
    [InlineData(TorchSharpNames.Tensor, "hardtanh", "min")]
    [InlineData(TorchSharpNames.Init, "trunc_normal_", "std")]
    [InlineData(TorchSharpNames.Torch, "no_grad", null)]
    [InlineData(TorchSharpNames.Torch, "inference_mode", null)]
    [InlineData(TorchSharpNames.Scheduler, "step", null)]
    [InlineData(TorchSharpNames.Schedulers, "LambdaLR", "optimizer")]
    [InlineData(TorchSharpNames.Schedulers, "MultiplicativeLR", "optimizer")]
    [InlineData(TorchSharpNames.Schedulers, "OneCycleLR", "optimizer")]
    [InlineData(TorchSharpNames.Schedulers, "CyclicLR", "optimizer")]
    public void The_methods_that_training_rules_look_for_exist(string type, string method, string? parameter)
    {
        IMethodSymbol[] methods = s_compilation.GetTypeByMetadataName(type)!.GetMembers(method).OfType<IMethodSymbol>().ToArray();
        Assert.NotEmpty(methods);
        Assert.Contains(methods, found => parameter is null || found.Parameters.Any(candidate => candidate.Name == parameter));
    }

    [Fact]
    public void Gradients_are_a_property() =>
        Assert.IsAssignableFrom<IPropertySymbol>(Assert.Single(s_compilation.GetTypeByMetadataName(TorchSharpNames.Tensor)!.GetMembers("grad")));
}
