using static TorchSharp.torch;

namespace GradLint;

/// <summary>Clips each parameter group of the optimizer on its own, each in its own way.</summary>
/// <param name="groups">One for each group, in order; null leaves a group as it is.</param>
/// <param name="others">For the groups that are more than those, together; null leaves them as they are.</param>
internal sealed class GroupClipper(IReadOnlyList<Clipper?> groups, Clipper? others) : Clipper
{
    private Part[] _parts = [];

    /// <summary>A norm of all together is harmless if it would be in each group.</summary>
    public override double HarmlessNorm => _parts.Length == 0 ? 0 : _parts.Min(part => part.Clipper.HarmlessNorm);

    public override void Attach(GuardedParameters guarded)
    {
        ILookup<Clipper?, int> byClipper = Enumerable.Range(0, guarded.Parameters.Count)
            .ToLookup(i => guarded.Groups[i] < groups.Count ? groups[guarded.Groups[i]] : others);
        _parts = [.. from part in byClipper where part.Key is not null select new Part(part.Key!, [.. part])];
        foreach (Part part in _parts)
        {
            part.Clipper.Attach(guarded.Part(part.Parameters));
        }
    }

    public override bool Clip(ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured)
    {
        bool clipped = false;
        foreach (Part part in _parts)
        {
            clipped |= part.Clip(gradients, measured);
        }

        return clipped;
    }

    public override void Save(BinaryWriter writer)
    {
        foreach (Clipper clipper in All)
        {
            clipper.Save(writer);
        }
    }

    public override void Load(BinaryReader reader)
    {
        foreach (Clipper clipper in All)
        {
            clipper.Load(reader);
        }
    }

    private IEnumerable<Clipper> All => groups.Append(others).OfType<Clipper>();

    private sealed class Part(Clipper clipper, int[] parameters)
    {
        private readonly Tensor?[] _gradients = new Tensor?[parameters.Length];
        private readonly GradientMeasurement _measured = new(parameters.Length, throughMemory: true);

        public Clipper Clipper => clipper;

        public int[] Parameters => parameters;

        public bool Clip(ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured)
        {
            for (int i = 0; i < parameters.Length; i++)
            {
                _gradients[i] = gradients[parameters[i]];
            }

            _measured.ReadPart(measured, parameters, _gradients);
            return _measured.Any && clipper.Clip(_gradients, _measured);
        }
    }
}
