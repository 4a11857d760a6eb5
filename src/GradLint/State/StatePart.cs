namespace GradLint;

/// <summary>A part of the guard that the options may leave out.</summary>
internal static class StatePart
{
    public static void Save(BinaryWriter writer, IGuardState? part)
    {
        writer.Write(part is not null);
        part?.Save(writer);
    }

    /// <exception cref="InvalidDataException">The part is there in one of the two and not in the other.</exception>
    public static void Load(BinaryReader reader, IGuardState? part, string option)
    {
        if (reader.ReadBoolean() != part is not null)
        {
            throw new InvalidDataException(
                $"The state was saved by a guard {(part is null ? "with" : "without")} {option}; attach this one with the same options.");
        }

        part?.Load(reader);
    }
}
