using System.Text;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>The state of a whole training in a file: model, optimizer, random numbers and guard.</summary>
/// <param name="model">Its parameters and buffers, trainable or not.</param>
/// <param name="optimizer">One of TorchSharp's own.</param>
/// <param name="guard">What it has learned.</param>
internal sealed class Checkpoint(nn.Module model, OptimizerHelper optimizer, IGuardState guard)
{
    private const string Mark = "GradLint.Checkpoint";
    private const int Version = 2;

    public void Save(string path) => WholeFile.Write(path, Write);

    /// <exception cref="InvalidDataException">The file does not fit model, optimizer or guard; nothing was changed.</exception>
    public void Load(string path) => WholeFile.Read(path, Read);

    /// <summary>The names of the tensors that are not finite.</summary>
    public IReadOnlyList<string> NonFinite(StatisticsReader reader)
    {
        (string Name, Tensor Tensor)[] all = [.. ModelTensors(), .. OptimizerTensors()];
        var statistics = new TensorStatistics[all.Length];
        reader.Read(Array.ConvertAll(all, named => (Tensor?)named.Tensor), statistics);
        return [.. all.Zip(statistics).Where(pair => pair.Second.NonFinite > 0).Select(pair => pair.First.Name)];
    }

    private (string Name, Tensor Tensor)[] ModelTensors() =>
    [
        .. model.named_parameters().Select(named => (named.name, (Tensor)named.parameter)),
        .. model.named_buffers().Select(named => (named.name, named.buffer)),
    ];

    private IEnumerable<(string Name, Tensor Tensor)> OptimizerTensors() =>
        from fields in OptimizerFields.Of(optimizer)
        from i in Enumerable.Range(0, fields.Tensors)
        let tensor = fields.GetTensor(i)
        where tensor is not null
        select ("the optimizer's state", tensor);

    /// <summary>The parameters that the optimizer steps, in the order of its state.</summary>
    private (string Name, Device Device)[] Stepped()
    {
        var names = new Dictionary<nint, string>();
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            _ = names.TryAdd(TensorIdentity.Of(parameter), name);
        }

