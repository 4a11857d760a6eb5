using System;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>
/// Some units of a layer, each over a few occurrences (samples and positions), where their distribution is not Gaussian: an activation on the outside of a residual sum acts on the
/// same unit again and again, so that a unit which was positive stays so. Values are relative to their root mean square.
/// </summary>
/// <remarks>The draws are quantiles of the normal distribution in a fixed random order: their moments are exact, and every machine gets the same.</remarks>
internal sealed class UnitPopulation
{
    private const int Side = 4; // occurrences: 4 x 4 samples and positions, or 16 samples
    private const int Occurrences = Side * Side;
    private const int MostUnits = 128;
    private const int FewestUnits = 16;
    private const int MostValues = 500_000;

    private readonly double[] _values; // unit by unit
    private readonly bool _hasPositions;

    private UnitPopulation(double[] values, bool hasPositions) => (_values, _hasPositions) = (values, hasPositions);

    /// <summary>How many units are worth their work in a network with so many layers that need them.</summary>
    public static int UnitsFor(int layers)
    {
        int units = MostUnits;
        while (units > FewestUnits && units * Occurrences * layers > MostValues)
        {
            units /= 2;
        }

        return units;
    }

    /// <summary>Gaussian units with a common mean, in units of the root of their second moment.</summary>
    /// <remarks>
    /// The covariance over samples and positions has four eigenspaces: what all occurrences share, what the positions of a sample share, what the samples at a position share, and the
    /// rest. Each is drawn for itself and brought to its eigenvalue, so that second moments and correlations are exact.
    /// </remarks>
    /// <param name="units">The number of units.</param>
    /// <param name="mean">m / sqrt q.</param>
    /// <param name="correlation">The correlation of the deviations for each kind of pair.</param>
    /// <param name="hasPositions">Whether there are positions beside samples.</param>
    /// <param name="seed">Which draw.</param>
    /// <param name="apartFrom">Populations that these units are to have nothing in common with.</param>
    public static UnitPopulation Gaussian(int units, double mean, Pairs correlation, bool hasPositions, int seed, params UnitPopulation[] apartFrom)
    {
        NormalDraws draws = new(units, seed);
        double[] raw = new double[units * Occurrences];
        for (int place = 0; place < Occurrences; place++)
        {
            double[] fresh = draws.Next();
            for (int unit = 0; unit < units; unit++)
            {
                raw[(unit * Occurrences) + place] = fresh[unit];
            }
        }

        double[] values = new double[raw.Length];
        double[][] parts = Parts(raw, hasPositions);
        double[] energies = Energies(correlation, hasPositions);
        double[][][] others = apartFrom.Select(other => Parts(other._values, hasPositions)).ToArray();
        for (int part = 0; part < parts.Length; part++)
        {
            AddPart(values, parts[part], others.Select(other => other[part]).ToArray(), energies[part]);
        }

        double deviation = Math.Sqrt(Math.Max(0, 1 - (mean * mean)));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = mean + (deviation * values[i]);
        }

