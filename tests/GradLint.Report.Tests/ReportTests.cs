using System.Globalization;
using SkiaSharp;

namespace GradLint.Report.Tests;

/// <summary>Opens reports in a real browser.</summary>
public sealed class ReportTests : IDisposable
{
    private const int Width = 1240;

    private readonly string _folder = Directory.CreateTempSubdirectory("gradlint-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_report_opens_without_complaint_and_shows_its_pictures()
    {
        await using Chromium browser = await OpenAsync(SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 3000, layers: 24));

        Assert.Empty(browser.Complaints);
        using SKBitmap page = await PictureAsync(browser, "report");
        foreach ((string canvas, int colours) in ((string, int)[])[("loss", 8), ("norm", 8), ("rate", 4), ("norms", 80), ("updates", 80), ("histograms", 15), ("flow", 8)])
        {
            SKRectI place = await PlaceAsync(browser, canvas);
            HashSet<SKColor> seen = [.. Pixels(page, place)];
            Assert.True(seen.Count >= colours, $"{canvas} shows {seen.Count} colours at {place}.");
        }
    }

    [Fact]
    public async Task The_heat_map_shows_which_layer_exploded_and_when()
    {
        await using Chromium browser = await OpenAsync(SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 1000, layers: 10, spikeAt: 500));
        using SKBitmap page = await PictureAsync(browser, "spike");
        SKRectI place = await PlaceAsync(browser, "norms");

