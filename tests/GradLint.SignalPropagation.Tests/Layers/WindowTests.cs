namespace GradLint.SignalPropagation.Tests;

/// <summary>Windows that are small enough to be counted by hand.</summary>
public class WindowTests
{
    [Theory]
    [InlineData(8, 3, 1, 1, 1, false, 8)]
    [InlineData(8, 3, 2, 0, 1, false, 3)]
    [InlineData(9, 3, 1, 0, 2, false, 5)]
    [InlineData(4, 4, 3, 0, 1, false, 1)]
    [InlineData(7, 2, 2, 0, 1, true, 4)]
    [InlineData(6, 3, 2, 0, 1, true, 3)]
    [InlineData(4, 2, 3, 1, 1, true, 2)] // a third window would start in the padding at the end
    [InlineData(3, 3, 2, 0, 1, true, 1)]
    public void The_output_has_a_place_for_every_window(int input, int kernel, int stride, int padding, int dilation, bool roundsUp, int output) =>
        Assert.Equal([output], new Window([kernel], [stride], [padding], [dilation], roundsUp: roundsUp).OutputSizes([input]));

    [Theory, InlineData(4, 2, 2, 0, 1, 0, 8), InlineData(4, 2, 2, 0, 1, 1, 9), InlineData(5, 3, 2, 1, 1, 0, 9), InlineData(5, 3, 1, 0, 2, 0, 9), InlineData(1, 1, 1, 0, 1, 0, 1)]
    public void A_transposed_window_has_the_input_of_the_other_for_its_output(int input, int kernel, int stride, int padding, int dilation, int extra, int output) =>
        Assert.Equal([output], new Window([kernel], [stride], [padding], [dilation], isTransposed: true).OutputSizes([input], [extra]));

    [Fact]
    public void A_list_that_is_too_short_repeats_its_last_entry_and_what_is_unknown_stays_so()
    {
        Window window = new([3, 3, 1], [2, 1], [1], null);
        Assert.Equal([4, null, 10], window.OutputSizes([8, null, 8]));
        Assert.Equal(9, window.Taps);
    }

