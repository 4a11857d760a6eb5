using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GradLint.Report.Tests;

/// <summary>A headless Chromium with one page, spoken to by the DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly List<string> _complaints = [];
    private int _latestId;

    private Chromium(Process process, string profile) => (_process, _profile) = (process, profile);

    /// <summary>What the page wrote to the console as an error or warning, and what it threw.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<Chromium> StartAsync(int width, int height, CancellationToken cancellation)
    {
        string profile = Directory.CreateTempSubdirectory("gradlint-browser-").FullName;
        var start = new ProcessStartInfo(BrowserFiles.Program!)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
                "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--in-process-gpu", "--no-zygote",
                "--remote-debugging-port=0", $"--user-data-dir={profile}", $"--window-size={width},{height}", "about:blank",
            },
        };
        if (BrowserFiles.Folder is { } folder)
        {
            start.Environment["LD_LIBRARY_PATH"] = Path.Combine(folder, "lib");
            start.Environment["FONTCONFIG_FILE"] = Path.Combine(folder, "fonts.conf");
        }

        var browser = new Chromium(Process.Start(start)!, profile);
        try
        {
            await browser.ConnectAsync(width, height, cancellation);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets the reader prefer dark pages, or light ones.</summary>
    public Task PreferAsync(bool dark, CancellationToken cancellation) => SendAsync(
        "Emulation.setEmulatedMedia",
        new JsonObject { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }) },
        cancellation);

    /// <summary>Opens a file, and waits until its scripts have run.</summary>
    public async Task OpenAsync(string file, CancellationToken cancellation)
    {
        await SendAsync("Page.navigate", new JsonObject { ["url"] = new Uri(file).AbsoluteUri }, cancellation);
        while (await EvaluateAsync("document.readyState === 'complete' && location.protocol === 'file:'", cancellation) is not "true")
        {
            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>The value of an expression on the page, as text.</summary>
    public async Task<string?> EvaluateAsync(string expression, CancellationToken cancellation)
    {
        JsonNode answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({expression})", ["returnByValue"] = true }, cancellation);
        return answer["exceptionDetails"] is { } error ? throw new InvalidOperationException(error.ToJsonString()) : answer["result"]!["value"]?.ToString();
    }

    /// <summary>The whole page as a PNG.</summary>
    public async Task<byte[]> ScreenshotAsync(CancellationToken cancellation)
    {
        JsonNode answer = await SendAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png", ["captureBeyondViewport"] = true }, cancellation);
        return Convert.FromBase64String(answer["data"]!.GetValue<string>());
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_profile, recursive: true);
    }

    private async Task ConnectAsync(int width, int height, CancellationToken cancellation)
    {
        Uri address = await AddressAsync().WaitAsync(TimeSpan.FromMinutes(1), cancellation);
        using var http = new HttpClient();
        using JsonDocument pages = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{address.Port}/json"), cancellation));
        string page = pages.RootElement.EnumerateArray().First(target => target.GetProperty("type").GetString() == "page")
            .GetProperty("webSocketDebuggerUrl").GetString()!;
        await _socket.ConnectAsync(new Uri(page), cancellation);
        foreach (string domain in (string[])["Page.enable", "Runtime.enable", "Log.enable"])
        {
            await SendAsync(domain, [], cancellation);
        }

        await SendAsync(
            "Emulation.setDeviceMetricsOverride",
            new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false },
            cancellation);
    }

    private Task<Uri> AddressAsync()
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, line) =>
        {
            int at = line.Data?.IndexOf(Announcement, StringComparison.Ordinal) ?? -1;
            if (at >= 0)
            {
                _ = address.TrySetResult(new Uri(line.Data![(at + Announcement.Length)..]));
            }
            else if (line.Data is null)
            {
                _ = address.TrySetException(new InvalidOperationException("The browser ended before it could be spoken to."));
            }
        };
        // Read to the end: who writes to a pipe that nobody reads stands still.
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        return address.Task;
    }

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters, CancellationToken cancellation)
    {
        int id = ++_latestId;
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellation);
        while (true)
        {
            JsonNode answer = await ReceiveAsync(cancellation);
            if (answer["id"]?.GetValue<int>() == id)
            {
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer.ToJsonString()}");
            }

            Note(answer);
        }
    }

    private async Task<JsonNode> ReceiveAsync(CancellationToken cancellation)
    {
        using var message = new MemoryStream();
        var buffer = new byte[1 << 16];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(message.ToArray())!;
    }

    private void Note(JsonNode told)
    {
        JsonNode? what = told["params"];
        switch (told["method"]?.GetValue<string>())
        {
            case "Runtime.exceptionThrown":
                _complaints.Add(what!["exceptionDetails"]!.ToJsonString());
                break;
            case "Runtime.consoleAPICalled" when what!["type"]!.GetValue<string>() is "error" or "warning" or "assert":
                _complaints.Add(what["args"]!.ToJsonString());
                break;
            case "Log.entryAdded" when what!["entry"]!["level"]!.GetValue<string>() is "error" or "warning":
                _complaints.Add(what["entry"]!.ToJsonString());
                break;
        }
    }
}
