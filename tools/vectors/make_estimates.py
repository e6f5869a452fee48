#!/usr/bin/env python3
"""Known answers for the estimators, from scikit-learn, SciPy and plain NumPy.

    python3 tools/vectors/make_estimates.py tests/vectors

writes samples.tsv (the data) and estimates.tsv (the answers). Needs numpy, scipy and scikit-learn; the versions that
made the committed files stand in their first lines. The functions below that are not scikit-learn's are written from
the papers with whole distance matrices, so that they share no idea of speed with the program.
"""
import os
import sys

import numpy as np
import scipy
import scipy.stats
import sklearn
from scipy.special import digamma
from sklearn.feature_selection._mutual_info import _compute_mi_cc, _compute_mi_cd
from sklearn.metrics import mutual_info_score, normalized_mutual_info_score

N = 600


def samples():
    rng = np.random.default_rng(20240611)
    u = rng.standard_normal((N, 6))
    g1 = u[:, 0]
    g2 = 0.75 * u[:, 0] + np.sqrt(1 - 0.75**2) * u[:, 1]
    chi = np.sqrt(rng.chisquare(3, N) / 3)
    t1 = u[:, 2] / chi
    t2 = (0.6 * u[:, 2] + 0.8 * u[:, 3]) / chi
    label = np.clip(np.floor(1.5 + 0.7 * t1 + 0.6 * u[:, 4]), 0, 3)
    label[17] = 4  # a class of one member
    d1 = np.floor(np.clip(1.6 + 0.9 * u[:, 4], 0, 3))
    d2 = np.floor(np.clip(0.7 * d1 + 0.8 * u[:, 5] + 0.6, 0, 2))
    gate = rng.random((N, 2)) < 0.6
    return {
        "g1": g1,
        "g2": g2,
        "t1": t1,
        "t2": t2,
        "e1": np.exp(2 * g1 + 0.3 * u[:, 4]),
        "c2": np.cos(2 * g1) + 0.2 * u[:, 5],
        "i1": u[:, 4] * np.abs(u[:, 4]),
        "z1": g1 * gate[:, 0],
        "z2": g2 * gate[:, 1],
        "m1": np.clip(2 + 2 * g1, 0, 6),
        "m2": np.clip(3 + 2 * g2, 0, 6),
        "r1": np.round(12 * g1),
        "r2": np.round(9 * g2),
        "d1": d1,
        "d2": d2,
        "label": label,
    }


def standard(x):
    return (x - x.mean()) / x.std()


def axis_distances(x):
    """|x_i - x_j| in units of sd, equal where the raw differences are equal."""
    d = np.abs(x[:, None] - x[None, :]) / x.std()
    np.fill_diagonal(d, np.inf)
    return d


def ksg1(x, y, k):
    dx, dy = axis_distances(x), axis_distances(y)
    rho = np.sort(np.maximum(dx, dy), axis=1)[:, k - 1 : k]
    nx, ny = (dx < rho).sum(1), (dy < rho).sum(1)
    return digamma(k) + digamma(len(x)) - np.mean(digamma(nx + 1) + digamma(ny + 1))


def ksg2(x, y, k):
    dx, dy = axis_distances(x), axis_distances(y)
    near = np.argsort(np.maximum(dx, dy), axis=1)[:, :k]
    ex = np.take_along_axis(dx, near, 1).max(1, keepdims=True)
    ey = np.take_along_axis(dy, near, 1).max(1, keepdims=True)
    nx, ny = (dx <= ex).sum(1), (dy <= ey).sum(1)
    return digamma(k) - 1 / k + digamma(len(x)) - np.mean(digamma(nx) + digamma(ny))


def mesner_shalizi(columns, k):
    d = [axis_distances(x) for x in columns]
    joint = np.maximum.reduce(d)
    rho = np.sort(joint, axis=1)[:, k - 1 : k]
    total = digamma((joint <= rho).sum(1)) + (len(d) - 1) * digamma(len(columns[0]))
    for a in d:
        total = total - digamma((a <= rho).sum(1))
    return total.mean()


def ross(x, label, k):
    """Without scikit-learn's clipping at 0, and with the counts of ties that Mesner and Shalizi take."""
    size = np.array([np.sum(label == c) for c in label])
    x, label, size = x[size > 1], label[size > 1], size[size > 1]
    d = np.abs(x[:, None] - x[None, :])
    np.fill_diagonal(d, np.inf)
    kk = np.minimum(k, size - 1)
    same = np.sort(np.where(label[:, None] == label[None, :], d, np.inf), axis=1)
    radius = np.take_along_axis(same, kk[:, None] - 1, 1)
    within = ((label[:, None] == label[None, :]) & (d <= radius)).sum(1)
    return digamma(len(x)) + np.mean(digamma(within) - digamma(size) - digamma((d <= radius).sum(1)))