    [Fact]
    public void Layers_with_windows_tell_the_extents_of_their_output()
    {
        Normal drawn = new();
        Assert.Equal([3, 8], new ConvolutionLayer(3, 8, [3, 1]) { Weight = drawn, Stride = [2, 1] }.OutputExtents([8, 8]));
        Assert.Equal([9, 9], new TransposedConvolutionLayer(3, 8, [2, 2]) { Weight = drawn, Stride = [2], OutputPadding = [1] }.OutputExtents([4, 4]));
        Assert.Equal([2], new MaxPoolLayer([2]) { Stride = [3], Padding = [1], RoundsUp = true }.OutputExtents([4]));
        Assert.Equal([2], new AvgPoolLayer([2]).OutputExtents([5]));
        Assert.Equal([7, 7], new AdaptiveAvgPoolLayer([7]).OutputExtents([32, 16]));
        Assert.Equal([1], new AdaptiveMaxPoolLayer().OutputExtents([32]));
        Assert.Equal([0], new ConvolutionLayer(3, 8, [5]) { Weight = drawn }.OutputExtents([4]));
        Assert.Null(new ConvolutionLayer(3, 8, [5]) { Weight = drawn }.OutputExtents([8, 8]));
        Assert.Null(new LinearLayer(8, 8) { Weight = drawn }.OutputExtents([8]));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_kernel_that_does_not_fit_stops_the_prediction(bool roundsUp) =>
        Assert.Equal("its kernel is larger than its input of 2 along axis 2", Assert.Throws<PredictionStopException>(() => new Window([1, 3], [2], null, null, roundsUp: roundsUp).OutputSizes([4, 2])).Message);

    [Fact]
    public void With_padding_windows_at_the_border_read_fewer_inputs()
    {
        Window window = new([3], null, [1], null);
        OneLayer.IsClose(22.0 / 8, window.InputsPerOutput([8], [8]));
        OneLayer.IsClose(3, window.PlacesPerOutput([8], [8]));
        OneLayer.IsClose((62 - 22) / 8.0, window.SharedInputs([8], [8])); // two inputs are read twice and six three times: 62 pairs of readers, 22 of them of one window with itself
        OneLayer.IsClose(22.0 / 8 * 22 / 8, new Window([3, 3], null, [1], null).InputsPerOutput([8, 8], [8, 8]));
        OneLayer.IsClose((62.0 * 62 / 64) - (22.0 * 22 / 64), new Window([3, 3], null, [1], null).SharedInputs([8, 8], [8, 8]));
    }

    [Fact]
    public void A_last_window_that_reaches_beyond_the_end_reads_what_is_there()
    {
        Window window = new([2], [2], [1], null, roundsUp: true);
        Assert.Equal([5], window.OutputSizes([8]));
        OneLayer.IsClose(8.0 / 5, window.InputsPerOutput([8], [5]));
        OneLayer.IsClose(10.0 / 5, window.PlacesPerOutput([8], [5]));
        OneLayer.IsClose(7.0 / 4, new Window([2], [2], null, null, roundsUp: true).PlacesPerOutput([7], [4]));
    }

    /// <summary>Neighbours at a distance of 1 share 2 of 3 inputs, so that one of 4 in all is the largest: 1/2; at 2, 1 of 5.</summary>
    [Fact]
    public void Windows_that_overlap_often_have_the_same_maximum()
    {
        Window window = new([3], null, null, null);
        OneLayer.IsClose(2 * ((2.0 / 4) + (1.0 / 5)), window.SharedMaxima([null]));
        OneLayer.IsClose(2 * ((7.0 / 8 * 2 / 4) + (6.0 / 8 / 5)), window.SharedMaxima([8]));
        OneLayer.IsClose(2 * (1.0 / 2 * 2 / 4), window.SharedMaxima([2]));
        OneLayer.IsClose(0, window.SharedMaxima([1]));
        OneLayer.IsClose(0, new Window([3], [3], null, null).SharedMaxima([null]));
        OneLayer.IsClose(2 * (1.0 / 5), new Window([3], [2], null, null).SharedMaxima([null]));
        OneLayer.IsClose(2 * ((2.0 / 4) + (1.0 / 5)), new Window([3], null, null, [2]).SharedMaxima([null]));
        OneLayer.IsClose(2 * (1.0 / 3), new Window([2, 1], null, null, null).SharedMaxima([null, null]));
        OneLayer.IsClose((4 * (2.0 / 6)) + (4 * (1.0 / 7)), new Window([2, 2], null, null, null).SharedMaxima([null, null]));
    }

    [Fact]
    public void What_a_window_reads_is_summed_forward_and_what_reads_an_input_backward()
    {
        (Profile forward, double taps) = new Window([3], null, [1], null).Forward(Profile.Flat([8]), [8]);
        OneLayer.IsClose(22.0 / 8, taps);
        Assert.Equal([2 / 2.75, 3 / 2.75, 3 / 2.75, 3 / 2.75, 3 / 2.75, 3 / 2.75, 3 / 2.75, 2 / 2.75], forward.Axis(0));

        (Profile backward, double fed) = new Window([3], [2], null, null).Backward(Profile.Of([1, 2, 3]), [8]);
        OneLayer.IsClose(9.0 / 8, fed); // three windows of three, in eight inputs, the last one of which nothing reads
        double[] sums = [0.5, 0.5, 1.5, 1, 2.5, 1.5, 1.5, 0];
        Assert.All(backward.Axis(0).Zip(sums), pair => OneLayer.IsClose(pair.Second / 1.125, pair.First));

        (Profile spread, double read) = new Window([2], [2], null, null, isTransposed: true).Forward(Profile.Of([1, 3]), [4]);
        OneLayer.IsClose(1, read);
        Assert.Equal([0.5, 0.5, 1.5, 1.5], spread.Axis(0));
    }

    [Fact]
    public void Two_outputs_share_their_taps_but_for_the_border()
    {
        double overlap = ((2 * Math.Pow(7.0 / 8, 2)) + 1) / 2.75;
        Window window = new([3], null, [1], null);
        OneLayer.IsClose(overlap, window.TapOverlap([8], [8]));
        OneLayer.IsClose(overlap, window.TapOverlapBackward([8], [8]));
        OneLayer.IsClose(overlap * overlap, new Window([3, 3], null, [1], null).TapOverlap([8, 8], [8, 8]));
        OneLayer.IsClose(1, new Window([3], null, null, null).TapOverlap([8], [6]));
    }

    [Fact]
    public void With_a_stride_only_inputs_at_the_same_remainder_share_taps()
    {
        Window window = new([2], [2], null, null);
        OneLayer.IsClose(1, window.TapOverlap([8], [4]));
        OneLayer.IsClose(0.5, window.TapOverlapBackward([8], [4]));
        Window transposed = new([2], [2], null, null, isTransposed: true);
        OneLayer.IsClose(1, transposed.TapOverlap([4], [8]));
        OneLayer.IsClose(1, transposed.TapOverlapBackward([4], [8]));
        OneLayer.IsClose(1, new Window([3], null, null, [2]).TapOverlap([9], [5]));
    }
}
