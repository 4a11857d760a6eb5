using static TorchSharp.torch;

namespace GradLint;

/// <summary>How far a training has come, beside model, optimizer and guard: its epochs, and the weights of the best.</summary>
internal sealed class TrainingState(GradientGuard guard, EarlyStopping? stopping) : IGuardState, IDisposable
{
    private readonly List<EpochResult> _epochs = [];
    private readonly List<Tensor> _bestTensors = [];
    private int _best = -1;

    public IReadOnlyList<EpochResult> Epochs => _epochs;

    public EpochResult? Best => _best < 0 ? null : _epochs[_best];

    public bool IsOutOfPatience => stopping is not null && _epochs.Count - 1 - _best >= stopping.Patience;

    /// <summary>What early stopping and a scheduler look at.</summary>
    public static double Criterion(EpochResult epoch) => epoch.ValidationLoss ?? epoch.Loss;

    public void Add(EpochResult epoch)
    {
        _epochs.Add(epoch);
        double bar = Best is { } best ? Criterion(best) - (stopping?.MinImprovement ?? 0) : double.PositiveInfinity;
        // NaN is no improvement.
        if (Criterion(epoch) < bar)
        {
            _best = _epochs.Count - 1;
            CopyBest();
        }
    }

    public void RestoreBest()
    {
        if (_bestTensors.Count > 0)
        {
            using IDisposable noGradients = no_grad();
            foreach ((Tensor live, Tensor best) in Tensors().Zip(_bestTensors))
            {
                live.copy_(best);
            }
        }
    }

    public void Save(BinaryWriter writer)
    {
        ((IGuardState)guard).Save(writer);
        writer.Write(_epochs.Count);
        foreach (EpochResult epoch in _epochs)
        {
            writer.Write(epoch.Step);
            writer.Write(epoch.Loss);
            writer.Write(epoch.ValidationLoss is not null);
            writer.Write(epoch.ValidationLoss ?? 0);
        }

        writer.Write(_best);
        writer.Write(_bestTensors.Count);
        _bestTensors.ForEach(tensor => TensorFormat.Write(writer, tensor));
    }

    public void Load(BinaryReader reader)
    {
        ((IGuardState)guard).Load(reader);
        _epochs.Clear();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            (long step, double loss, bool validated, double validation) =
                (reader.ReadInt64(), reader.ReadDouble(), reader.ReadBoolean(), reader.ReadDouble());
            _epochs.Add(new EpochResult(_epochs.Count + 1, step, loss, validated ? validation : null));
        }

        _best = reader.ReadInt32();
        DisposeBest();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            _bestTensors.Add(TensorFormat.Read(reader).DetachFromDisposeScope());
        }
    }

    public void Dispose() => DisposeBest();

    private void CopyBest()
    {
        DisposeBest();
        if (stopping?.RestoreBest == true)
        {
            _bestTensors.AddRange(Tensors().Select(tensor => tensor.detach().clone().DetachFromDisposeScope()));
        }
    }

    private IEnumerable<Tensor> Tensors() => [.. guard.Model.parameters(), .. guard.Model.buffers()];

    private void DisposeBest()
    {
        _bestTensors.ForEach(tensor => tensor.Dispose());
        _bestTensors.Clear();
    }
}
