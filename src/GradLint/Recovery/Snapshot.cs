using System.Text;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>A state of the whole training that can be restored. Taking it again uses the same memory.</summary>
internal sealed class Snapshot : IDisposable
{
    private readonly (Tensor Live, TensorCopy Copy)[] _parameters;
    private readonly (Tensor Live, TensorCopy Copy)[] _buffers;
    private readonly OptimizerStateCopy[] _optimizerState;
    private readonly optim.ILearningRateController[] _groups;
    private readonly double[] _learningRates;
    private readonly TensorCopy _random = new();
    private readonly MemoryStream _guardState = new();
    private readonly IGuardState _guard;

    /// <param name="parameters">Those that the optimizer steps.</param>
    /// <param name="model">Its buffers belong to the state, too.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="guard">What the guard has learned.</param>
    public Snapshot(IReadOnlyList<Parameter> parameters, nn.Module model, optim.Optimizer optimizer, IGuardState guard)
    {
        _parameters = [.. parameters.Select(parameter => ((Tensor)parameter, new TensorCopy()))];
        _buffers = [.. model.buffers().Select(buffer => (buffer, new TensorCopy()))];
        _optimizerState = [.. OptimizerFields.Of(optimizer).Select(fields => new OptimizerStateCopy(fields))];
        _groups = [.. optimizer.ParamGroups ?? []];
        _learningRates = new double[_groups.Length];
        _guard = guard;
    }

    /// <summary>The number of the step before which it was taken.</summary>
    public long Step { get; private set; }

    /// <summary>The largest magnitude among the parameters that the optimizer steps.</summary>
    public double LargestWeight { get; private set; }

    public void Take(long step, double largestWeight)
    {
        using IDisposable noGradient = torch.no_grad();
        foreach ((Tensor live, TensorCopy copy) in _parameters.Concat(_buffers))
        {
            copy.Take(live);
        }

        foreach (OptimizerStateCopy state in _optimizerState)
        {
            state.Take();
        }

        for (int i = 0; i < _groups.Length; i++)
        {
            _learningRates[i] = _groups[i].LearningRate;
        }

        using Tensor random = torch.get_rng_state();
        _random.Take(random);
        _guardState.SetLength(0);
        using var writer = new BinaryWriter(_guardState, Encoding.UTF8, leaveOpen: true);
        _guard.Save(writer);
        (Step, LargestWeight) = (step, largestWeight);
    }

    /// <summary>Puts everything back as it was, but for the learning rates.</summary>
    /// <param name="factor">They become this times the lower of then and now.</param>
    public void Restore(double factor)
    {
        using IDisposable noGradient = torch.no_grad();
        Restore(_parameters);
        Restore(_buffers);

        foreach (OptimizerStateCopy state in _optimizerState)
        {
            state.Restore();
        }

        for (int i = 0; i < _groups.Length; i++)
        {
            _groups[i].LearningRate = factor * Math.Min(_groups[i].LearningRate, _learningRates[i]);
        }

        using Tensor random = _random.ToTensor();
        torch.set_rng_state(random);
        _guardState.Position = 0;
        using var reader = new BinaryReader(_guardState, Encoding.UTF8, leaveOpen: true);
        _guard.Load(reader);
    }

    /// <summary>Puts the model's buffers back as they were, and nothing else.</summary>
    public void RestoreBuffers()
    {
        using IDisposable noGradient = torch.no_grad();
        Restore(_buffers);
    }

    public void Dispose()
    {
        foreach ((_, TensorCopy copy) in _parameters.Concat(_buffers))
        {
            copy.Dispose();
        }

        foreach (OptimizerStateCopy state in _optimizerState)
        {
            state.Dispose();
        }

        _random.Dispose();
        _guardState.Dispose();
    }

    private static void Restore((Tensor Live, TensorCopy Copy)[] tensors)
    {
        foreach ((Tensor live, TensorCopy copy) in tensors)
        {
            copy.Restore(live);
        }
    }
}
