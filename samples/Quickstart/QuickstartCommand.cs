using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Quickstart;

/// <summary>The command line: options in, exit code out.</summary>
internal static class QuickstartCommand
{
    private const int UserMistake = 2;
    private const int Interrupted = 130;

    private static readonly Option<string?> s_data = new("--data")
    {
        Description = "Folder with the full Fashion-MNIST files (*-ubyte.gz), instead of the subset that is shipped",
        HelpName = "DIR",
        CustomParser = ParsePath,
    };

    private static readonly Option<string> s_device = new("--device")
    {
        Description = "Where to train: cpu or cuda",
        HelpName = "NAME",
        DefaultValueFactory = _ => "cpu",
        CustomParser = ParseDevice,
    };

    private static readonly Option<int> s_seed = new("--seed")
    {
        Description = "Seed of weights and data order",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
        CustomParser = result => ParseNumber(result, atLeast: 0),
    };

    private static readonly Option<int> s_epochs = new("--epochs")
    {
        Description = "Passes over the training data, in each of the three runs",
        HelpName = "N",
        DefaultValueFactory = _ => 20,
        CustomParser = result => ParseNumber(result, atLeast: 1),
    };

    private static readonly Option<string> s_output = new("--output")
    {
        Description = "The picture to write: loss and gradient norm over steps",
        HelpName = "FILE",
        DefaultValueFactory = _ => "quickstart.svg",
        CustomParser = ParsePath,
    };

    public static int Invoke(string[] args, TextWriter output, TextWriter errors)
    {
        var command = new RootCommand(
            "Lints a network that explodes, then trains it three times with the same seed: bare, guarded, and with GradLint's code fixes.")
        {
            s_data, s_device, s_seed, s_epochs, s_output,
        };
        command.SetAction((options, cancellation) => Task.Run(() => RunAsync(options, output, errors, cancellation), CancellationToken.None));

        ParseResult parsed = command.Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            return Fail(errors, parsed.Errors[0].Message);
        }

        return parsed.Invoke(new InvocationConfiguration { Output = output, Error = errors });
    }

    private static async Task<int> RunAsync(ParseResult options, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        try
        {
            var settings = new Settings(
                options.GetValue(s_data) ?? FashionMnist.ShippedFolder, options.GetRequiredValue(s_device), options.GetRequiredValue(s_seed),
                options.GetRequiredValue(s_epochs), options.GetRequiredValue(s_output));
            await new Tour(settings, output).RunAsync(cancellation);
            return 0;
        }
        catch (QuickstartException mistake)
        {
            return Fail(errors, mistake.Message);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
    }

    private static int Fail(TextWriter errors, string message)
    {
        errors.WriteLine($"quickstart: {message.ReplaceLineEndings(" ")}");
        return UserMistake;
    }

    private static string ParsePath(ArgumentResult result)
    {
        string path = result.Tokens[0].Value;
        if (string.IsNullOrWhiteSpace(path))
        {
            result.AddError($"{OptionName(result)} needs a path");
        }

        return path;
    }

    private static string ParseDevice(ArgumentResult result)
    {
        string name = result.Tokens[0].Value;
        if (name is not ("cpu" or "cuda"))
        {
            result.AddError($"--device '{name}' is unknown: cpu or cuda");
        }

        return name;
    }

    private static int ParseNumber(ArgumentResult result, int atLeast)
    {
        string text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) || number < atLeast)
        {
            result.AddError($"{OptionName(result)} '{text}' is not a whole number from {atLeast} on");
        }

        return number;
    }

    private static string OptionName(ArgumentResult result) => ((OptionResult)result.Parent!).Option.Name;
}
