namespace GradLint;

/// <summary>What a part of the guard has learned from the run; another guard with the same options can continue from it.</summary>
internal interface IGuardState
{
    void Save(BinaryWriter writer);

    /// <exception cref="InvalidDataException">The state does not fit this part.</exception>
    void Load(BinaryReader reader);
}