        return
        [
            .. optimizer.parameters().DistinctBy(parameter => parameter.Handle)
                .Select(parameter => (names.GetValueOrDefault(TensorIdentity.Of(parameter), ""), parameter.device)),
        ];
    }

    private void Write(BinaryWriter writer)
    {
        writer.Write(Mark);
        writer.Write(Version);
        (string Name, Tensor Tensor)[] ofModel = ModelTensors();
        writer.Write(ofModel.Length);
        foreach ((string name, Tensor tensor) in ofModel)
        {
            writer.Write(name);
            TensorFormat.Write(writer, tensor);
        }

        writer.Write(optimizer.GetType().Name);
        List<OptimizerOptions> groups = optimizer.state_dict().Options;
        OptimizerFields[] fields = OptimizerFields.Of(optimizer);
        writer.Write(groups.Count);
        writer.Write(fields.Length);
        foreach (((string name, _), OptimizerFields ofParameter) in Stepped().Zip(fields))
        {
            writer.Write(name);
            Write(writer, ofParameter);
        }

        using Tensor random = torch.get_rng_state();
        TensorFormat.Write(writer, random);
        WriteBlock(writer, block =>
        {
            using var options = new BinaryWriter(block, Encoding.UTF8, leaveOpen: true);
            groups.ForEach(group => group.SaveStateDict(options));
        });
        WriteBlock(writer, block => GuardStateFormat.Save(block, guard));
    }

    private static void Write(BinaryWriter writer, OptimizerFields fields)
    {
        for (int i = 0; i < fields.Tensors; i++)
        {
            Tensor? tensor = fields.GetTensor(i);
            writer.Write(tensor is not null);
            if (tensor is not null)
            {
                TensorFormat.Write(writer, tensor);
            }
        }

        for (int i = 0; i < fields.Numbers; i++)
        {
            writer.Write(fields.TypeOf(i) is TypeCode.Double or TypeCode.Single
                ? BitConverter.DoubleToInt64Bits(Convert.ToDouble(fields.GetNumber(i)))
                : Convert.ToInt64(fields.GetNumber(i)));
        }
    }

    /// <summary>Reads everything first, and changes something only when all of it fits.</summary>
    private void Read(BinaryReader reader)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Require(reader.ReadString() == Mark, "This is not a checkpoint of GradLint.");
        int version = reader.ReadInt32();
        Require(version == Version, $"The checkpoint has version {version}; this version of GradLint reads version {Version}.");
        var changes = new List<Action>();
        ReadModel(reader, changes);
        ReadOptimizer(reader, changes);
        Tensor random = TensorFormat.Read(reader);
        byte[] options = ReadBlock(reader);
        using var guardState = new MemoryStream(ReadBlock(reader));
        // The guard refuses a state that does not fit, and then stays as it is.
        GuardStateFormat.Load(guardState, guard);

        using IDisposable noGradient = torch.no_grad();
        changes.ForEach(change => change());
        torch.set_rng_state(random);
        using var optionsReader = new BinaryReader(new MemoryStream(options), Encoding.UTF8);
        optimizer.state_dict().Options.ForEach(group => group.LoadStateDict(optionsReader));
    }

    private void ReadModel(BinaryReader reader, List<Action> changes)
    {
        (string Name, Tensor Tensor)[] ofModel = ModelTensors();
        int count = reader.ReadInt32();
        Require(
            count == ofModel.Length,
            $"The checkpoint is of a model with {count} parameters and buffers; this one has {ofModel.Length}.");
        foreach ((string name, Tensor live) in ofModel)
        {
            string savedName = reader.ReadString();
            Tensor saved = TensorFormat.Read(reader);
            Require(
                savedName == name && saved.dtype == live.dtype && saved.shape.AsSpan().SequenceEqual(live.shape),
                $"The checkpoint has {Describe(savedName, saved)} where the model has {Describe(name, live)}.");
            changes.Add(() => live.copy_(saved));
        }
    }

    private void ReadOptimizer(BinaryReader reader, List<Action> changes)
    {
        string type = reader.ReadString();
        Require(type == optimizer.GetType().Name, $"The checkpoint is of a training with {type}, not {optimizer.GetType().Name}.");
        int groups = reader.ReadInt32();
        int parameters = reader.ReadInt32();
        OptimizerFields[] fields = OptimizerFields.Of(optimizer);
        Require(
            groups == optimizer.state_dict().Options.Count && parameters == fields.Length,
            $"The checkpoint is of an optimizer with {groups} groups and {parameters} parameters; add the same groups before loading it.");
        foreach (((string name, Device device), OptimizerFields ofParameter) in Stepped().Zip(fields))
        {
            string savedName = reader.ReadString();
            Require(
                savedName == name,
                $"The checkpoint's optimizer steps {savedName} where this one steps {name}: create it with the parameters in the same order.");
            for (int i = 0; i < ofParameter.Tensors; i++)
            {
                int index = i;
                Tensor? saved = reader.ReadBoolean() ? TensorFormat.Read(reader) : null;
                changes.Add(() => ofParameter.SetTensor(index, saved?.to(device, copy: true).DetachFromDisposeScope()));
            }

            for (int i = 0; i < ofParameter.Numbers; i++)
            {
                int index = i;
                long bits = reader.ReadInt64();
                TypeCode code = ofParameter.TypeOf(i);
                object number = code is TypeCode.Double or TypeCode.Single
                    ? Convert.ChangeType(BitConverter.Int64BitsToDouble(bits), code)
                    : Convert.ChangeType(bits, code);
                changes.Add(() => ofParameter.SetNumber(index, number));
            }
        }
    }

    private static void WriteBlock(BinaryWriter writer, Action<Stream> write)
    {
        using var block = new MemoryStream();
        write(block);
        writer.Write((int)block.Length);
        writer.Write(block.GetBuffer(), 0, (int)block.Length);
    }

    private static byte[] ReadBlock(BinaryReader reader) => reader.ReadBytes(reader.ReadInt32());

    private static string Describe(string name, Tensor tensor) => $"{name} ({tensor.dtype}, [{string.Join(", ", tensor.shape)}])";

    private static void Require(bool fits, string problem)
    {
        if (!fits)
        {
            throw new InvalidDataException(problem);
        }
    }
}
