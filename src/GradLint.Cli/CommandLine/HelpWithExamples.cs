using System.CommandLine;
using System.CommandLine.Invocation;

namespace GradLint.Cli.CommandLine;

/// <summary>The help text that System.CommandLine writes, with the command's examples below it.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is ToolCommand { Examples: { Count: > 0 } examples })
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            int width = examples.Max(example => example.Line.Length);
            output.WriteLine("Examples:");
            foreach (ToolExample example in examples)
            {
                output.WriteLine($"  {example.Line.PadRight(width)}  {example.Meaning}");
            }

            output.WriteLine();
        }

        return code;
    }
}
