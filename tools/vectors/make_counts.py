#!/usr/bin/env python3
"""Known entropies of tables of counts, nats.

    python3 tools/vectors/make_counts.py tests/vectors/counts.tsv

Needs infomeasure, mpmath and numpy; the versions that made the committed file stand in its first line. infomeasure
gives the plug-in, Miller-Madow, Chao-Shen and, where no cell is empty, James-Stein. The others are written from the
papers in plain Python with mpmath: James-Stein over given cells (Hausser & Strimmer 2009), Grassberger (2003), whose G
is an integral here, and the posterior of Nemenman, Shafee & Bialek (2002) by Gauss-Legendre on ln b with 60 digits.
infomeasure's own "grassberger" is the older formula of 1988; its "nsb" lies below the plug-in and was not used.
The rows of ndd 1.10.6 (numpy 1.25.2, where it still builds: ndd.entropy(count, k=cells, return_std=True)) are copied
here; its integral is good to about .005 of the sd.
"""
import sys

import infomeasure
import mpmath
import numpy as np
from mpmath import mp, mpf

mp.dps = 60

TABLES = [  # counts, cells
    ([4, 2, 3, 0, 2, 4, 0, 0, 1, 2], 10),
    ([4, 12, 4, 5, 3, 1, 5, 1, 2, 2, 2, 2, 11, 3, 4, 12, 12, 1, 2], 19),
    ([4, 12, 4, 5, 3, 1, 5, 1, 2, 2, 2, 2, 11, 3, 4, 12, 12, 1, 2], 100),
    ([2, 2, 2, 2, 2, 2], 1000),
    ([1, 1, 1, 1, 1], 50),
    ([7, 1], 2),
    ([1], 2),
    ([0, 30, 0], 3),
    ([90, 31, 17, 9, 5, 3, 2, 1, 1, 1, 1], 40),
    ([1203, 987, 1450, 3, 760], 5),
]

NDD = [  # table, mean, sd
    (0, 2.0700277309392385, 0.14862393283679726),
    (2, 2.8060922529931225, 0.11945501149743358),
    (3, 2.351963061583394, 0.41277506602929936),
]


def grassberger(count):
    n = sum(count)
    total = mpf(0)
    for c in count:
        if c:
            g = mpmath.psi(0, c) + (-1) ** c * mpmath.quad(lambda x: x ** (c - 1) / (1 + x), [0, 0.5, 0.9, 1])
            total += c * g
    return mpmath.log(n) - total / n


def james_stein(count, cells):
    n = sum(count)
    p = [mpf(c) / n for c in count] + [mpf(0)] * (cells - len(count))
    u = mpf(1) / cells
    distance = sum((u - q) ** 2 for q in p)
    weight = mpf(1)
    if n > 1 and distance > 0:
        weight = min(mpf(1), (1 - sum(q * q for q in p)) / ((n - 1) * distance))
    shrunk = [weight * u + (1 - weight) * q for q in p]
    return -sum(q * mpmath.log(q) for q in shrunk if q > 0)


def nsb(count, cells):
    """Mean and sd. E[H] and E[H^2] given b are those of Wolpert & Wolf (1995)."""
    n = sum(count)
    terms = [(c, 1) for c in count if c] + [(0, cells - sum(1 for c in count if c))]
    nodes, weights = np.polynomial.legendre.leggauss(24)
    z = first = second = mpf(0)
    for left in range(-36, 44):
        for node, weight in zip(nodes, weights):
            t = mpf(left) + (mpf(float(node)) + 1) / 2
            b = mpmath.exp(t)
            whole = n + cells * b
            slope = cells * mpmath.psi(1, cells * b + 1) - mpmath.psi(1, b + 1)
            likelihood = mpmath.loggamma(cells * b) - mpmath.loggamma(whole)
            likelihood += sum(mpmath.loggamma(c + b) - mpmath.loggamma(b) for c, m in terms if c)
            density = mpmath.exp(likelihood.real + t) * slope * mpf(float(weight))
            top, top1 = mpmath.psi(0, whole + 2), mpmath.psi(1, whole + 2)
            mean = mpmath.psi(0, whole + 1)
            single = squares = same = mpf(0)
            for c, m in terms:
                x = c + b
                mean -= m * x / whole * mpmath.psi(0, x + 1)
                d = x * (mpmath.psi(0, x + 1) - top)
                single += m * d
                squares += m * d * d
                same += m * x * (x + 1) * ((mpmath.psi(0, x + 2) - top) ** 2 + mpmath.psi(1, x + 2) - top1)
            cross = single**2 - squares - top1 * (whole**2 - sum(m * (c + b) ** 2 for c, m in terms))
            z += density
            first += density * mean
            second += density * (cross + same) / (whole * (whole + 1))
    mean = first / z
    return mean, mpmath.sqrt(second / z - mean**2)


def rows():
    for table, (count, cells) in enumerate(TABLES):
        data = np.repeat(np.arange(len(count)), count)

        def program(name):
            return infomeasure.entropy(data, approach=name, base="e")

        yield "none", table, program("discrete"), "nan", "infomeasure"
        yield "miller-madow", table, program("miller_madow"), "nan", "infomeasure"
        if len(count) > 1 and len(data) > max(count):
            yield "chao-shen", table, program("chao_shen"), "nan", "infomeasure"
        yield "grassberger", table, grassberger(count), "nan", "mpmath"
        own = james_stein(count, cells)
        yield "james-stein", table, own, "nan", "mpmath"
        if cells == sum(c > 0 for c in count) > 1:
            assert abs(program("shrink") - float(own)) < 1e-13
            yield "james-stein", table, program("shrink"), "nan", "infomeasure"
        mean, sd = nsb(count, cells)
        yield "nsb", table, mean, repr(float(sd)), "mpmath"
    for table, mean, sd in NDD:
        yield "nsb", table, mean, repr(sd), "ndd"


def main():
    with open(sys.argv[1], "w") as out:
        out.write(f"# tools/vectors/make_counts.py; infomeasure {infomeasure.__version__}, mpmath {mpmath.__version__}, "
                  f"numpy {np.__version__}; ndd 1.10.6\n")
        out.write("correction\tcells\tentropy\tsd\ttool\tcounts\n")
        for correction, table, value, sd, tool in rows():
            count, cells = TABLES[table]
            out.write(f"{correction}\t{cells}\t{float(value)!r}\t{sd}\t{tool}\t{','.join(map(str, count))}\n")


main()
