"""Times training steps of iclab beside PyTorch: `make bench-train-peers`. TSV on standard output.

    train_driver.py ICLAB-PEER THREADS ROUNDS PYTHON...

Each peer is a process that reads lines and answers each with one line:

    versions                                              what it is
    variants                                              the ways in which it can do it, tabs between
    run<TAB>NET<TAB>ORDER<TAB>BATCH<TAB>VARIANT<TAB>STEPS   seconds of STEPS steps; nan: not possible

A program first tries all its variants; its fastest then runs in rounds, between those of the others. A row shows the
median and the best of the rounds in images a second, and how many times as fast iclab is by either.
"""
import math
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = [
    (net, order, batch)
    for net, batch in (("thread07", 128), ("thread07", 512), ("resnet20", 128))
    for order in ("conv-bn-relu", "ic")
]
TURN_SECONDS, TRIAL_TURNS, REST_SECONDS = 0.4, 3, 0.02
# glibc gives large blocks back to the system when they are freed, and every step of PyTorch takes them anew: kept here.
KEPT = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 34), "MALLOC_TOP_PAD_": str(1 << 28)}


class Peer:
    def __init__(self, command, environment, note=""):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ, **environment)
        )
        self.note = note
        self.versions = self.ask("versions") + note
        self.name = self.versions.split(",")[0] + note
        self.variants = self.ask("variants").split("\t")

    def ask(self, *words):
        self.process.stdin.write("\t".join(str(w) for w in words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if answer == "":
            sys.exit(f"bench-train-peers: {self.process.args} ended while it was asked for: {' '.join(map(str, words))}")
        return answer.rstrip("\n")

    def step_seconds(self, case, variant, steps):
        seconds = float(self.ask("run", *case, variant, steps)) / steps
        time.sleep(REST_SECONDS)  # threads that wait for work by spinning have gone to sleep
        return seconds

    def prepare(self, case):
        """Tries all variants: how many steps make a turn, then a few turns of each in turns; notes the fastest."""
        best, steps = {}, {}
        for variant in self.variants:
            once = self.step_seconds(case, variant, 2)
            if not math.isnan(once):
                steps[variant], best[variant] = max(1, round(TURN_SECONDS / once)), once
        for _ in range(TRIAL_TURNS):
            for variant in best:
                best[variant] = min(best[variant], self.step_seconds(case, variant, steps[variant]))
        self.variant = min(best, key=best.get)
        self.steps = max(1, round(TURN_SECONDS / best[self.variant]))


def compare(peers, case, rounds):
    taken = {peer: [] for peer in peers}
    for peer in peers:
        peer.prepare(case)
    for _ in range(rounds):
        for peer in peers:
            taken[peer].append(peer.step_seconds(case, peer.variant, peer.steps))
    own_median, own_best = statistics.median(taken[peers[0]]), min(taken[peers[0]])
    for peer in peers:
        median, best = statistics.median(taken[peer]), min(taken[peer])
        print(
            "\t".join(map(str, case)),
            peer.name,
            peer.variant,
            f"{case[2] / median:.0f}\t{case[2] / best:.0f}\t{median / own_median:.2f}\t{best / own_best:.2f}",
            sep="\t",
            flush=True,
        )


def main():
    iclab, threads, rounds, pythons = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    peers = [Peer([iclab, threads], {})]
    for environment, note in (({}, ""), (KEPT, " (freed memory kept)")):
        for python in pythons:
            serve = [python, os.path.join(HERE, "torch_train.py"), "serve", "--threads", threads]
            peers.append(Peer(serve, environment, note))
    for peer in peers:
        print("# " + peer.versions)
    print(f"# {rounds} interleaved rounds of {TURN_SECONDS} s, {threads} threads; load before: {os.getloadavg()[0]:.2f}")
    print("# nchw, nhwc: layout of the images; iclab_times: seconds of the program over those of iclab")
    print("net\torder\tbatch\tprogram\tvariant\timages_per_second\tbest\ticlab_times\ticlab_times_best", flush=True)
    for case in CASES:
        compare(peers, case, rounds)


main()