def table_mi(a, b):
    joint = len(set(zip(a, b)))
    return mutual_info_score(a, b) - (joint - len(set(a)) - len(set(b)) + 1) / (2 * len(a))


def identity(x, atoms):
    out = np.zeros(len(x), int)
    for number, value in enumerate(atoms):
        out[x == value] = number + 1
    return out


def scores(x, atoms):
    """Normal scores of the continuous part, in place, symmetric to the last bit; the atoms stay 0."""
    part = identity(x, atoms) == 0
    out = np.zeros(len(x))
    rank = scipy.stats.rankdata(x[part])
    m = part.sum()
    low = np.minimum(rank - 0.5, m - rank + 0.5)
    out[part] = np.copysign(scipy.stats.norm.ppf(low / m), rank - 0.5 - m / 2)
    return out


def ksg1_raw(x, y, k):
    dx, dy = np.abs(x[:, None] - x), np.abs(y[:, None] - y)
    np.fill_diagonal(dx, np.inf)
    np.fill_diagonal(dy, np.inf)
    rho = np.sort(np.maximum(dx, dy), axis=1)[:, k - 1 : k]
    return digamma(k) + digamma(len(x)) - np.mean(digamma((dx < rho).sum(1) + 1) + digamma((dy < rho).sum(1) + 1))


def decomposition(x, y, xa, ya, k):
    a, b = identity(x, xa), identity(y, ya)
    cx, cy = a == 0, b == 0
    both = cx & cy
    sx, sy = scores(x, xa), scores(y, ya)
    return (
        table_mi(a, b)
        + cx.mean() * ross(sx[cx], b[cx], k)
        + cy.mean() * ross(sy[cy], a[cy], k)
        + both.mean() * ksg1_raw(sx[both], sy[both], k)
    )


def quantile_bins(x, atoms, bins):
    a = identity(x, atoms)
    part = a == 0
    if x.max() - x.mean() > x.mean() - x.min():  # from the longer tail
        x = -x
    rank = scipy.stats.rankdata(x[part], method="min").astype(int) - 1
    a[part] = len(atoms) + 1 + rank * bins // part.sum()
    return a


def gaussian(x, y):
    n = len(x)
    sx, sy = (scipy.stats.norm.ppf(scipy.stats.rankdata(v) / (n + 1)) for v in (x, y))
    r = np.corrcoef(sx, sy)[0, 1]
    return -0.5 * np.log(1 - r**2) - (digamma((n - 1) / 2) - digamma((n - 2) / 2)) / 2


def kozachenko_leonenko(x, k):
    d = np.abs(x[:, None] - x[None, :])
    eps = np.sort(d, axis=1)[:, k]
    return digamma(len(x)) - digamma(k) + np.log(2) + np.mean(np.log(eps))


def kernel_density(x, y):
    """Leave-one-out, kernels of the covariance times n^(-1/3), margins from the same matrix."""
    n = len(x)
    cov = np.cov(x, y, bias=True) * n ** (-1 / 3)
    d = np.stack([np.subtract.outer(v, v) for v in (x, y)])
    joint = np.exp(-np.einsum("aij,ab,bij->ij", d, np.linalg.inv(cov), d) / 2) / (2 * np.pi * np.sqrt(np.linalg.det(cov)))
    margins = [np.exp(-d[a] ** 2 / (2 * cov[a, a])) / np.sqrt(2 * np.pi * cov[a, a]) for a in range(2)]
    for k in (joint, *margins):
        np.fill_diagonal(k, 0)
    f, fx, fy = (k.sum(1) / (n - 1) for k in (joint, *margins))
    return np.mean(np.log(f) - np.log(fx) - np.log(fy))


