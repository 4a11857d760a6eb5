using System;

namespace GradLint.SignalPropagation;

/// <summary>A network graph that cannot be: the message names the node and says what is wrong with it.</summary>
public sealed class NetworkGraphException : Exception
{
    /// <summary>An error without a message.</summary>
    public NetworkGraphException()
    {
    }

    /// <summary>An error that belongs to no single node.</summary>
    public NetworkGraphException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public NetworkGraphException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error at a node.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="problem">What is wrong, as the end of a sentence that begins with the node's name.</param>
    public NetworkGraphException(string node, string problem)
        : base($"'{node}' {problem}") => Node = node;

    /// <summary>The node at fault, where there is one.</summary>
    public string? Node { get; }
}
