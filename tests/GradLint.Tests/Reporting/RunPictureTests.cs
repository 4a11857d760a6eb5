using System.Globalization;
using System.Xml.Linq;

namespace GradLint.Tests;

/// <summary>Runs side by side on logarithmic axes; what is not a number is a cross, not a line.</summary>
public sealed class RunPictureTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_line_ends_where_the_loss_is_no_longer_a_number()
    {
        XElement picture = Draw(Run("died", 10, 100, double.PositiveInfinity, 1));

        XElement line = picture.Elements(s_svg + "polyline").First();
        Assert.Equal(2, ((string)line.Attribute("points")!).Split(' ').Length);
        Assert.Contains("died: 1e+2 at step 2, then Infinity", picture.Elements(s_svg + "text").Select(text => text.Value));
    }

    [Fact]
    public void Ten_times_the_loss_is_as_far_up_at_the_top_as_at_the_bottom()
    {
        double[] heights = Heights(Draw(Run("one", 1, 10, 100)).Elements(s_svg + "polyline").First());

        Assert.Equal(heights[0] - heights[1], heights[1] - heights[2], 0.2);
        Assert.True(heights[0] > heights[1]);
    }

    [Fact]
    public void A_run_that_dies_far_above_leaves_the_others_readable()
    {
        double[] alone = Heights(Draw(Run("well", 1, 0.1, 0.01)).Elements(s_svg + "polyline").First());
        double[] beside = Heights(Draw(Run("well", 1, 0.1, 0.01), Run("died", 1e30, double.NaN)).Elements(s_svg + "polyline").First());

        Assert.Equal(alone, beside);
    }

    [Fact]
    public void A_name_of_the_users_choice_is_text_and_no_markup() =>
        Assert.Contains("<b> & co", Draw(Run("<b> & co", 1, 2)).Elements(s_svg + "text").Select(text => text.Value));

    [Fact]
    public void Runs_without_a_step_are_refused() => Assert.Throws<ArgumentException>(() => RunPicture.ToSvg("nothing", [new PicturedRun("empty", [])]));

    private static XElement Draw(params PicturedRun[] runs) => XElement.Parse(RunPicture.ToSvg("title", runs));

    private static PicturedRun Run(string name, params double[] losses) =>
        new(name, [.. losses.Select((loss, i) => new RunStep(i + 1, Seconds: i, loss, Norm: 1, Threshold: double.NaN, Rate: 0.1, StepOutcome.Applied))]);

    private static double[] Heights(XElement line) =>
        [.. ((string)line.Attribute("points")!).Split(' ').Select(point => double.Parse(point.Split(',')[1], CultureInfo.InvariantCulture))];
}
