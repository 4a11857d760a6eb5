namespace GradLint.SignalPropagation;

/// <summary>What the gated cells share: a state that leaks, d_t = l d_(t+1) + zeta_t, where zeta is correlated over time because its weights are the same at every step.</summary>
internal static class LeakyState
{
    /// <summary>Forward: y_t = l_t y_(t-1) + n_t, for the element (t, s), s at most t. M(t, s) = E y_t n_s.</summary>
    public static double Forward(double[,] y, double[,] m, int t, int s, double leakSquare, double leakT, double leakS, double fresh)
    {
        double mts = (t > 0 ? leakT * m[t - 1, s] : 0) + fresh;
        double mst = (s > 0 ? leakS * m[s - 1, t] : 0) + fresh;
        m[t, s] = mts;
        m[s, t] = mst;
        double carried = t > 0 && s > 0 ? leakSquare * y[t - 1, s - 1] : 0;
        return carried + (t > 0 ? leakT * m[t - 1, s] : 0) + (s > 0 ? leakS * m[s - 1, t] : 0) + fresh;
    }

    /// <summary>Backward: d_t = l_(t+1) d_(t+1) + zeta_t, for the element (t, s), s at least t. M(t, s) = E d_t zeta_s.</summary>
    public static double Backward(double[,] d, double[,] m, int t, int s, double leakSquare, double leakT, double leakS, double fresh)
    {
        int steps = d.GetLength(0);
        double fromT = t + 1 < steps ? leakT * m[t + 1, s] : 0;
        double fromS = s + 1 < steps ? leakS * m[s + 1, t] : 0;
        double carried = s + 1 < steps && t + 1 < steps ? leakSquare * d[t + 1, s + 1] : 0;
        m[t, s] = fromT + fresh;
        m[s, t] = fromS + fresh;
        return carried + fromT + fromS + fresh;
    }
}
