using GradLint.Cli.CommandLine;

using var termination = new Termination();
int code = await GradLintTool.InvokeAsync(args, new ToolConsole(Console.Out, Console.Error), termination.Requested);
return termination.Code ?? code;
