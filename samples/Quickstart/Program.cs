return Quickstart.QuickstartCommand.Invoke(args, Console.Out, Console.Error);
