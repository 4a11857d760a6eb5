using System.Text.Json;
using System.Text.Json.Serialization;

namespace GradLint.Faults;

internal static class FaultJson
{
    private const int SchemaVersion = 1;

    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        // An infinite ratio is a result, too.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };

    public static string Of(FaultStudyReport report) => JsonSerializer.Serialize(
        new
        {
            SchemaVersion,
            report.Steps,
            report.Seeds,
            FaultCase.Bar,
            Methods = report.Methods.Select(method => new
            {
                Name = method,
                FalseAlarms = report.FalseAlarms(method),
                CleanLossRatio = report.CleanLossRatio(method),
            }),
            Faults = report.Faults.Select(fault => new
            {
                fault.Name,
                Kind = fault.Fault.Kind.ToString(),
                fault.Fault.FirstStep,
                fault.Fault.Steps,
                fault.Fault.Factor,
                fault.IsTransient,
            }),
            report.Cases,
        },
        s_options);
}
