"""A peer of `make bench-peers` that answers for Python packages. Protocol: see driver.py."""
import sys
import time

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn.feature_selection import mutual_info_regression
from sklearn.metrics import mutual_info_score

BINS = 16


def quantile_bins(x):
    return np.argsort(np.argsort(x, kind="stable"), kind="stable") * BINS // len(x)


TASKS = {
    # discrete_features=False and a fixed random_state: columns are scaled and jittered, as any user of it gets
    "ksg1 scikit-learn": lambda x, y: mutual_info_regression(
        x[:, None], y, n_neighbors=3, discrete_features=False, random_state=1
    )[0],
    "plugin scikit-learn": lambda x, y: mutual_info_score(quantile_bins(x), quantile_bins(y)),
    "kendall scipy": lambda x, y: scipy.stats.kendalltau(x, y)[0],
    "spearman scipy": lambda x, y: scipy.stats.spearmanr(x, y)[0],
    "pearson scipy": lambda x, y: scipy.stats.pearsonr(x, y)[0],
}


def main():
    x = y = None
    for line in sys.stdin:
        word = line.rstrip("\n").split("\t")
        if word[0] == "versions":
            print(
                f"Python {sys.version.split()[0]}, numpy {np.__version__}, scipy {scipy.__version__}, "
                f"scikit-learn {sklearn.__version__}",
                flush=True,
            )
        elif word[0] == "load":
            x, y = np.fromfile(word[2], dtype=np.float64).reshape(2, int(word[1])).copy()
            print("ok", flush=True)
        elif word[0] == "run":
            task, calls = TASKS[word[1]], 0
            start = time.perf_counter()
            while True:
                value = task(x, y)
                calls += 1
                taken = time.perf_counter() - start
                if taken >= 0.1:
                    break
            print(f"{taken / calls:.9g}\t{value:.17g}", flush=True)


main()
