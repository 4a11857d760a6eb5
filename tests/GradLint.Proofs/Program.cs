using GradLint.Proofs;

// Proves every rule that has a program; exit code 0 where all proofs hold:
//   dotnet run -c Release --project tests/GradLint.Proofs -- [--rule GL3001] [--markdown file]
if (ProgramRun.IsAsked(args))
{
    return 0;
}

string? rule = ValueOf("--rule");
var proofs = new List<Proof>();
int failed = 0;
foreach (BadProgram program in BadProgram.In(BadPrograms.Folder).Where(program => rule is null || program.RuleId == rule))
{
    try
    {
        Proof proof = await Proof.OfAsync(program, CancellationToken.None);
        proofs.Add(proof);
        Console.WriteLine($"{program.Name,-50} {program.Symptom}: {proof.Before:G3} before, {proof.After:G3} after");
    }
    catch (ProofException defect)
    {
        failed++;
        Console.WriteLine($"{program.Name,-50} FAILED: {defect.Message}");
    }
}

Console.WriteLine($"{proofs.Count} proved, {failed} failed.");
if (ValueOf("--markdown") is { } page && failed == 0)
{
    using StreamWriter writer = new(page);
    ProofPage.Write(writer, proofs);
}

return failed == 0 ? 0 : 1;

string? ValueOf(string option) => args.SkipWhile(argument => argument != option).Skip(1).FirstOrDefault();
