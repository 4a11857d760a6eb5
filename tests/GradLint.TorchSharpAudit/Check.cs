using System.Globalization;

namespace GradLint.TorchSharpAudit;

/// <summary>One property of TorchSharp, held against its definition.</summary>
/// <param name="Family">The group in which it is listed.</param>
/// <param name="Name">What of TorchSharp is checked, as code.</param>
/// <param name="What">Which property of it.</param>
/// <param name="Tolerance">The largest error that passes.</param>
/// <param name="Error">Measures the error.</param>
internal sealed record Check(string Family, string Name, string What, double Tolerance, Func<double> Error)
{
    /// <summary>Checks it.</summary>
    public Finding Run()
    {
        try
        {
            return new Finding(this, Error(), null);
        }
        // A function that throws is a finding: TorchSharp declares some that it does not implement.
        catch (Exception error) when (error is System.Runtime.InteropServices.ExternalException or InvalidOperationException or ArgumentException or NotImplementedException)
        {
            return new Finding(this, double.NaN, error.Message.Split('\n')[0]);
        }
    }
}

/// <summary>What a check found.</summary>
internal sealed record Finding(Check Check, double Error, string? Exception)
{
    public bool IsDefect => !(Error <= Check.Tolerance);

    public string ErrorText => Exception is not null ? "throws" : Error.ToString("0.#E+0", CultureInfo.InvariantCulture);
}

/// <summary>A defect that is known.</summary>
/// <param name="Rule">The rule that tells of it, or that is proposed.</param>
/// <param name="What">What of TorchSharp is defective, as code.</param>
/// <param name="Explanation">What happens, and what it does to a training.</param>
/// <param name="Names">The checked names at which it shows.</param>
internal sealed record KnownDefect(string Rule, string What, string Explanation, IReadOnlyList<string> Names);