        // What is far above all others is orange, and only the first layer at the middle of the run is; the others keep their colours.
        (int X, int Y)[] orange = [.. from x in Enumerable.Range(place.Left, place.Width)
                                      from y in Enumerable.Range(place.Top + 40, place.Height - 70)
                                      let colour = page.GetPixel(x, y)
                                      where colour is { Red: 213, Green: 94, Blue: 0 }
                                      select (x, y)];
        Assert.NotEmpty(orange);
        double middle = place.Left + 240 + ((place.Width - 254) / 2.0);
        Assert.InRange(orange.Average(pixel => pixel.X), middle - 12, middle + 12);
        Assert.InRange(orange.Average(pixel => pixel.Y), place.Top + 34, place.Top + 34 + (place.Height / 10.0));
        Assert.All(orange, pixel => Assert.InRange(pixel.X, middle - 24, middle + 24));
        Assert.True(Pixels(page, place).Distinct().Count() > 80);
    }

    [Fact]
    public async Task What_matters_is_said_first_and_leads_to_where_it_shows()
    {
        await using Chromium browser = await OpenAsync(SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 600, layers: 6, spikeAt: 500));

        string? text = await browser.EvaluateAsync("document.getElementById('findings').innerText", Cancellation);

        Assert.Contains("1 of 600 steps were out of the ordinary (1 skipped), the first at step 500: spike.", text, StringComparison.Ordinal);
        Assert.Contains("The loss fell from", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(390, false)]
    [InlineData(390, true)]
    [InlineData(1280, true)]
    public async Task It_fits_a_phone_and_a_dark_room(int width, bool dark)
    {
        string log = SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 600, layers: 6, spikeAt: 500);
        await using Chromium browser = await OpenAsync(log, width, dark);

        Assert.Empty(browser.Complaints);
        Assert.Equal($"{width}", await browser.EvaluateAsync("document.documentElement.scrollWidth", Cancellation));
        using SKBitmap page = await PictureAsync(browser, $"{width}{(dark ? "-dark" : "")}");
        Assert.Equal(dark, page.GetPixel(2, 2).Red < 60);
    }

    /// <summary>On a logarithmic scale they would be gaps.</summary>
    [Fact]
    public async Task Losses_below_zero_are_drawn_throughout()
    {
        string log = SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 300, layers: 2, lossBelow: 1);
        await using Chromium browser = await OpenAsync(log);
        using SKBitmap page = await PictureAsync(browser, "negative");
        SKRectI place = await PlaceAsync(browser, "loss");

        int[] drawn = [.. Enumerable.Range(place.Left + 70, place.Width - 90).Where(
            x => Enumerable.Range(place.Top, place.Height).Any(y => page.GetPixel(x, y) is { Blue: > 140, Red: < 90 }))];

        Assert.True(drawn.Length > 0.95 * (place.Width - 90), $"{drawn.Length} of {place.Width - 90} columns show the loss.");
    }

    [Fact]
    public async Task A_run_of_one_step_shows_it()
    {
        await using Chromium browser = await OpenAsync(SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 1, layers: 2), width: 390);
        using SKBitmap page = await PictureAsync(browser, "one");

        Assert.Contains(Pixels(page, await PlaceAsync(browser, "loss")), pixel => pixel is { Blue: > 140, Red: < 90 });
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task What_is_not_shown_is_drawn_once_it_is()
    {
        await using Chromium browser = await OpenAsync(SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 100, layers: 3));

        _ = await browser.EvaluateAsync("document.querySelector('main').style.display = 'none'", Cancellation);
        _ = await browser.EvaluateAsync("document.getElementById('logarithmic').click()", Cancellation);
        _ = await browser.EvaluateAsync("document.querySelector('main').style.display = ''", Cancellation);

        // A picture is taken of what has been drawn.
        (await PictureAsync(browser, "shown")).Dispose();
        Assert.Empty(browser.Complaints);
        string? colours = await browser.EvaluateAsync(
            "(c => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size)(document.getElementById('norms'))", Cancellation);
        Assert.True(int.Parse(colours!, CultureInfo.InvariantCulture) > 80, colours);
    }

    [Fact]
    public async Task Events_have_value_threshold_baseline_culprit_advice_and_rule_page()
    {
        await using Chromium browser = await OpenAsync(SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 600, layers: 6, spikeAt: 500));

        string? row = await browser.EvaluateAsync("document.querySelector('#events tr:nth-child(2)').innerText", Cancellation);

        Assert.NotNull(row);
        foreach (string part in (string[])["500", "skipped", "spike", "gradient norm 9000", "1", "3", "block0.weight", "lower the learning rate", "GL3001"])
        {
            Assert.Contains(part, row, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Advice_is_listed_and_the_rules_that_are_named_link_to_their_pages_in_the_file()
    {
        await using Chromium browser = await OpenAsync(SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 600, layers: 6, spikeAt: 500));

        string? row = await browser.EvaluateAsync("document.querySelector('#advice tr:nth-child(2)').innerText", Cancellation);
        foreach (string part in (string[])["500", "depth ratio", "The gradient of block0 explodes.", "block0.weight", "GL1001"])
        {
            Assert.Contains(part, row, StringComparison.Ordinal);
        }

        Assert.Equal("0", await browser.EvaluateAsync(
            "String([...document.querySelectorAll('a')].filter(a => !document.querySelector(a.getAttribute('href'))).length)", Cancellation));
        _ = await browser.EvaluateAsync("document.querySelector('#events a[href=\"#GL3001\"]').click()", Cancellation);
        string? page = await browser.EvaluateAsync("document.querySelector('#GL3001').innerText", Cancellation);
        Assert.StartsWith("GL3001: The learning rate", page, StringComparison.Ordinal);
        Assert.Contains("optim.Adam(model.parameters(), lr: 0.5)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("**", page, StringComparison.Ordinal);
        Assert.Empty(browser.Complaints);
        (await PictureAsync(browser, "advice")).Dispose();
    }

    [Fact]
    public async Task A_log_that_was_cut_off_says_so_at_the_top()
    {
        string log = SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 50, layers: 3);
        byte[] whole = await File.ReadAllBytesAsync(log, Cancellation);
        await File.WriteAllBytesAsync(log, whole[..(whole.Length - 400)], Cancellation);
        await using Chromium browser = await OpenAsync(log);

        Assert.Contains("cut off", await browser.EvaluateAsync("document.getElementById('cut-off').innerText", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_looks_like_a_tag_is_text()
    {
        string log = SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 20, layers: 2, model: "</script><b>Net & \u2028 'x'");
        await using Chromium browser = await OpenAsync(log);

        Assert.Empty(browser.Complaints);
        Assert.Equal("</script><b>Net & \u2028 'x'", await browser.EvaluateAsync("document.getElementById('title').textContent", Cancellation));
    }

    [Fact]
    public async Task A_run_without_any_step_has_a_report()
    {
        await using Chromium browser = await OpenAsync(SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 0, layers: 0));

        Assert.Empty(browser.Complaints);
        Assert.Equal("None: every step was in order.", await browser.EvaluateAsync("document.getElementById('events-text').textContent", Cancellation));
    }

    [Fact]
    public async Task A_hundred_thousand_steps_of_five_hundred_layers_stay_usable()
    {
        string log = SyntheticRun.Write(Path.Combine(_folder, "run.jsonl"), steps: 100_000, layers: 500, spikeAt: 70_000);
        await using Chromium browser = await OpenAsync(log);

        Assert.Empty(browser.Complaints);
        long size = new FileInfo(Path.ChangeExtension(log, ".html")).Length;
        string milliseconds = (await browser.EvaluateAsync("document.documentElement.dataset.drawnAfterMs", Cancellation))!;
        TestContext.Current.TestOutputHelper!.WriteLine($"{size / 1e6:F2} MB, drawn after {milliseconds} ms");
        Assert.InRange(size, 0, 8_000_000);
        using SKBitmap page = await PictureAsync(browser, "long");
        Assert.True(Pixels(page, await PlaceAsync(browser, "norms")).Distinct().Count() > 80);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<Chromium> OpenAsync(string log, int width = Width, bool dark = false)
    {
        // Where tests are all there is to rely on, a missing browser is a failure.
        if (BrowserFiles.Program is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("There is no Chromium: install one, or npm, which fetches it when this project is built.");
        }

        string report = Path.ChangeExtension(log, ".html");
        RunReport.Write(RunHistory.Read(log), report);
        Chromium browser = await Chromium.StartAsync(width, 900, Cancellation);
        await browser.PreferAsync(dark, Cancellation);
        await browser.OpenAsync(report, Cancellation);
        return browser;
    }

    /// <summary>The page; GRADLINT_SCREENSHOTS names a folder in which to keep it.</summary>
    private static async Task<SKBitmap> PictureAsync(Chromium browser, string name)
    {
        byte[] png = await browser.ScreenshotAsync(Cancellation);
        if (Environment.GetEnvironmentVariable("GRADLINT_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.png"), png, Cancellation);
        }

        return SKBitmap.Decode(png);
    }

    private static async Task<SKRectI> PlaceAsync(Chromium browser, string id)
    {
        string place = (await browser.EvaluateAsync(
            $"(b => [b.left, b.top + scrollY, b.right, b.bottom + scrollY].map(Math.round).join())(document.getElementById('{id}').getBoundingClientRect())",
            Cancellation))!;
        int[] edges = [.. place.Split(',').Select(int.Parse)];
        return new SKRectI(edges[0], edges[1], edges[2], edges[3]);
    }

    private static IEnumerable<SKColor> Pixels(SKBitmap page, SKRectI place) =>
        from y in Enumerable.Range(place.Top, place.Height)
        from x in Enumerable.Range(place.Left, place.Width)
        select page.GetPixel(x, y);
}
