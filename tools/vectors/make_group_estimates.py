#!/usr/bin/env python3
"""Known answers for groups of columns and for strong dependence, from npeet_plus and plain NumPy.

    python3 tools/vectors/make_group_estimates.py tests/vectors

reads samples.tsv and writes group_estimates.tsv. Needs numpy, scipy, scikit-learn and npeet_plus; the versions that made
the committed file stand in its first line. The functions are written from the papers with whole distance matrices.
npeet_plus adds noise of 1e-10 and has KSG1 of vectors and the correction of LNC: where the tool is named, its value
agrees with the one here to 1e-9.
"""
import itertools
import os
import sys
from importlib.metadata import version

import numpy as np
import scipy.stats
from npeet_plus import estimators as npeet
from scipy.special import digamma

ALPHA = {3: 0.0966, 5: 0.3257, 10: 0.6004}  # estimators/mi_lnc.c


def read(folder):
    with open(os.path.join(folder, "samples.tsv")) as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    table = np.array([[float(v) for v in line] for line in lines[1:]])
    return {name: table[:, c] for c, name in enumerate(lines[0])}


def distances(columns):
    """Largest difference over the columns, each in units of its sd; inf to itself."""
    d = np.maximum.reduce([np.abs(x[:, None] - x[None, :]) / (x.std() if x.std() > 0 else 1) for x in columns])
    np.fill_diagonal(d, np.inf)
    return d


def kth(d, k):
    return np.sort(d, axis=1)[:, k - 1 : k]


def ksg1(groups, k):
    d = [distances(g) for g in groups]
    rho = kth(np.maximum.reduce(d), k)
    n, m = len(d[0]), len(d)
    return digamma(k) + (m - 1) * digamma(n) - sum(np.mean(digamma((a < rho).sum(1) + 1)) for a in d)


def ksg2(groups, k):
    d = [distances(g) for g in groups]
    joint = np.maximum.reduce(d)
    near = joint <= kth(joint, k)  # all of several tied k-th neighbours
    n, m = len(d[0]), len(d)
    value = digamma(k) - (m - 1) / k + (m - 1) * digamma(n)
    for a in d:
        extent = np.where(near, a, 0).max(1, keepdims=True)
        value -= np.mean(digamma((a <= extent).sum(1)))
    return value


def mesner_shalizi(groups, k):
    d = [distances(g) for g in groups]
    joint = np.maximum.reduce(d)
    rho = kth(joint, k)
    value = digamma((joint <= rho).sum(1)) + (len(d) - 1) * digamma(len(joint))
    for a in d:
        value = value - digamma((a <= rho).sum(1))
    return value.mean()


def raw_distances(columns):
    d = np.maximum.reduce([np.abs(x[:, None] - x[None, :]) for x in columns])
    np.fill_diagonal(d, np.inf)
    return d


def ross(columns, label, k):
    size = np.array([np.sum(label == c) for c in label])
    keep = size > 1
    columns, label, size = [x[keep] for x in columns], label[keep], size[keep]
    if len(label) <= k:
        return None
    d = raw_distances(columns)
    kk = np.minimum(k, size - 1)
    own = np.where(label[:, None] == label[None, :], d, np.inf)
    radius = np.take_along_axis(np.sort(own, axis=1), kk[:, None] - 1, 1)
    same, m = (own <= radius).sum(1), (d <= radius).sum(1)
    return digamma(len(label)) + np.mean(digamma(same) - digamma(size) - digamma(m))


def ksg1_raw(x, y, k):
    dx, dy = raw_distances(x), raw_distances(y)
    rho = kth(np.maximum(dx, dy), k)
    return digamma(k) + digamma(len(dx)) - np.mean(digamma((dx < rho).sum(1) + 1) + digamma((dy < rho).sum(1) + 1))


def identity(x, atoms):
    out = np.zeros(len(x), int)
    for number, value in enumerate(atoms):
        out[x == value] = number + 1
    return out


def scores(x, part):
    """Normal scores of the continuous part, in place, symmetric to the last bit."""
    out = np.zeros(len(x))
    rank = scipy.stats.rankdata(x[part])
    m = part.sum()
    out[part] = np.copysign(scipy.stats.norm.ppf(np.minimum(rank - 0.5, m - rank + 0.5) / m), rank - 0.5 - m / 2)
    return out


def decomposition(s, x, y, atoms, k):
    names = x + y
    ident = {c: identity(s[c], atoms.get(c, [])) for c in names}
    score = {c: scores(s[c], ident[c] == 0) for c in names}
    a, b = ([tuple(ident[c][i] for c in g) for i in range(len(s[x[0]]))] for g in (x, y))
    n = len(a)
    pa, pb, pab = ({v: np.array([t == v for t in tuples]) for v in set(tuples)} for tuples in (a, b, list(zip(a, b))))
    value = sum(m.mean() * np.log(m.mean() / (pa[u].mean() * pb[v].mean())) for (u, v), m in pab.items())
    value -= (len(pab) - len(pa) - len(pb) + 1) / (2 * n)
    for own, names_own, other in ((pa, x, pb), (pb, y, pa)):
        label = np.zeros(n, int)
        for number, mask in enumerate(other.values()):
            label[mask] = number
        for pattern, mask in own.items():
            open_ = [c for c, p in zip(names_own, pattern) if p == 0]
            if not open_ or mask.sum() <= k or len(other) == 1:
                continue
            term = ross([score[c][mask] for c in open_], label[mask], k)
            value += mask.mean() * term if term is not None else 0
    for (u, v), mask in pab.items():
        ox, oy = [c for c, p in zip(x, u) if p == 0], [c for c, p in zip(y, v) if p == 0]
        if ox and oy and mask.sum() > k:
            value += mask.mean() * ksg1_raw([score[c][mask] for c in ox], [score[c][mask] for c in oy], k)
    return value