        return new UnitPopulation(values, hasPositions).Normalized(out _);
    }

    /// <summary>The number of units.</summary>
    public int Count => _values.Length / Occurrences;

    /// <summary>Whether there are positions beside samples.</summary>
    public bool HasPositions => _hasPositions;

    /// <summary>E x / sqrt q.</summary>
    public double Mean => _values.Average();

    /// <summary>The correlation c / q for each kind of pair.</summary>
    public Pairs Correlation => Covariance();

    /// <summary>E x y of the same unit and occurrence.</summary>
    public double Product(UnitPopulation other)
    {
        double sum = 0;
        for (int i = 0; i < _values.Length; i++)
        {
            sum += _values[i] * other._values[i];
        }

        return sum / _values.Length;
    }

    /// <summary>The coefficient of x in the regression of this on it, relative: what of this follows the other's deviation from its mean.</summary>
    public double Following(UnitPopulation other)
    {
        double variance = 1 - (other.Mean * other.Mean);
        return variance > 1e-9 ? (Product(other) - (Mean * other.Mean)) / variance : 0;
    }

    /// <summary>A function of each value.</summary>
    /// <param name="function">The function.</param>
    /// <param name="square">E of the result's square, which is taken out.</param>
    public UnitPopulation Map(Func<double, double> function, out double square)
    {
        double[] values = new double[_values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = function(_values[i]);
        }

        return new UnitPopulation(values, _hasPositions).Normalized(out square);
    }

    /// <summary>The product, value by value, with a function of another's values.</summary>
    public UnitPopulation Times(UnitPopulation other, Func<double, double> function, out double square)
    {
        double[] values = new double[_values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _values[i] * function(other._values[i]);
        }

        return new UnitPopulation(values, _hasPositions).Normalized(out square);
    }

    /// <summary>a x + b y + c.</summary>
    public UnitPopulation Combine(double a, UnitPopulation other, double b, double c, out double square)
    {
        double[] values = new double[_values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (a * _values[i]) + (b * other._values[i]) + c;
        }

        return new UnitPopulation(values, _hasPositions).Normalized(out square);
    }

    /// <summary>Less each unit's mean over its occurrences, as BatchNorm subtracts it; and, for a gradient, less what of it follows <paramref name="along"/>, unit by unit.</summary>
    public UnitPopulation CentredByUnit(UnitPopulation? along)
    {
        double[] values = (double[])_values.Clone();
        for (int start = 0; start < values.Length; start += Occurrences)
        {
            double mean = 0;
            for (int i = start; i < start + Occurrences; i++)
            {
                mean += values[i] / Occurrences;
            }

            double product = 0;
            double square = 0;
            for (int i = start; i < start + Occurrences; i++)
            {
                values[i] -= mean;
                product += along is null ? 0 : values[i] * along._values[i];
                square += along is null ? values[i] * values[i] : along._values[i] * along._values[i];
            }

            for (int i = start; i < start + Occurrences && square > 0; i++)
            {
                values[i] = along is null ? values[i] / Math.Sqrt(square) : values[i] - (along._values[i] * product / square);
            }
        }

        return new UnitPopulation(values, _hasPositions).Normalized(out _);
    }

    /// <summary>Without what a normalization over units takes away: the mean, and what follows <paramref name="along"/>.</summary>
    public UnitPopulation Less(bool mean, UnitPopulation? along)
    {
        double shift = mean ? Mean : 0;
        double share = along is null ? 0 : Product(along) - (shift * along.Mean);
        return along is null ? Map(x => x - shift, out _) : Combine(1, along, -share, -shift, out _);
    }

    private UnitPopulation Normalized(out double square)
    {
        square = Product(this);
        double root = Math.Sqrt(square);
        for (int i = 0; i < _values.Length && root > 0; i++)
        {
            _values[i] /= root;
        }

        return this;
    }

    private Pairs Covariance()
    {
        double all = 0;
        double same = _values.Length;
        double samples = 0; // same position
        double positions = 0; // same sample
        for (int start = 0; start < _values.Length; start += Occurrences)
        {
            all += SumSquare(start, 0, Occurrences, 1);
            for (int i = 0; i < Side; i++)
            {
                samples += SumSquare(start, i, Side, Side);
                positions += SumSquare(start, i * Side, Side, 1);
            }
        }

        return _hasPositions
            ? new Pairs((samples - same) / (same * (Side - 1)), (positions - same) / (same * (Side - 1)), (all - samples - positions + same) / (same * (Side - 1) * (Side - 1)))
            : new Pairs((all - same) / (same * (Occurrences - 1)), 0, 0);

        double SumSquare(int start, int offset, int count, int stride)
        {
            double sum = 0;
            for (int i = 0; i < count; i++)
            {
                sum += _values[start + offset + (i * stride)];
            }

            return sum * sum;
        }
    }

    // The projections on the eigenspaces, sample * Side + position being the place of an occurrence.
    private static double[][] Parts(double[] values, bool hasPositions)
    {
        double[][] parts = Enumerable.Range(0, hasPositions ? 4 : 2).Select(_ => new double[values.Length]).ToArray();
        double[] bySample = new double[Side];
        double[] byPosition = new double[Side];
        for (int start = 0; start < values.Length; start += Occurrences)
        {
            Array.Clear(bySample, 0, Side);
            Array.Clear(byPosition, 0, Side);
            double all = 0;
            for (int place = 0; place < Occurrences; place++)
            {
                double value = values[start + place];
                all += value / Occurrences;
                bySample[place / Side] += value / Side;
                byPosition[place % Side] += value / Side;
            }

            for (int place = 0; place < Occurrences; place++)
            {
                double value = values[start + place];
                parts[0][start + place] = all;
                if (!hasPositions)
                {
                    parts[1][start + place] = value - all;
                    continue;
                }

                parts[1][start + place] = bySample[place / Side] - all;
                parts[2][start + place] = byPosition[place % Side] - all;
                parts[3][start + place] = value - bySample[place / Side] - byPosition[place % Side] + all;
            }
        }

        return parts;
    }

    // The share of the second moment in each: its dimension times its eigenvalue over the number of occurrences.
    private static double[] Energies(Pairs c, bool hasPositions) => hasPositions
        ? new[]
        {
            (1 + ((Side - 1) * (c.Sample + c.Position)) + ((Side - 1) * (Side - 1) * c.Both)) / Occurrences,
            (Side - 1) * (1 + ((Side - 1) * c.Position) - c.Sample - ((Side - 1) * c.Both)) / Occurrences,
            (Side - 1) * (1 + ((Side - 1) * c.Sample) - c.Position - ((Side - 1) * c.Both)) / Occurrences,
            (Side - 1) * (Side - 1) * (1 - c.Sample - c.Position + c.Both) / Occurrences,
        }
        : new[] { (1 + ((Occurrences - 1) * c.Sample)) / Occurrences, (Occurrences - 1) * (1 - c.Sample) / Occurrences };

    private static void AddPart(double[] values, double[] part, double[][] others, double energy)
    {
        double mean = part.Average();
        double[] own = part.Select(x => x - mean).ToArray();
        for (int k = 0; k < others.Length; k++)
        {
            double centre = others[k].Average();
            double[] direction = others[k].Select(x => x - centre).ToArray();
            for (int j = 0; j < k; j++)
            {
                Remove(direction, others[j]);
            }

            others[k] = direction;
            Remove(own, direction);
        }

        double square = own.Sum(x => x * x) / own.Length;
        double factor = square > 0 ? Math.Sqrt(Math.Max(0, energy) / square) : 0;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] += factor * own[i];
        }
    }

    private static void Remove(double[] from, double[] direction)
    {
        double product = 0;
        double square = 0;
        for (int i = 0; i < from.Length; i++)
        {
            product += from[i] * direction[i];
            square += direction[i] * direction[i];
        }

        for (int i = 0; i < from.Length && square > 1e-12; i++)
        {
            from[i] -= direction[i] * product / square;
        }
    }
}
