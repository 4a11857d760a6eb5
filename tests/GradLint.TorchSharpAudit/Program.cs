using GradLint.TorchSharpAudit;
using static TorchSharp.torch;

// Holds TorchSharp against its definitions; exit code 0 where the defects are exactly those that are known:
//   dotnet run -c Release --project tests/GradLint.TorchSharpAudit -- [--markdown file]
set_num_threads(1);
AuditReport report = Audit.Run();
report.WriteTable(Console.Out);
if (args is ["--markdown", string file])
{
    using StreamWriter writer = new(file);
    report.WriteMarkdown(writer);
}

return report.Surprises.Count == 0 ? 0 : 1;
