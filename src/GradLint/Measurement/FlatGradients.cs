using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// The gradients of parameters on a device, as views of one flat buffer for each device and type: so that measuring or scaling them takes
/// a fixed number of kernels however many parameters there are, and measuring one synchronization.
/// </summary>
/// <remarks>
/// A gradient that is a view stays that view: a backward pass adds to it in place, and <c>zero_grad()</c> zeroes it in place. Where
/// someone puts another tensor in its place, that one is copied in. A parameter without a gradient is not given one: optimizers
/// treat that differently from zeros. Sparse and complex gradients stay where they are.
/// </remarks>
internal sealed class FlatGradients : IDisposable
{
    private readonly FlatBuffer[] _buffers;
    private readonly (FlatBuffer Buffer, int Place)?[] _places;

    private FlatGradients(IReadOnlyList<Parameter> parameters, int[] chosen)
    {
        _places = new (FlatBuffer, int)?[parameters.Count];
        _buffers =
        [
            .. chosen.GroupBy(i => (parameters[i].device_type, parameters[i].device_index, parameters[i].dtype))
                .Select(group => new FlatBuffer([.. group], parameters)),
        ];
        foreach (FlatBuffer buffer in _buffers)
        {
            for (int place = 0; place < buffer.Parameters.Length; place++)
            {
                _places[buffer.Parameters[place]] = (buffer, place);
            }
        }
    }

    /// <summary>Null if no parameter lies on a device.</summary>
    /// <param name="parameters">All that are measured.</param>
    /// <param name="alsoInMemory">Whether those in this process's memory are taken in, too: to test without another device.</param>
    public static FlatGradients? Of(IReadOnlyList<Parameter> parameters, bool alsoInMemory)
    {
        // Were gradients not known again, each step would copy them in anew.
        int[] chosen = !GradientIdentity.CanTell ? [] :
        [
            .. Enumerable.Range(0, parameters.Count).Where(i =>
                (alsoInMemory || parameters[i].device_type != DeviceType.CPU)
                && parameters[i].dtype is ScalarType.Float32 or ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16
                && parameters[i].numel() > 0),
        ];
        return chosen.Length == 0 ? null : new FlatGradients(parameters, chosen);
    }

    public bool TryHold(int index, Parameter parameter, Tensor gradient) =>
        _places[index] is var (buffer, place) && buffer.TryHold(place, parameter, gradient);

    public void LetGo(int index)
    {
        if (_places[index] is var (buffer, place))
        {
            buffer.LetGo(place);
        }
    }

    public bool IsHeld(int index) => _places[index] is var (buffer, place) && buffer.IsHeld(place);

    /// <summary>Measures all gradients that are held, in one synchronization; those that turn out bad cost another one each.</summary>
    /// <param name="statistics">One entry for each parameter; those whose gradient is held are filled in.</param>
    /// <param name="loss">Comes to the host along with the rest; null if there is none.</param>
    /// <returns>The loss.</returns>
    public double? Read(Span<TensorStatistics> statistics, Tensor? loss)
    {
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor[] summaries = [.. _buffers.Select(buffer => buffer.Summary())];
        Tensor[] all = loss is null ? summaries : [.. summaries, loss.reshape(1).to(ScalarType.Float64)];
        Device device = all[0].device;
        ReadOnlySpan<double> host = MemoryMarshal.Cast<byte, double>(
            torch.cat([.. all.Select(part => part.to(device))]).cpu().bytes);
        double? value = loss is null ? null : host[^1];
        foreach (FlatBuffer buffer in _buffers)
        {
            host = host[buffer.Read(host, statistics)..];
        }

        return value;
    }

    /// <summary>What is to be told of all gradients that are held, and their norm; both stay on the device.</summary>
    public (Tensor Summary, Tensor Norm) Summarize()
    {
        Device device = _buffers[0].Device;
        Tensor[] summaries = [.. _buffers.Select(buffer => buffer.Summary().to(device))];
        Tensor norms = torch.cat([.. _buffers.Zip(summaries).Select(pair => pair.First.NormsIn(pair.Second))]);
        return (torch.cat(summaries), torch.linalg.vector_norm(norms).reshape(1));
    }

    /// <summary>Fills in what an earlier summary tells.</summary>
    public void ReadLate(ReadOnlySpan<double> summary, Span<TensorStatistics> statistics)
    {
        foreach (FlatBuffer buffer in _buffers)
        {
            summary = summary[buffer.ReadLate(summary, statistics)..];
        }
    }

    /// <summary>Multiplies all gradients that are held with a factor on the device; what is not finite becomes zero.</summary>
    public void ScaleFinite(Tensor factor)
    {
        foreach (FlatBuffer buffer in _buffers)
        {
            buffer.ScaleFinite(factor);
        }
    }

    /// <summary>Multiplies all gradients that are held.</summary>
    public void Scale(double factor)
    {
        foreach (FlatBuffer buffer in _buffers)
        {
            buffer.Scale(factor);
        }
    }

    public void Dispose()
    {
        foreach (FlatBuffer buffer in _buffers)
        {
            buffer.Dispose();
        }
    }
}
