using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GradLint.Report.Tests;

/// <summary>A log of a run that never was, of any length: gradients that shrink towards the first layer, a loss that falls, a spike.</summary>
internal static class SyntheticRun
{
    public static string Write(string path, int steps, int layers, int spikeAt = 0, string model = "DeepNet", double lossBelow = 0)
    {
        var random = new Random(1);
        using var log = new StreamWriter(path, append: false, new UTF8Encoding(false)) { NewLine = "\n" };
        log.WriteLine($$"""{"type":"run","schema":1,"gradlint":"0.1.0","started":"2026-01-02T03:04:05+00:00","model":{{JsonSerializer.Serialize(model)}},"optimizer":"Adam","clipping":"GlobalNormClipping"}""");
        log.WriteLine($$"""{"type":"layers","names":[{{Join(layers, i => $"\"block{i}\"")}}],"elements":[{{Join(layers, _ => "100")}}]}""");
        if (layers > 0)
        {
            log.WriteLine($$"""{"type":"flow","predictedGrowth":-1.2,"measuredGrowth":-1.1,"layers":[{{Join(layers, i => $$"""{"name":"block{{i}}","low":{{F(-2.4 + (1.2 * i / layers))}},"predicted":{{F(-2 + (1.2 * i / layers))}},"high":{{F(-1.6 + (1.2 * i / layers))}},"measured":{{F(-2 + (1.2 * i / layers) + (0.3 * (random.NextDouble() - 0.5)))}}}""")}}],"assumptions":["the input is N(0, 1), independent over samples and features"]}""");
        }

        for (int step = 1; step <= steps; step++)
        {
            bool spike = step == spikeAt;
            double fall = Math.Exp(-3.0 * step / steps);
            if (step <= 10 || step % 10 == 0)
            {
                log.WriteLine($$"""{"type":"norms","step":{{step}},"values":[{{Join(layers, i => F(spike && i == 0 ? 9000 : 0.01 * Math.Pow(40, (double)i / layers) * (0.5 + fall) * (0.7 + (0.6 * random.NextDouble()))))}}]}""");
            }

            if (step % 100 == 0)
            {
                log.WriteLine($$"""{"type":"updates","step":{{step}},"values":[{{Join(layers, i => F(0.002 * fall * (0.5 + random.NextDouble()) * (1 + (2.0 * i / layers))))}}]}""");
            }

            if (IsRound(step))
            {
                log.WriteLine($$"""{"type":"histogram","step":{{step}},"layers":[{{Join(layers, i => $$"""{"lowest":-24,"counts":[{{Join(20, b => ((int)(1000 * Math.Exp(-Math.Pow(b - 12 + (2 * (1 - fall)) - (4.0 * i / layers), 2) / 18))).ToString(CultureInfo.InvariantCulture))}}],"zeros":5,"nonFinite":0}""")}}]}""");
            }

            double norm = spike ? 9000 : (1.5 + (4 * fall)) * (0.7 + (0.6 * random.NextDouble()));
            string what = spike ? "\"Skipped\",\"reason\":\"Spike\",\"baseline\":3,\"parameters\":[\"block0.weight\"]" : norm > 1 ? "\"Clipped\"" : "\"Applied\"";
            log.WriteLine($$"""{"type":"step","step":{{step}},"seconds":{{F(0.01 * step)}},"loss":{{F(((0.3 + (2 * fall)) * (0.85 + (0.3 * random.NextDouble()))) - lossBelow)}},"norm":{{F(norm)}},"threshold":1,"rate":0.001,"outcome":{{what}}}""");
            if (spike)
            {
                log.WriteLine($$"""{"type":"advice","step":{{step}},"kind":"DepthRatio","value":90,"limit":70,"message":"The gradient of block0 explodes.","parameters":["block0.weight"]}""");
            }

            if (step % Math.Max(1, steps / 10) == 0)
            {
                log.WriteLine($$"""{"type":"epoch","epoch":{{step / Math.Max(1, steps / 10)}},"step":{{step}},"loss":{{F(0.3 + (2 * fall))}},"validation":{{F(0.4 + (2 * fall))}}}""");
            }
        }

        log.WriteLine("""{"type":"end","ending":"completed","steps":1,"clipped":1,"skipped":0,"medianNorm":2,"norm95":4.5,"suggestedMaxNorm":4.5}""");
        return path;
    }

    private static bool IsRound(int step) => step.ToString(CultureInfo.InvariantCulture).TrimEnd('0') is "1" or "2" or "5";

    private static string Join(int count, Func<int, string> item) => string.Join(",", Enumerable.Range(0, count).Select(item));

    private static string F(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
