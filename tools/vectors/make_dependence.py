#!/usr/bin/env python3
"""Known answers for the dependence measures, from SciPy and dcor, on the data of tests/vectors/samples.tsv.

    python3 tools/vectors/make_dependence.py tests/vectors

writes dependence.tsv: measure, x, y, n (the first n samples), value, tool. Needs numpy, scipy and dcor; the versions
that made the committed file stand in its first line.
"""
import os
import sys

import dcor
import numpy as np
import scipy
import scipy.stats

PAIRS = [("g1", "g2"), ("t1", "t2"), ("g1", "c2"), ("e1", "g1"), ("z1", "z2"), ("m1", "m2"), ("r1", "r2"), ("d1", "d2"),
         ("d2", "label"), ("i1", "t2"), ("i1", "d2")]
SIZES = [5, 40, 600]


def samples(path):
    with open(path) as file:
        lines = [line for line in file if not line.startswith("#")]
    return {name: column for name, column in zip(lines[0].split(), np.loadtxt(lines[1:]).T)}


def answers(s):
    for x, y in PAIRS:
        for n in SIZES:
            a, b = s[x][:n].copy(), s[y][:n].copy()
            if a.std() == 0 or b.std() == 0:
                continue
            pearson, spearman = scipy.stats.pearsonr(a, b), scipy.stats.spearmanr(a, b)
            interval = pearson.confidence_interval(0.95)
            kendall = scipy.stats.kendalltau(a, b, method="asymptotic")
            yield "pearson-p", x, y, n, pearson.pvalue, "scipy"
            yield "pearson-low", x, y, n, interval.low, "scipy"
            yield "pearson-high", x, y, n, interval.high, "scipy"
            yield "spearman", x, y, n, spearman.statistic, "scipy"
            yield "spearman-p", x, y, n, spearman.pvalue, "scipy"
            yield "kendall-b", x, y, n, kendall.statistic, "scipy"
            yield "kendall-p", x, y, n, kendall.pvalue, "scipy"
            yield "distance-covariance", x, y, n, dcor.distance_covariance_sqr(a, b, method="naive"), "dcor"
            yield "distance", x, y, n, dcor.distance_correlation(a, b, method="naive"), "dcor"
            yield "distance-covariance-corrected", x, y, n, dcor.u_distance_covariance_sqr(a, b, method="naive"), "dcor"
            yield "distance-corrected", x, y, n, dcor.u_distance_correlation_sqr(a, b, method="naive"), "dcor"


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "dependence.tsv"), "w") as out:
        out.write(f"# tools/vectors/make_dependence.py; numpy {np.__version__}, scipy {scipy.__version__}, "
                  f"dcor {dcor.__version__}\nmeasure\tx\ty\tn\tvalue\ttool\n")
        for measure, x, y, n, value, tool in answers(samples(os.path.join(folder, "samples.tsv"))):
            out.write(f"{measure}\t{x}\t{y}\t{n}\t{float(value)!r}\t{tool}\n")


main()
