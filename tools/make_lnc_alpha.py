#!/usr/bin/env python3
"""The table of alpha in estimators/mi_lnc.c: below which ratio of the PCA box to the rectangle of k neighbours in the
plane the local density counts as not uniform.

    python3 tools/make_lnc_alpha.py

Gao, Ver Steeg & Galstyan (2015): k points uniform in a square around the centre; both volumes as in the estimator; alpha
is the .005 quantile of their ratio, so that the correction acts by chance at one sample in 200 where the density is
uniform. 2 000 000 squares a k, numpy's PCG64 with seed k. Needs numpy.
"""
import numpy as np

QUANTILE, SQUARES, AT_ONCE = 0.005, 2_000_000, 4_000_000
KS = [*range(3, 21), 25, 30, 40, 50, 70, 100, 150, 200]


def ratios(points):
    x, y = points[..., 0], points[..., 1]
    difference, both = (x * x - y * y).sum(1), 2 * (x * y).sum(1)
    angle = np.arctan2(both, difference) / 2
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    turned = np.abs(c * x + s * y).max(1) * np.abs(c * y - s * x).max(1)
    return turned / (np.abs(x).max(1) * np.abs(y).max(1))


for k in KS:
    rng = np.random.default_rng(k)
    found = []
    while sum(map(len, found)) < SQUARES:
        found.append(ratios(rng.uniform(-1, 1, (AT_ONCE // k, k, 2))))
    print(f"{{{k}, {np.quantile(np.concatenate(found)[:SQUARES], QUANTILE):.4f}}},", flush=True)