def lnc(x, y, k, alpha):
    zx, zy = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    near = np.argsort(np.maximum(distances([x]), distances([y])), axis=1)[:, :k]
    total = 0.0
    for i in range(len(x)):
        d = np.stack([zx[near[i]] - zx[i], zy[near[i]] - zy[i]], 1)
        v = np.linalg.eigh(d.T @ d)[1]
        ratio = np.log(np.abs(d).max(0)).sum() - np.log(np.abs(d @ v).max(0)).sum()
        total += ratio if -ratio < np.log(alpha) else 0
    points = np.stack([zx, zy], 1)
    assert abs(npeet.lnc_correction(npeet.build_tree(points), points, k, alpha) - total / len(x)) < 1e-9
    return ksg2([[x], [y]], k) + total / len(x)


def answers(s):
    rows = []

    def row(estimator, x, y, k, value, tool="numpy"):
        rows.append((estimator, "+".join(x), "+".join(y) if y else "-", k, value, tool))

    def group(names):
        return [s[c] for c in names]

    def standard(names):
        return np.stack([(s[c] - s[c].mean()) / s[c].std() for c in names], 1)

    smooth = [(["g1", "t1"], ["g2"], 3), (["g1", "t1"], ["g2", "t2"], 5), (["g1"], ["c2", "e1", "t2"], 4),
              (["g1", "t1", "i1", "e1"], ["g2", "t2", "c2"], 1),
              (["g1", "t1", "i1", "e1", "z1", "m1"], ["g2", "t2", "c2", "z2", "m2"], 7)]
    for x, y, k in smooth:
        own = ksg1([group(x), group(y)], k)
        np.random.seed(1)
        other = npeet.mi(standard(x), standard(y), k=k, base=np.e)
        same = abs(own - other) < 1e-9
        row("ksg1", x, y, k, own, "npeet_plus, numpy" if same else "numpy")
        row("ksg2", x, y, k, ksg2([group(x), group(y)], k))
    for x, y, k in [*smooth, (["z1", "z2"], ["m1", "d1"], 5), (["r1", "d1"], ["r2"], 3), (["d1", "d2"], ["label"], 4),
                    (["z1"], ["z2", "g2"], 6)]:
        row("mesner-shalizi", x, y, k, mesner_shalizi([group(x), group(y)], k))
    for x, label, k in [(["g1", "t1"], "label", 3), (["t1", "t2", "i1"], "label", 5), (["c2"], "d2", 4),
                        (["g1", "i1", "e1", "c2", "t2"], "d1", 2)]:
        z = standard(x)
        row("ross", x, [label], k, ross(list(z.T), s[label], k))
    atoms = {"z1": [0], "z2": [0], "m1": [0, 6], "m2": [0, 6], "d1": [0, 1, 2, 3], "d2": [0, 1, 2],
             "label": [0, 1, 2, 3, 4]}
    for x, y, k in [(["z1", "g1"], ["z2"], 5), (["z1", "m2"], ["z2", "g2"], 3), (["g1", "t1"], ["g2", "t2"], 4),
                    (["z1", "m1", "d1"], ["z2", "m2"], 2), (["d1", "d2"], ["label"], 5), (["z1", "z2"], ["d1"], 6)]:
        row("decomposition", x, y, k, decomposition(s, x, y, atoms, k))
    for columns, k in [(["g1", "g2", "c2", "e1", "t1"], 5), (["g1", "g2", "t2"], 3)]:
        row("tc-ksg1", columns, None, k, ksg1([[s[c]] for c in columns], k))
        row("tc-mesner-shalizi", columns, None, k, mesner_shalizi([[s[c]] for c in columns], k))
    row("tc-mesner-shalizi", ["z1", "z2", "m1", "m2", "d1", "r1"], None, 4,
        mesner_shalizi([[s[c]] for c in ("z1", "z2", "m1", "m2", "d1", "r1")], 4))
    for (x, y), k in itertools.product([("g1", "g2"), ("g1", "c2"), ("e1", "g1"), ("t1", "t2")], ALPHA):
        row("lnc", [x], [y], k, lnc(s[x], s[y], k, ALPHA[k]), "npeet_plus, numpy")
    return rows


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "group_estimates.tsv"), "w") as out:
        versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "npeet_plus"))
        out.write(f"# tools/vectors/make_group_estimates.py; {versions}\nestimator\tx\ty\tk\tvalue\ttool\n")
        for estimator, x, y, k, value, tool in answers(read(folder)):
            out.write(f"{estimator}\t{x}\t{y}\t{k}\t{float(value)!r}\t{tool}\n")


main()