def answers(s):
    def row(tool, estimator, x, y, k, value):
        rows.append((estimator, x, y, k, value, tool))

    rows = []
    for x, y, k in [("g1", "g2", 3), ("t1", "t2", 5), ("g1", "c2", 4), ("e1", "g1", 1), ("e1", "t2", 7)]:
        cc = _compute_mi_cc(standard(s[x]), standard(s[y]), k)
        own = ksg1(s[x], s[y], k)
        if cc > 0:
            assert abs(cc - own) < 1e-12
        row("scikit-learn" if cc > 0 else "numpy", "ksg1", x, y, k, cc if cc > 0 else own)
        row("numpy", "ksg2", x, y, k, ksg2(s[x], s[y], k))
    for x, y, k in [("g1", "g2", 5), ("z1", "z2", 3), ("m1", "m2", 5), ("d1", "d2", 5), ("d1", "g1", 4), ("r1", "r2", 5),
                    ("r1", "d1", 7), ("i1", "t2", 10)]:
        row("numpy", "mesner-shalizi", x, y, k, mesner_shalizi([s[x], s[y]], k))
    row("numpy", "total-correlation", "g1,g2,c2", "-", 5, mesner_shalizi([s["g1"], s["g2"], s["c2"]], 5))
    row("numpy", "total-correlation", "z1,z2,d1,e1", "-", 3, mesner_shalizi([s[c] for c in ("z1", "z2", "d1", "e1")], 3))
    for x, y, k in [("t1", "label", 3), ("t2", "label", 5), ("i1", "d2", 1), ("i1", "label", 40), ("g1", "d1", 4)]:
        own = ross(s[x], s[y], k)
        # With k beyond half a class scikit-learn's search turns to expanded squares and rounds the radius: not exact.
        sk = own > 0 and k < 20
        if sk:
            assert abs(_compute_mi_cd(s[x], s[y], k) - own) < 1e-12
        row("scikit-learn" if sk else "numpy", "ross", x, y, k, _compute_mi_cd(s[x], s[y], k) if sk else own)
    for x, y in [("d1", "d2"), ("d2", "label"), ("label", "d1")]:
        row("scikit-learn", "table", x, y, 0, mutual_info_score(s[x], s[y]))
        row("scikit-learn, numpy", "plugin", x, y, 0, table_mi(s[x], s[y]))
    for x, xa, y, ya, bins in [("g1", [], "g2", [], 5), ("z1", [0], "z2", [0], 4), ("m1", [0, 6], "m2", [0, 6], 7),
                               ("g1", [], "d1", [0, 1, 2, 3], 9)]:
        row("scikit-learn, numpy", "plugin", x, y, bins,
            table_mi(quantile_bins(s[x], xa, bins),
                     identity(s[y], ya) if y == "d1" else quantile_bins(s[y], ya, bins)))
    for x, xa, y, ya, k in [("z1", [0], "z2", [0], 4), ("m1", [0, 6], "m2", [0, 6], 3), ("z1", [0], "m2", [0, 6], 5),
                            ("g1", [], "g2", [], 5), ("e1", [], "m1", [0, 6], 2)]:
        row("numpy", "decomposition", x, y, k, decomposition(s[x], s[y], xa, ya, k))
    for x, y in [("g1", "g2"), ("t1", "t2"), ("r1", "r2"), ("z1", "z2"), ("g1", "c2"), ("d1", "d2"), ("t1", "e1")]:
        row("scipy", "gaussian", x, y, 0, gaussian(s[x], s[y]))
        row("scipy", "pearson", x, y, 0, scipy.stats.pearsonr(s[x], s[y]).statistic)
        row("scipy", "spearman", x, y, 0, scipy.stats.spearmanr(s[x], s[y]).statistic)
    for x, k in [("g1", 4), ("t1", 1), ("e1", 3), ("c2", 10)]:
        row("numpy", "entropy", x, "-", k, kozachenko_leonenko(s[x], k))
    for x in ("d1", "d2", "label"):
        count = np.unique(s[x], return_counts=True)[1]
        row("scipy", "entropy-discrete", x, "-", 0, scipy.stats.entropy(count) + (len(count) - 1) / (2 * N))
    for n in (1, 2, 3, 15, 16, 17, 100, 4321, 1000000):
        row("scipy", "digamma", "-", "-", n, digamma(n))
    for df in (1, 2, 5, 29, 199):
        for percent in (60, 90, 95, 99):
            row("scipy", "t-quantile", str(percent), "-", df, scipy.stats.t.ppf(percent / 100, df))
    for x, y in [("d1", "d2"), ("d2", "label")]:
        for mean in ("min", "geometric", "arithmetic", "max"):
            row("scikit-learn", f"nmi-{mean}", x, y, 0, normalized_mutual_info_score(s[x], s[y], average_method=mean))
    for x, y in [("g1", "g2"), ("t1", "t2"), ("g1", "c2"), ("e1", "g1")]:
        row("numpy, scipy", "kde", x, y, 0, kernel_density(scores(s[x], []), scores(s[y], [])))
    return rows


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    versions = f"# tools/vectors/make_estimates.py; numpy {np.__version__}, scipy {scipy.__version__}, " \
               f"scikit-learn {sklearn.__version__}\n"
    s = samples()
    with open(os.path.join(folder, "samples.tsv"), "w") as out:
        out.write(versions + "\t".join(s) + "\n")
        for i in range(N):
            out.write("\t".join(repr(float(c[i])) for c in s.values()) + "\n")
    with open(os.path.join(folder, "estimates.tsv"), "w") as out:
        out.write(versions + "estimator\tx\ty\tk\tvalue\ttool\n")
        for estimator, x, y, k, value, tool in answers(s):
            out.write(f"{estimator}\t{x}\t{y}\t{k}\t{float(value)!r}\t{tool}\n")


main()
