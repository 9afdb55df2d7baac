"""Writes <function>.json beside this file: values that src/stats must reach, computed by other people's software.

    python3 -m venv venv && venv/bin/pip install scipy scikit-learn numpy mpmath && venv/bin/python generate.py

SciPy and scikit-learn where they compute the quantity to the stated tolerance; mpmath with 60 digits where doubles do not
hold it (logarithms of tails, values around zeros, nearly singular matrices). Not run by the tests.
"""

import math
import platform
from pathlib import Path

import mpmath as mp
import numpy as np
import scipy
import sklearn
from scipy import fft, linalg, ndimage, special, stats
from sklearn.covariance import shrunk_covariance
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score, roc_curve

mp.mp.dps = 60
rng = np.random.default_rng(20260101)
versions = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "sklearn": sklearn.__version__,
    "mpmath": mp.__version__,
}


def text(value):
    """JSON with 17 significant digits a double, so that it reads back as the same double everywhere."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating, mp.mpf)):
        number = float(value)
        assert math.isfinite(number), value
        return format(number, ".17g")
    if isinstance(value, str):
        return '"' + value + '"'
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{name}": {text(item)}' for name, item in value.items()) + " }"
    return "[" + ", ".join(text(item) for item in value) + "]"


def write(function, generator, cases, relative=1e-12, absolute=0.0, why=None):
    tolerance = {"relative": relative, "absolute": absolute}
    if why is not None:
        tolerance["why"] = why
    rows = []
    for given, expected, *looser in cases:
        row = {"input": given, "expected": expected}
        if looser:
            row["tolerance"] = looser[0]
        rows.append("    " + text(row))
    head = f'{{\n  "generator": "{generator}",\n  "versions": {text(versions)},\n  "tolerance": {text(tolerance)},\n'
    Path(__file__).with_name(f"{function}.json").write_text(head + '  "cases": [\n' + ",\n".join(rows) + "\n  ]\n}\n")


def log_spaced(low, high, count):
    return [float(x) for x in np.exp(np.linspace(math.log(low), math.log(high), count))]


# --- gamma and beta -------------------------------------------------------------------------------------------------

shapes = log_spaced(1e-8, 1e8, 41) + [0.5, 1.0, 1.0000001, 1.4999, 1.5, 1.9999999, 2.0, 2.0000001, 2.5, 3.0, 9.999, 10.0, 171.5]
write("log-gamma", "mpmath.loggamma", [({"x": x}, mp.loggamma(x)) for x in shapes], 4e-15)


def stirling_error(x):
    x = mp.mpf(x)
    return mp.loggamma(x + 1) - (x + 0.5) * mp.log(x) + x - mp.log(2 * mp.pi) / 2


write(
    "stirling-error",
    "mpmath: loggamma(x+1) - (x+1/2) log x + x - log(2 pi)/2",
    [({"x": x}, stirling_error(x)) for x in shapes],
    1e-14,
    2e-14,
    "an addend of logarithms: what counts is its absolute error",
)


def poisson_deviance(x, mean):
    x, mean = mp.mpf(x), mp.mpf(mean)
    return (x * mp.log(x / mean) if x else mp.mpf(0)) + mean - x


pairs = [(0.0, 3.5), (1e-9, 1.0), (1e6, 1e6), (1e6, 1000000.5), (1e6, 1.1e6), (1e6, 1.3e6), (5.0, 500.0), (500.0, 5.0)]
pairs += [(m * f, m) for m in log_spaced(1e-3, 1e6, 7) for f in (1.0000001, 0.99, 1.2, 1.3, 0.6, 3.0)]
write(
    "poisson-deviance",
    "mpmath: x log(x/mean) + mean - x",
    [({"x": x, "mean": m}, poisson_deviance(x, m)) for x, m in pairs],
    1e-13,
    1e-16,
)

couples = [(1, 1), (0.5, 0.5), (1e-6, 1e-6), (1e-6, 1e6), (2, 3), (9.5, 9.75), (3, 1e6), (1e6, 3), (5e5, 5e5), (1e8, 2e8)]
couples += [(30.5, 1234.25), (12, 0.25), (1e-3, 40)]
write(
    "log-beta",
    "mpmath: loggamma(a) + loggamma(b) - loggamma(a+b)",
    [({"a": a, "b": b}, mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(mp.mpf(a) + b)) for a, b in couples],
    1e-14,
    2e-14,
    "the absolute part covers the zeros of ln B",
)

betas = []
for a, b in [(0.5, 0.5), (1, 1), (2, 3), (0.01, 0.02), (1e-3, 5), (10, 0.1), (5, 1000), (60.5, 32), (1e4, 2e4), (5e5, 5e5)]:
    centre = a / (a + b)
    for x in {1e-12, 1e-3, 0.02, 0.5, 0.9, 0.999, centre, min(1, 1.02 * centre), 0.98 * centre}:
        betas.append((float(x), a, b))
betas = [(x, a, b) for x, a, b in sorted(betas) if special.betainc(a, b, x) > 1e-290]
write(
    "log-beta-factor",
    "mpmath: a log x + b log(1-x) - ln B(a, b)",
    [
        (
            {"x": x, "a": a, "b": b},
            a * mp.log(mp.mpf(x)) + b * mp.log1p(-mp.mpf(x)) - mp.loggamma(a) - mp.loggamma(b) + mp.loggamma(mp.mpf(a) + b),
        )
        for x, a, b in [case for case in betas if case[0] < 1] + [(2.9e-154, 0.02368, 999630.064), (0.7, 999630.064, 0.02368), (1e-300, 3, 10**6)]
    ],
    2e-14,
    4e-14,
    "the absolute part covers factors around one",
)
quantiles = []
for a, b in [(0.5, 0.5), (1, 1), (2, 3), (0.1, 2), (1, 1e6), (11, 990), (60.5, 32), (1e4, 2e4), (5e5, 5e5)]:
    for p in (1e-12, 1e-6, 0.001, 0.025, 0.3, 0.5, 0.7, 0.95, 0.975, 0.999999):
        x = mp.mpf(special.betaincinv(a, b, p))
        for _ in range(6):  # Newton with 60 digits on SciPy's answer
            x -= (mp.betainc(a, b, 0, x, regularized=True) - mp.mpf(p)) * mp.beta(a, b) / (x ** (a - 1) * (1 - x) ** (b - 1)) if a + b < 5000 else 0
        quantiles.append(({"p": p, "a": a, "b": b}, x))
write(
    "beta-quantile",
    "scipy.special.betaincinv, polished with mpmath where a + b < 5000",
    quantiles,
    1e-12,
)
write(
    "beta-logit-quantile",
    "logit of scipy.special.betaincinv, polished with mpmath",
    [(given, mp.log(x / (1 - x))) for given, x in quantiles if given["p"] <= 0.5],
    1e-12,
    1e-12,
    "the logit is zero at one half",
)

# --- distributions --------------------------------------------------------------------------------------------------

write(
    "normal-quantile",
    "scipy.special.ndtri",
    [({"p": p}, special.ndtri(p)) for p in (1e-300, 1e-100, 1e-20, 1e-10, 1e-3, 0.025, 0.07, 0.08, 0.3, 0.49999, 0.5, 0.7, 0.925, 0.975, 0.999999)],
    2e-15,
)
def log_survival(k, n, p):
    """The sum itself, term by term, with 60 digits; from the nearer end."""
    p = mp.mpf(p)
    term = mp.exp(mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1) + k * mp.log(p) + (n - k) * mp.log1p(-p))
    upper = k > n * p
    start = term if upper else mp.mpf(0)
    total, j = start, k
    while True:
        if upper:
            if j == n:
                break
            term *= (n - j) * p / ((j + 1) * (1 - p))
            j += 1
        else:
            if j == 0:
                break
            term *= j * (1 - p) / ((n - j + 1) * p)
            j -= 1
        total += term
        if term < total * mp.mpf(10) ** -40:
            break
    return mp.log(total) if upper else mp.log1p(-total)


tails = [
    (1, 1, 0.5), (1, 10, 0.5), (10, 10, 0.5), (10, 10, 0.01), (1, 1, 1e-300), (3, 1000, 1e-300), (1000, 1000, 1e-300),
    (1, 10**6, 1e-300), (1, 10**6, 1e-6), (5, 300, 1e-3), (30, 300, 0.02), (300, 300, 0.02), (5, 100, 0.05), (6, 100, 0.05),
    (40, 100, 0.05), (90, 100, 0.9), (99, 100, 0.9), (2, 100, 0.9), (500, 1000, 0.5), (501, 1000, 0.5), (700, 1000, 0.5),
    (10000, 10**6, 0.01), (10001, 10**6, 0.01), (9900, 10**6, 0.01), (10500, 10**6, 0.01), (20000, 10**6, 0.01),
    (10**6, 10**6, 0.999), (500001, 10**6, 0.5), (600000, 10**6, 0.5), (30, 10**6, 1e-5), (2, 10**6, 1e-5), (3, 3, 0.999999),
]  # fmt: skip
survivals = [({"k": k, "n": n, "p": p}, log_survival(k, n, p)) for k, n, p in tails]
write(
    "log-binomial-survival",
    "mpmath: the sum of the density, term by term",
    survivals,
    1e-13,
    1e-15,
    "the absolute part covers survivals that are one to rounding",
)
write(
    "log-regularized-incomplete-beta",
    "mpmath: as log-binomial-survival, DLMF 8.17.5",
    [({"x": g["p"], "a": g["k"], "b": g["n"] - g["k"] + 1}, value) for g, value in survivals],
    1e-13,
    1e-15,
    "the absolute part covers survivals that are one to rounding",
)
counts = [(0, 1), (1, 1), (0, 10), (1, 10), (5, 10), (9, 10), (10, 10), (0, 300), (3, 1000), (720, 7200), (1, 10**6), (999999, 10**6)]
intervals = []
for k, n in counts:
    for confidence in (0.9, 0.95, 0.999):
        tail = (1 - confidence) / 2
        lower = 0.0 if k == 0 else stats.beta.ppf(tail, k, n - k + 1)
        upper = 1.0 if k == n else stats.beta.isf(tail, k + 1, n - k)
        intervals.append(({"successes": k, "trials": n, "confidence": confidence}, [lower, upper]))
write("clopper-pearson", "scipy.stats.beta.ppf and isf", intervals, 5e-12, 0.0, "SciPy's own answer for 1e6 trials")
write(
    "clopper-pearson-upper",
    "scipy.stats.beta.isf",
    [
        ({"successes": k, "trials": n, "delta": d}, 1.0 if k == n else stats.beta.isf(d, k + 1, n - k))
        for k, n in counts
        for d in (1e-10, 0.005, 0.05, 0.5, 0.9)
    ],
    5e-12,
    0.0,
    "SciPy's own answer for 1e6 trials",
)


# --- descriptive ----------------------------------------------------------------------------------------------------

samples = [[7.0], [1.0, 2.0], [3.0, 3.0, 3.0], [1e16, 1.0, -1e16], [1e8 + i / 7 for i in range(20)], list(rng.normal(size=50)), [0.1] * 10]
write("mean", "math.fsum", [({"values": v}, math.fsum(v) / len(v)) for v in samples], 2e-16)

matrices = [
    [[1.0, 2.0], [3.0, 5.0]],
    [[4.0], [4.0], [4.0]],
    (rng.normal(size=(30, 4)) @ rng.normal(size=(4, 4)) + 5).tolist(),
    (1e6 + rng.normal(size=(25, 3))).tolist(),
    (lambda z: np.column_stack([z, z + 1e-7 * rng.normal(size=40), -2 * z]))(rng.normal(size=40)).tolist(),
]
moments = []
for rows in matrices:
    x = [[mp.mpf(v) for v in row] for row in rows]
    n, d = len(x), len(x[0])
    centre = [mp.fsum(row[j] for row in x) / n for j in range(d)]
    moments.append(
        (
            {"rows": n, "cols": d, "data": [v for row in rows for v in row]},
            centre + [mp.fsum((row[i] - centre[i]) * (row[j] - centre[j]) for row in x) / (n - 1) for i in range(d) for j in range(d)],
        )
    )
write("covariance", "mpmath: the mean, then the covariance", moments, 1e-12, 1e-15)

noise = rng.normal(size=(12, 6))
spd = noise.T @ noise
hilbert = [[1 / (i + j + 1) for j in range(7)] for i in range(7)]
nearly = [[1.0, 1 - 1e-12], [1 - 1e-12, 1.0]]
factors = []
for a, looser in (([[4.0]], None), ([[4.0, 2.0], [2.0, 3.0]], None), (spd.tolist(), None), (hilbert, 1e-6), (nearly, 1e-4)):
    d = len(a)
    lower = mp.cholesky(mp.matrix(a))
    case = ({"a": [v for row in a for v in row], "d": d}, [lower[i, j] if j <= i else 0.0 for i in range(d) for j in range(d)])
    why = "condition number of 1e9 and more: the last pivots are differences of equal numbers"
    factors.append(case if looser is None else (*case, {"relative": looser, "absolute": 0.0, "why": why}))
write("cholesky", "mpmath.cholesky", factors, 1e-12)
systems, transposed = [], []
for d in (1, 3, 8):
    lower = np.tril(rng.normal(size=(d, d))) + 3 * np.eye(d)
    b = rng.normal(size=d)
    systems.append(({"l": lower.flatten(), "d": d, "b": b}, linalg.solve_triangular(lower, b, lower=True)))
    transposed.append(({"l": lower.flatten(), "d": d, "b": b}, linalg.solve_triangular(lower, b, lower=True, trans="T")))
write("solve-lower", "scipy.linalg.solve_triangular", systems, 1e-12)
write("solve-lower-transposed", "scipy.linalg.solve_triangular(trans='T')", transposed, 1e-12)
write(
    "shrink",
    "sklearn.covariance.shrunk_covariance",
    [({"covariance": spd.flatten(), "d": 6, "share": s}, shrunk_covariance(spd, shrinkage=s).flatten()) for s in (0.0, 0.05, 0.5, 1.0)],
    1e-14,
)

ordered = [[3.0], [1.0, 2.0], [1.0, 1.0, 1.0, 5.0], sorted(rng.normal(size=101).tolist()), sorted(rng.integers(0, 5, size=40).astype(float).tolist())]
write(
    "quantile",
    "numpy.quantile(method='linear')",
    [({"sorted": v, "q": q}, np.quantile(v, q, method="linear")) for v in ordered for q in (0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 1.0)],
    1e-14,
)
searches = [(v, x) for v in ordered for x in (-10.0, v[0], v[len(v) // 2], v[-1], 1.5, 10.0)] + [([], 1.0)]
write("count-at-least", "numpy.searchsorted(side='left')", [({"sorted": v, "x": x}, len(v) - np.searchsorted(v, x, side="left")) for v, x in searches], 0.0)
write("count-above", "numpy.searchsorted(side='right')", [({"sorted": v, "x": x}, len(v) - np.searchsorted(v, x, side="right")) for v, x in searches], 0.0)
write(
    "conformal-p-value",
    "numpy: (1 + count_nonzero(calibration >= score)) / (n + 1)",
    [({"calibration": v, "score": x}, (1 + np.count_nonzero(np.array(v) >= x)) / (len(v) + 1)) for v, x in searches],
    0.0,
)


# --- testing and scoring --------------------------------------------------------------------------------------------

families = [[0.2], [0.01], [0.04, 0.04, 0.04], [0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.04, 0.03, 0.02, 0.01], [1.0, 1.0, 1e-300]]
families += [(rng.uniform(size=60) ** power).tolist() for power in (1, 2, 4)]
families += [np.round(rng.uniform(size=80) ** 3, 2).tolist()]
write(
    "benjamini-hochberg",
    "scipy.stats.false_discovery_control(method='bh') <= q",
    [
        ({"p": p, "q": q}, [int(i) for i in np.lexsort((np.arange(len(p)), p)) if stats.false_discovery_control(p)[i] <= q])
        for p in families
        for q in (0.001, 0.013, 0.07, 0.26)
    ],
    0.0,
)
# The example of the R package onlineFDR (D. S. Robertson et al.), its levels as its documentation prints them.
online = [2.90e-8, 0.06743, 0.01514, 0.08174, 0.00171, 3.60e-5, 0.79149, 0.27201, 0.28295, 7.59e-8, 0.69274, 0.30443, 0.00136, 0.72342, 0.54757]
write(
    "lord-plus-plus",
    "onlineFDR LORD(version=++), documentation: test levels, then which are rejected, counted from 1",
    [({"p": online, "alpha": 0.05}, [0.0002675839, 0.0024664457, 0.0005732818, 0.0004872805, 0.0004059066, 0.0003447286, 0.0029745013, 0.0008450114, 0.0007305648, 0.0006243143, 0.0032185913, 0.0010617227, 0.0009256825, 0.0008019657, 0.000705961, 1.0, 6.0, 10.0])],
    2e-7,
)
write(
    "saffron",
    "onlineFDR SAFFRON, documentation: test levels, then which are rejected, counted from 1",
    [({"p": online, "alpha": 0.05}, [0.005468627, 0.010937254, 0.010937254, 0.010937254, 0.010937254, 0.021874508, 0.032811762, 0.010823845, 0.010823845, 0.010823845, 0.021761099, 0.009265591, 0.009265591, 0.020202846, 0.009064367, 1.0, 5.0, 6.0, 10.0, 13.0])],
    2e-7,
)
write(
    "addis",
    "onlineFDR ADDIS, documentation: test levels, then which are rejected, counted from 1",
    [({"p": online, "alpha": 0.05}, [0.002734314, 0.005468627, 0.005468627, 0.005468627, 0.005468627, 0.010937254, 0.016405881, 0.016405881, 0.005411923, 0.002828822, 0.008297449, 0.008297449, 0.003589243, 0.00905787, 0.00905787, 1.0, 5.0, 6.0, 10.0, 13.0])],
    2e-7,
)
scorings = [([1.0, 2.0], [False, True]), ([2.0, 1.0], [False, True]), ([1.0, 1.0], [False, True]), ([1.0] * 6, [True, False] * 3)]
scorings += [(rng.normal(size=200).tolist(), (rng.uniform(size=200) < 0.1).tolist())]
scorings += [(rng.integers(0, 6, size=150).astype(float).tolist(), (rng.uniform(size=150) < 0.3).tolist())]
labels = rng.uniform(size=300) < 0.2
scorings += [((rng.normal(size=300) + 2 * labels).tolist(), labels.tolist())]
write("auroc", "sklearn.metrics.roc_auc_score", [({"scores": s, "positive": y}, roc_auc_score(y, s)) for s, y in scorings], 1e-14)
rates = []
for s, y in scorings:
    fpr, tpr, _ = roc_curve(y, s, drop_intermediate=False)
    rates += [({"scores": s, "positive": y, "fpr": rate}, tpr[fpr <= rate].max()) for rate in (0.0, 0.01, 0.2, 0.5, 1.0)]
write("tpr-at-fpr", "sklearn.metrics.roc_curve(drop_intermediate=False)", rates, 1e-15)

logs = [[0.0], [1.0, 2.0, 3.0], [1000.0, 1000.0], [-1000.0, -1001.0], [-750.0, 3.0], [5.5] * 7, [700.0, -700.0, 710.0]]
write("log-sum-exp", "scipy.special.logsumexp", [({"values": v}, special.logsumexp(v)) for v in logs], 1e-14)
write("log-mean-exp", "scipy.special.logsumexp - log n", [({"values": v}, special.logsumexp(v) - math.log(len(v))) for v in logs], 1e-14)
bets = [0.25, 0.5, 1.0, 2.0, 4.0, 16.0]
wagers = [(0, 0, 0.07), (0, 50, 0.07), (3, 50, 0.07), (50, 50, 0.07), (12, 500, 0.013), (1, 1, 0.3), (2, 4, 1.0), (100, 10**6, 1e-9)]
write(
    "exceedance-log-e",
    "mpmath: K log(1 + l (1 - u)) + (m - K) log(1 - l u), 0 where l u >= 1",
    [
        (
            {"exceedances": k, "records": m, "bound": u, "bets": bets},
            [k * mp.log(1 + l * (1 - mp.mpf(u))) + (m - k) * mp.log(1 - l * mp.mpf(u)) if l * u < 1 else 0.0 for l in bets],
        )
        for k, m, u in wagers
    ],
    1e-13,
)


def log_e(log_p):
    return mp.log(mp.fsum(mp.mpf(k) / 100 * mp.exp((mp.mpf(k) / 100 - 1) * log_p) for k in (5, 10, 25, 50)) / 4)


write(
    "log-p-to-e",
    "mpmath: log of the mean of k p^(k-1) over k = .05, .1, .25, .5",
    [({"p": p}, log_e(mp.log(mp.mpf(p)))) for p in (1.0, 0.9, 0.5, 0.1, 0.05, 0.01, 1e-3, 1e-10, 1e-100, 1e-300)],
    1e-14,
    2e-16,
    "the absolute part covers the zero of ln e",
)
write(
    "log-e-of-log-p",
    "mpmath: as log-p-to-e",
    [({"logP": x}, log_e(mp.mpf(x))) for x in (0.0, -0.5, -3.0, -100.0, -690.0, -5000.0, -1e6)],
    1e-14,
    2e-16,
    "the absolute part covers the zero of ln e",
)


def sfc32(seed, count):
    mask = 0xFFFFFFFF
    a, b, c, counter = (0x9E3779B9 ^ seed) & mask, (0x243F6A88 ^ (seed >> 32)) & mask, 0xB7E15162, 1
    numbers = []
    for _ in range(12 + count):
        t = (a + b + counter) & mask
        counter = (counter + 1) & mask
        a, b, c = b ^ (b >> 9), (c + (c << 3)) & mask, (((c << 21) | (c >> 11)) + t) & mask
        numbers.append(t / 2**32)
    return numbers[12:]


write("random", "sfc32 in Python integers", [({"seed": s, "count": 6}, sfc32(s, 6)) for s in (0, 1, 7, 2**32 + 1, 2**53 - 1)], 0.0)

def ridge_left_out(x, y, weights, penalty):
    """Coefficients by scikit-learn on columns scaled to their sum of squares; left-out rows by fits with centres kept."""
    centre = np.average(x, axis=0, weights=weights)
    level = np.average(y, axis=0, weights=weights)
    scale = np.sqrt(weights @ (x - centre) ** 2)
    z = (x - centre) / scale
    whole = Ridge(alpha=penalty, tol=1e-14, solver="cholesky").fit(z, y, sample_weight=weights)
    left_out = []
    for row in range(len(x)):
        others = weights.copy()
        others[row] = 0
        left_out.append(Ridge(alpha=penalty, solver="cholesky").fit(z, y, sample_weight=others).predict(z[row : row + 1])[0])
    coefficients = whole.coef_ / scale
    intercepts = whole.intercept_ - coefficients @ centre
    return np.concatenate([coefficients.ravel(), intercepts, np.array(left_out).ravel()]).tolist()


def ridge_case(rows, cols, targets, penalty):
    own = np.random.default_rng(rows * 100 + cols)
    x = own.normal(size=(rows, cols)).astype(np.float32).astype(float) * 2.0 ** np.arange(cols) + 3
    x = x.astype(np.float32).astype(float)
    y = own.normal(size=(rows, targets)) + x[:, :targets]
    weights = own.uniform(0.2, 2, size=rows)
    given = {
        "rows": rows,
        "x": x.ravel().tolist(),
        "targets": targets,
        "y": y.ravel().tolist(),
        "weights": weights.tolist(),
        "penalty": penalty,
    }
    return given, ridge_left_out(x, y, weights, penalty)


write("ridge-regression", "sklearn.linear_model.Ridge", [ridge_case(9, 2, 1, 0.1), ridge_case(14, 4, 3, 1.0)], 1e-9, 1e-10)

# --- two samples ----------------------------------------------------------------------------------------------------


def kernel_of(x, bandwidth):
    return np.exp(-((x[:, None, :] - x[None, :, :]) ** 2).sum(-1) / (2 * bandwidth**2))


two_samples = np.random.default_rng(7)
kernels, discrepancies = [], []
for m, n, d, shift, bandwidth in [(2, 2, 1, 0.0, 1.0), (5, 8, 3, 0.0, 1.5), (20, 30, 4, 0.5, 2.0), (15, 15, 2, 3.0, 0.7)]:
    x, y = two_samples.normal(size=(m, d)), two_samples.normal(size=(n, d)) + shift
    both = np.vstack([x, y])
    kernel = kernel_of(both, bandwidth)
    kxx, kyy, kxy = kernel[:m, :m], kernel[m:, m:], kernel[:m, m:]
    unbiased = (kxx.sum() - m) / (m * (m - 1)) + (kyy.sum() - n) / (n * (n - 1)) - 2 * kxy.mean()
    if m <= 5:
        kernels.append(({"rows": m + n, "cols": d, "data": both.ravel().tolist(), "bandwidth": bandwidth}, kernel.ravel().tolist()))
    discrepancies.append(({"rows": m + n, "cols": d, "data": both.ravel().tolist(), "bandwidth": bandwidth, "first": [1] * m + [0] * n}, unbiased))
write("gaussian-kernel", "numpy: exp(-|x - y|^2 / (2 bandwidth^2))", kernels, 1e-13)
write("mmd-squared", "numpy: unbiased MMD^2 of Gretton et al. 2012, equation 3", discrepancies, 1e-11, 1e-13, "a difference of means near 1")

smirnov = []
for a, b in [
    ([0.0], [1.0]),
    ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
    ([1.0, 1.0, 2.0, 5.0], [1.0, 3.0, 4.0, 4.0, 6.0]),
    (two_samples.normal(size=60).tolist(), two_samples.normal(size=45).tolist()),
    (two_samples.normal(size=80).tolist(), (two_samples.normal(size=50) + 0.8).tolist()),
    (two_samples.normal(size=200).tolist(), (two_samples.normal(size=200) * 0.3).tolist()),
]:
    a, b = sorted(a), sorted(b)
    statistic = stats.ks_2samp(a, b).statistic
    smirnov.append(({"a": a, "b": b}, [statistic, special.kolmogorov(math.sqrt(len(a) * len(b) / (len(a) + len(b))) * statistic)]))
write("kolmogorov-smirnov", "scipy.stats.ks_2samp, scipy.special.kolmogorov", smirnov, 1e-12)
tables = []
for a, b in [([10, 20], [15, 15]), ([5, 0, 7, 3], [9, 0, 2, 30]), ([100, 1, 0], [80, 0, 4]), ([30, 40, 50], [30, 40, 50])]:
    seen = [(x, y) for x, y in zip(a, b) if x + y > 0]
    result = stats.chi2_contingency(np.array(seen).T, correction=False)
    tables.append(({"a": a, "b": b}, [result.statistic, result.pvalue]))
write("chi-square-homogeneity", "scipy.stats.chi2_contingency(correction=False)", tables, 1e-12, 1e-15)

grouped = []
for sizes, spread in [((2, 2), 1.0), ((5, 9, 3), 2.0), ((40, 10, 25, 1), 0.5), ((8, 8, 8), 0.0)]:
    group = np.repeat(np.arange(len(sizes)), sizes)
    data = two_samples.normal(size=(len(group), 2)) + spread * two_samples.normal(size=(len(sizes), 2))[group]
    expected = []
    for j in range(2):
        parts = [data[group == g, j] for g in range(len(sizes))]
        within = sum(((p - p.mean()) ** 2).sum() for p in parts) / (len(group) - len(sizes))
        f = stats.f_oneway(*parts).statistic
        usual = (len(group) - sum(s * s for s in sizes) / len(group)) / (len(sizes) - 1)
        expected.append(max(0.0, (f - 1) * within / usual))
    grouped.append(({"cols": 2, "data": data.ravel().tolist(), "group": group.tolist()}, expected))
write("between-group-variance", "scipy.stats.f_oneway: (F - 1) MSW / n0", grouped, 1e-10, 1e-14)

axes = []
for rows, scales in [(30, (5.0, 2.0, 0.7)), (50, (9.0, 4.0, 1.5, 0.5))]:
    data = two_samples.normal(size=(rows, len(scales))) * np.array(scales) + 3
    data = data.astype(np.float32).astype(float)
    values, vectors = np.linalg.eigh(np.cov(data, rowvar=False))
    first = [vectors[:, -1 - j] * np.sign(vectors[np.abs(vectors[:, -1 - j]).argmax(), -1 - j]) for j in range(2)]
    axes.append(({"rows": rows, "cols": len(scales), "data": data.ravel().tolist(), "count": 2}, np.sqrt(values[::-1][:2]).tolist() + np.concatenate(first).tolist()))
write("principal-axes", "numpy.linalg.eigh of numpy.cov; the largest entry of an axis is positive", axes, 1e-6, 1e-6, "twelve rounds of an iteration")
write(
    "log-chi-square-survival",
    "mpmath gammainc(k/2, x/2, inf, regularized), as scipy.stats.chi2.logsf where doubles hold it",
    [
        ({"x": x, "degrees": k}, mp.log(mp.gammainc(mp.mpf(k) / 2, mp.mpf(x) / 2, mp.inf, regularized=True)))
        for k in (0.7, 1, 2, 9, 63.5, 400)
        for x in (1e-6, 0.3, 1.0, 3.84, 12.0, 70.0, 399.0, 450.0, 3000.0)
    ],
    1e-11,
    1e-15,
    "the absolute part covers logarithms of probabilities near 1",
)
tables = [([10, 20, 30], [5, 9, 40]), ([60, 0], [14, 1]), ([3, 0, 7], [0, 0, 9]), ([100, 100], [50, 50]), ([5000, 3, 40], [200, 2, 9])]


def g_test(a, b):
    used = [(x, y) for x, y in zip(a, b) if x + y > 0]
    result = stats.chi2_contingency(np.array(used).T, correction=False, lambda_="log-likelihood")
    return [max(0.0, result.statistic), result.dof]


write(
    "g-statistic",
    "scipy.stats.chi2_contingency(lambda_='log-likelihood', correction=False)",
    [({"a": a, "b": b}, g_test(a, b)) for a, b in tables],
    1e-12,
    1e-12,
    "the absolute part covers equal proportions",
)
matrices = [[[2.0]], [[0.0, 1.0], [1.0, 0.0]], [[0.9, 0.2, 0.05], [0.08, 0.7, 0.05], [0.02, 0.1, 0.9]], (np.random.default_rng(7).normal(size=(6, 6)) + 3 * np.eye(6)).tolist()]
write(
    "inverse",
    "numpy.linalg.inv",
    [({"a": np.array(a).ravel().tolist(), "d": len(a)}, linalg.inv(np.array(a)).ravel().tolist()) for a in matrices],
    1e-11,
    1e-13,
    "the absolute part covers zeros",
)


def superuniform_power(p):
    ranks = (np.arange(1, len(p) + 1) - 0.5) / len(p)
    half = math.ceil(len(p) / 2)
    ratios = [math.log(u) / math.log(v) for u, v in list(zip(ranks, sorted(p)))[:half] if v < u]
    return min([1.0] + ratios)


p_lists = [[], [0.5], [0.01], [0.2, 0.4, 0.6, 0.8], [1e-9, 0.3, 0.5, 0.9, 1.0], [1e-4, 1e-3, 1e-2, 0.1, 0.2, 0.9]]
write(
    "superuniform-power",
    "numpy: smallest log((i - 1/2)/n) / log p_(i) over the smaller half",
    [({"logP": [math.log(v) for v in p]}, superuniform_power(p)) for p in p_lists],
    1e-12,
)
# --- images -----------------------------------------------------------------------------------------------------------
own = np.random.default_rng(20260102)  # of its own: what is above stays as it is
pictures = [own.normal(size=(r, c)) for r, c in ((1, 1), (1, 5), (4, 3), (7, 8), (28, 28))] + [own.integers(0, 3, size=(6, 9)).astype(float)]
write(
    "discrete-cosine-transform",
    "scipy.fft.dctn(type=2, norm='ortho')",
    [({"image": x.flatten(), "rows": x.shape[0], "cols": x.shape[1]}, fft.dctn(x, norm="ortho").flatten()) for x in pictures],
    1e-12,
    1e-13,
)
write(
    "median-filter",
    "scipy.ndimage.median_filter(size=3, mode='nearest')",
    [({"image": x.flatten(), "rows": x.shape[0], "cols": x.shape[1]}, ndimage.median_filter(x, size=3, mode="nearest").flatten()) for x in pictures],
    0.0,
)
scores = []
for d, n, alpha in ((1, 3, 4.0), (4, 2, 4.0), (6, 20, 4.0), (6, 20, 0.5)):
    x = own.normal(size=(n, d)).astype(np.float32).astype(float)
    second = x.T @ x / n
    values, vectors = np.linalg.eigh(second)
    values, vectors = np.clip(values[::-1], 0, None), vectors[:, ::-1].astype(np.float32).astype(float)
    second = vectors @ np.diag(values) @ vectors.T
    q = linalg.expm(alpha * second / values[0])
    h = own.normal(size=d)
    scores.append(({"h": h, "values": values, "directions": vectors.T.flatten(), "alpha": alpha}, h @ q @ h / np.trace(q)))
write("quantum-entropy-score", "scipy.linalg.expm", scores, 2e-6, 0.0, "directions are float32, so that they are orthonormal to seven digits only")
