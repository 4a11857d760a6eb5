namespace GradLint.Modeling;

public sealed class SequentialTests
{
    [Theory]
    [InlineData("""var model = Sequential(Linear(8, 4), ReLU(), Linear(4, 1));""", "input 0 1 2")]
    [InlineData("""var model = Sequential(("fc1", Linear(8, 4)), ("act", Tanh()), ("fc2", Linear(4, 1)));""", "input fc1 act fc2")]
    [InlineData("""var model = Sequential(); model.append("fc1", Linear(8, 4)); model.append(Linear(4, 1));""", "input fc1 1")]
    [InlineData("""var model = Sequential(Sequential(Linear(8, 4), ReLU()), Linear(4, 1));""", "input 0.0 0.1 1")]
    [InlineData("""var model = Sequential(Enumerable.Range(0, 2).Select(i => Linear(4, 4)));""", "input 0 1")]
    [InlineData("""Module<Tensor, Tensor>[] parts = [Linear(8, 4), ReLU()]; Module<Tensor, Tensor>[] all = [.. parts, Linear(4, 1)]; var model = Sequential(all);""", "input 0 1 2")]
    [InlineData("""var sizes = new[] { 8, 4, 2 }; var parts = new List<Module<Tensor, Tensor>>(); for (int i = 0; i + 1 < sizes.Length; i++) parts.Add(Linear(sizes[i], sizes[i + 1])); var model = Sequential(parts);""", "input 0 1")]
    public void All_ways_to_fill_one_are_understood(string statements, string structure)
    {
        NetworkModel model = ReadModel.OfStatements(statements);

        Assert.Null(model.Gap);
        Assert.Equal(structure, model.Structure());
        Assert.Equal("model", model.Name);
    }

    [Fact]
    public void Modules_made_by_a_helper_with_out_parameters_are_followed()
    {
        NetworkModel model = ReadModel.OfStatements("""
            Make(out var first, out var second);
            var model = Sequential(("first", first), ("second", second));
            static void Make(out Linear a, out Linear b) { a = Linear(8, 4); b = Linear(4, 1); }
            """);

        Assert.Equal("input first second", model.Structure());
    }

    [Fact]
    public void A_softmax_at_the_end_belongs_to_the_loss()
    {
        NetworkModel model = ReadModel.OfStatements("var model = Sequential(Linear(8, 4), ReLU(), Linear(4, 3), LogSoftmax(1));");

        Assert.Equal("input 0 1 2", model.Structure());
    }

    [Fact]
    public void An_unknown_part_makes_it_opaque()
    {
        NetworkModel model = ReadModel.OfStatements("var model = Sequential(Linear(8, 4), Bilinear(4, 4, 4) as Module<Tensor, Tensor>, Linear(4, 3));");

        Assert.Null(model.Growth);
    }
}
