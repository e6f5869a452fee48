"""Times iclab beside other programs on the same columns: `make bench-peers`. TSV on standard output.

    driver.py ICLAB-PEER PYTHON ROUNDS

Each peer is a process that reads lines and answers each with one line:

    versions                     what it is
    load<TAB>N<TAB>FILE          N doubles of x, then N of y; answers "ok"
    run<TAB>TASK[<TAB>prepared]  seconds a call and the value, a tab between

The calls of all programs on one data set are interleaved in rounds; a row shows the median. One thread each.
"""
import math
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = (1000, 10000, 100000)
SLOW_ABOVE = 10000  # quadratic or nearly so: left out above this size

NEIGHBOURS = (
    ("R", "ksg1 parmigene", False),
    ("R", "ksg1 FNN", True),
    ("python", "ksg1 scikit-learn", False),
)

# task of iclab -> (peer, its task, left out where it is slow)
PEERS = {
    "ksg1": NEIGHBOURS,
    "mesner-shalizi": NEIGHBOURS,
    "auto": NEIGHBOURS,
    "plugin": (("python", "plugin scikit-learn", False),),
    "spearman": (("R", "spearman R", False), ("python", "spearman scipy", False)),
    "pearson": (("python", "pearson scipy", False),),
}


class Peer:
    def __init__(self, *command):
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, *words):
        self.process.stdin.write("\t".join(str(w) for w in words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if answer == "":
            sys.exit(f"bench-peers: {self.process.args[-1]} ended while it was asked for: {' '.join(map(str, words))}")
        return answer.rstrip("\n")

    def run(self, *words):
        seconds, value = self.ask("run", *words).split("\t")
        return float(seconds), float(value)


def columns(n, silent):
    """Normal columns of correlation .75; silent: each is 0 in half of the samples, independently."""
    rng = random.Random(20240917 + n)
    x = [rng.gauss(0, 1) for _ in range(n)]
    y = [0.75 * a + math.sqrt(1 - 0.75**2) * rng.gauss(0, 1) for a in x]
    if silent:
        x = [a if rng.random() < 0.5 else 0.0 for a in x]
        y = [a if rng.random() < 0.5 else 0.0 for a in y]
    return x + y


def compare(peers, kind, n, task, rounds):
    """One row a program: name, median milliseconds, value, times iclab's time."""
    calls = [("iclab", "iclab", (task,)), ("iclab, columns prepared", "iclab", (task, "prepared"))]
    for peer, name, slow in PEERS[task]:
        if not (slow and n > SLOW_ABOVE):
            calls.append((name.split(" ", 1)[1], peer, (name,)))
    taken = {call[0]: [] for call in calls}
    value = {}
    for _ in range(rounds):
        for name, peer, words in calls:
            seconds, value[name] = peers[peer].run(*words)
            taken[name].append(seconds)
    own = statistics.median(taken["iclab"])
    for name, _, _ in calls:
        median = statistics.median(taken[name])
        print(
            f"{task}\t{kind}\t{n}\t{name}\t{1e3 * median:.4g}\t{value[name]:.6f}\t{median / own:.3g}",
            flush=True,
        )


def main():
    iclab, python, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    peers = {
        "iclab": Peer(iclab),
        "R": Peer("Rscript", "--vanilla", os.path.join(HERE, "peer.R")),
        "python": Peer(python, os.path.join(HERE, "peer.py")),
    }
    for peer in peers.values():
        print("# " + peer.ask("versions"))
    print(f"# median of {rounds} interleaved rounds, one thread; times_iclab: the program's time over that of iclab")
    print("task\tcolumns\tn\tprogram\tmilliseconds\tvalue\ttimes_iclab", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "columns")
        for silent in (False, True):
            for n in SIZES:
                with open(path, "wb") as file:
                    file.write(struct.pack(f"={2 * n}d", *columns(n, silent)))
                for peer in peers.values():
                    peer.ask("load", n, path)
                for task in PEERS:
                    # On atoms KSG means nothing; the others jitter them away, give up, or answer all the same.
                    if silent and task == "ksg1":
                        continue
                    compare(peers, "half-silent" if silent else "no-atoms", n, task, rounds)


main()
