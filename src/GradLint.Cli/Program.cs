using GradLint.Cli.CommandLine;

return await GradLintTool.InvokeAsync(args, new ToolConsole(Console.Out, Console.Error), CancellationToken.None);
