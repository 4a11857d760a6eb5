namespace GradLint.SignalPropagation.Tests;

/// <summary>The verdict on a learning rate; how often it is right is measured by the validation program.</summary>
public class DivergenceCriterionTests
{
    private static readonly NetworkGraph s_he = Networks.Stack(8, 64, Activation.ReLU, new KaimingNormal());

    [Theory, InlineData(1e-4, false), InlineData(100, true)]
    public void Sgd_diverges_where_a_step_moves_the_weights_by_half(double rate, bool diverges)
    {
        DivergenceVerdict verdict = DivergenceCriterion.Judge(s_he, new OptimizerSettings(OptimizerFamily.Sgd, rate));
        Assert.Equal(diverges, verdict.Diverges);
        Assert.StartsWith("fc", verdict.Layer);
    }

    [Fact]
    public void Momentum_counts_as_a_larger_rate()
    {
        double plain = DivergenceCriterion.Judge(s_he, new OptimizerSettings(OptimizerFamily.Sgd, 0.01)).Score;
        double momentum = DivergenceCriterion.Judge(s_he, new OptimizerSettings(OptimizerFamily.Sgd, 0.01) { Momentum = 0.9 }).Score;
        Assert.Equal(10, momentum / plain, 1e-9);
    }

    [Fact]
    public void Norm_layers_with_cross_entropy_never_diverge_under_sgd()
    {
        NetworkGraph graph = NetworkGraph.Parse(
            """
            input = Input([64])
            fc1 = Linear(64 -> 64, weight: KaimingNormal) <- input
            norm = BatchNorm(64) <- fc1
            act = Activation(ReLU) <- norm
            fc2 = Linear(64 -> 10, weight: KaimingNormal) <- act
            """);
        OptimizerSettings huge = new(OptimizerFamily.Sgd, 1e4);
        Assert.False(DivergenceCriterion.Judge(graph, huge, new PropagationOptions { Loss = Loss.CrossEntropy }).Diverges);
        Assert.True(DivergenceCriterion.Judge(graph, huge).Diverges);
    }

    [Fact]
    public void Adam_counts_the_layers_after_the_last_norm_or_saturating_activation()
    {
        OptimizerSettings adam = new(OptimizerFamily.Adam, 0.1);
        double delta = 0.1 * 64 / (Math.Sqrt(2.0 / 64) * 16);
        double link = 0.5 * Math.Log10(1 + (delta * delta));
        Assert.Equal(8 * link, DivergenceCriterion.Judge(s_he, adam).Score, 1e-9);
        Assert.Equal(link, DivergenceCriterion.Judge(Networks.Stack(8, 64, Activation.Tanh, new KaimingNormal()), adam).Score, 1e-9);
    }

    [Fact]
    public void Many_small_steps_of_Adam_do_not_add_up_to_a_large_one()
    {
        NetworkGraph deep = Networks.Stack(50, 64, Activation.ReLU, new KaimingNormal());
        Assert.False(DivergenceCriterion.Judge(deep, new OptimizerSettings(OptimizerFamily.Adam, 0.001)).Diverges);
        Assert.True(DivergenceCriterion.Judge(deep, new OptimizerSettings(OptimizerFamily.Adam, 0.1)).Diverges);
    }

    [Fact]
    public void What_cannot_be_predicted_is_not_judged()
    {
        NetworkGraph graph = NetworkGraph.Parse(
            """
            input = Input([8])
            fc1 = Linear(8 -> 8, weight: UnknownInitializer("from a file")) <- input
            """);
        Assert.Null(DivergenceCriterion.Judge(graph, new OptimizerSettings(OptimizerFamily.Sgd, 1)).Diverges);
    }
}
