using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Finds units that get no gradient at all for many steps: rectifiers that are never active, or layers that the loss does not depend on.
/// </summary>
/// <remarks>
/// A unit is seen by its bias: its gradient is exactly zero where the unit passed nothing on. Parameters of two dimensions or more,
/// and those on another device, are looked at as a whole. Every tenth step is looked at, so that it costs next to nothing.
/// </remarks>
public sealed record DeadUnitDetection
{
    /// <summary>The share of a layer's units that may be dead. Greater than 0, at most 1. Default 0.7, as in AutoTrainer and DeepDiagnosis.</summary>
    public double MaxShare { get; init; } = 0.7;

    /// <summary>For how many steps a unit must have had no gradient. At least 10. Default 200.</summary>
    public int Steps { get; init; } = 200;

    internal void Validate(List<string> problems)
    {
        AdviceOptions.Require(
            problems, MaxShare is > 0 and <= 1, $"{nameof(DeadUnitDetection)}.{nameof(MaxShare)}", MaxShare, "greater than 0 and at most 1");
        AdviceOptions.Require(problems, Steps >= 10, $"{nameof(DeadUnitDetection)}.{nameof(Steps)}", Steps, "at least 10");
    }
}

internal sealed class DeadUnitDetector(DeadUnitDetection options) : AdvisoryDetector
{
    private const int Interval = 10;

    private IReadOnlyList<string> _names = [];
    private IReadOnlyList<Parameter> _parameters = [];
    private bool[][] _alive = [];
    private bool[] _hasGradient = [];
    private int _steps;

    public override void Attach(IReadOnlyList<string> names, IReadOnlyList<Parameter> parameters)
    {
        (_names, _parameters, _steps) = (names, parameters, 0);
        _alive = [.. parameters.Select(parameter => new bool[parameter.dim() == 1 && parameter.device_type == TorchSharp.DeviceType.CPU
            ? parameter.numel() : 1])];
        _hasGradient = new bool[parameters.Count];
    }

    public override Advice? Observe(in ObservedStep step)
    {
        if (!step.HasGradients)
        {
            return null;
        }

        if (_steps % Interval == 0)
        {
            Look(step);
        }

        if (++_steps < options.Steps)
        {
            return null;
        }

        Advice? advice = Judge(step.Number);
        _steps = 0;
        Array.Clear(_hasGradient);
        foreach (bool[] units in _alive)
        {
            Array.Clear(units);
        }

        return advice;
    }

    public override void Save(BinaryWriter writer)
    {
        base.Save(writer);
        writer.Write(_steps);
        Write(writer, _hasGradient);
        foreach (bool[] units in _alive)
        {
            Write(writer, units);
        }
    }

    public override void Load(BinaryReader reader)
    {
        base.Load(reader);
        _steps = reader.ReadInt32();
        Read(reader, _hasGradient);
        foreach (bool[] units in _alive)
        {
            Read(reader, units);
        }
    }

    private void Look(in ObservedStep step)
    {
        for (int i = 0; i < _alive.Length; i++)
        {
            if (step.Gradients[i] is not { } gradient)
            {
                continue;
            }

            _hasGradient[i] = true;
            if (_alive[i].Length > 1 && gradient.dtype == ScalarType.Float32 && TensorMemory.TryGetBytes(gradient, out Span<byte> bytes))
            {
                MarkAlive(_alive[i], MemoryMarshal.Cast<byte, float>(bytes));
            }
            else if (step.Measured.Each[i].Squares.Sum > 0)
            {
                Array.Fill(_alive[i], true);
            }
        }
    }

    private static void MarkAlive(Span<bool> alive, ReadOnlySpan<float> gradient)
    {
        for (int unit = 0; unit < gradient.Length; unit++)
        {
            alive[unit] |= gradient[unit] != 0;
        }
    }

    private Advice? Judge(long step)
    {
        double largest = 0;
        int worst = -1;
        for (int i = 0; i < _alive.Length; i++)
        {
            double share = (double)_alive[i].AsSpan().Count(false) / _alive[i].Length;
            if (_hasGradient[i] && share > largest && _parameters[i].requires_grad)
            {
                (largest, worst) = (share, i);
            }
        }

        if (!IsNews(largest >= options.MaxShare))
        {
            return null;
        }

        string[] dead = [.. Enumerable.Range(0, _alive.Length).Where(i => IsDead(i)).Select(i => _names[i])];
        return new Advice(
            AdviceKind.DeadUnits,
            step,
            largest,
            options.MaxShare,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{largest:P0} of the units of {Layer.Of(_names[worst])} have had no gradient for {options.Steps} steps. ")
            + "Try LeakyReLU, a lower learning rate or smaller biases; or the loss does not depend on them.",
            dead);
    }

    private bool IsDead(int i) => _hasGradient[i] && _parameters[i].requires_grad
        && _alive[i].AsSpan().Count(false) >= options.MaxShare * _alive[i].Length;

    private static void Write(BinaryWriter writer, bool[] flags)
    {
        writer.Write(flags.Length);
        writer.Write(MemoryMarshal.AsBytes<bool>(flags));
    }

    private static void Read(BinaryReader reader, bool[] flags)
    {
        int length = reader.ReadInt32();
        if (length != flags.Length)
        {
            throw new InvalidDataException($"The saved state watches {length} units or layers where this guard watches {flags.Length}.");
        }

        for (int i = 0; i < flags.Length; i++)
        {
            flags[i] = reader.ReadBoolean();
        }
    }
}
