"""Is a network trained by iclab the network that PyTorch trains? Called by equal_train.sh. TSV on standard output.

    equal_train.py ICLAB PYTHON OUT SEEDS EPOCHS THREADS ORDER...

1. The first 10 losses from the same weights, the same order of the images, without dropout, at a constant rate of .1:
   the largest relative difference from PyTorch in single precision (the limit holds for this one) and in double.
2. Fashion-MNIST, batches of 512, the linear schedule .6 -> 2 -> .1 (orders without BN: a constant .4): the mean loss of
   the steps of the last epoch, validation loss and accuracy behind it, means and standard deviations over the seeds on
   both sides, and z = (mean of iclab - mean of PyTorch) / sqrt(sd^2 / n + sd^2 / n). At rates near 2 a run can leap up
   for some steps: means then hang on few runs, and more seeds say more.
Every run leaves a file in OUT and is not done again. Exit status 1: something is beyond its limit.
"""
import csv
import math
import os
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TORCH = os.path.join(HERE, "torch_train.py")
FIRST_STEPS, FIRST_SEEDS, FIRST_LIMIT, Z_LIMIT = 10, (1, 2, 3), 1e-3, 2.0
BATCH = 512
WITHOUT_NORM = ("drop-only", "none")
ACTIVATIONS = {"relu": ([], []), "general": (["--general-relu"], ["--general"])}  # iclab's words, PyTorch's words


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))


class Setting:
    def __init__(self, arguments):
        self.iclab, self.python, self.out, seeds, epochs, threads = arguments[:6]
        self.seeds, self.epochs, self.threads = range(1, int(seeds) + 1), epochs, threads
        self.orders = arguments[6:]
        os.makedirs(self.out, exist_ok=True)

    def path(self, name):
        return os.path.join(self.out, name)

    def run_iclab(self, name, words):
        """The folder of a finished run."""
        folder = self.path(name)
        if not os.path.exists(os.path.join(folder, "result.json")):
            shutil.rmtree(folder, ignore_errors=True)
            command = [self.iclab, "train", "--net", "thread07", "--batch", str(BATCH), "--threads", self.threads]
            subprocess.run(command + words + ["--quiet", "--out", folder], check=True, stdout=sys.stderr)
        return folder

    def run_torch(self, name, words):
        """The rows of a finished run."""
        path = self.path(name + ".tsv")
        if not os.path.exists(path):
            with open(path + ".part", "w") as file:
                command = [self.python, TORCH, *words, "--batch", str(BATCH), "--threads", self.threads]
                subprocess.run(command, check=True, stdout=file)
            os.rename(path + ".part", path)
        return rows(path)


def largest(ours, theirs):
    """The largest relative difference; nan if one is."""
    apart = [abs(a / b - 1) for a, b in zip(ours, theirs)]
    return math.nan if any(math.isnan(x) for x in apart) else max(apart)


def first_losses(setting):
    print("order\tactivation\tseed\tfirst_loss\tlast_loss\tdifference_single\tdifference_double\tlimit\twithin")
    good = True
    for order in setting.orders:
        for activation, (iclab_words, torch_words) in ACTIVATIONS.items():
            for seed in FIRST_SEEDS:
                name = f"first-{order}-{activation}-s{seed}"
                words = ["--order", order, "--drop", "0", "--schedule", "constant", "--rate", ".1", "--epochs", "1"]
                words += ["--limit", str(FIRST_STEPS * BATCH), "--valid-limit", "100", "--keep-initial"]
                folder = setting.run_iclab("iclab-" + name, words + ["--seed", str(seed)] + iclab_words)
                ours = [float(row["loss"]) for row in rows(os.path.join(folder, "metrics.tsv"))][:FIRST_STEPS]
                assert len(ours) == FIRST_STEPS
                words = ["first", folder, "--order", order, "--steps", str(FIRST_STEPS)] + torch_words
                single = [float(row["loss"]) for row in setting.run_torch("torch-" + name, words)]
                words.append("--double")
                double = [float(row["loss"]) for row in setting.run_torch("torch-double-" + name, words)]
                difference = largest(ours, single)
                within = difference <= FIRST_LIMIT
                good = good and within
                print(
                    f"{order}\t{activation}\t{seed}\t{ours[0]:.6f}\t{ours[-1]:.6f}\t{difference:.2e}\t"
                    f"{largest(ours, double):.2e}\t{FIRST_LIMIT:g}\t{'yes' if within else 'NO'}",
                    flush=True,
                )
    return good


def rates(order):
    if order in WITHOUT_NORM:
        return ["--schedule", "constant", "--rate", ".4"]
    return ["--schedule", "linear", "--rate-start", ".6", "--rate", "2", "--rate-end", ".1", "--warm", ".3"]


def trained(setting):
    activation = os.environ.get("ACTIVATION", "relu")
    iclab_words, torch_words = ACTIVATIONS[activation]
    print(f"# thread07, {activation}, {setting.epochs} epochs, validation after the last one")
    print("order\tquantity\tseeds\ticlab\ticlab_sd\tpytorch\tpytorch_sd\tz\tlimit\twithin")
    good = True
    for order in setting.orders:
        found = {"train_loss": ([], []), "valid_loss": ([], []), "valid_accuracy": ([], [])}
        for seed in setting.seeds:
            name = f"{order}-{activation}-e{setting.epochs}-s{seed}"
            common = ["--order", order, "--seed", str(seed), "--epochs", setting.epochs]
            folder = setting.run_iclab("iclab-" + name, common + rates(order) + iclab_words)
            epoch = rows(os.path.join(folder, "epochs.tsv"))[-1]
            steps = [row for row in rows(os.path.join(folder, "metrics.tsv")) if row["epoch"] == setting.epochs]
            theirs = [row for row in setting.run_torch("torch-" + name, ["train"] + common + torch_words)]
            their_steps = [row for row in theirs if row["kind"] == "step" and row["epoch"] == setting.epochs]
            ours = {quantity: float(epoch[quantity]) for quantity in ("valid_loss", "valid_accuracy")}
            ours["train_loss"] = statistics.mean(float(row["loss"]) for row in steps)
            torch = {"valid_" + quantity: float(theirs[-1][quantity]) for quantity in ("loss", "accuracy")}
            torch["train_loss"] = statistics.mean(float(row["loss"]) for row in their_steps)
            for quantity, (mine, other) in found.items():
                mine.append(ours[quantity])
                other.append(torch[quantity])
        for quantity, (mine, other) in found.items():
            n = len(mine)
            sds = [statistics.stdev(values) if n > 1 else math.nan for values in (mine, other)]
            difference = statistics.mean(mine) - statistics.mean(other)
            z = difference / math.sqrt((sds[0] ** 2 + sds[1] ** 2) / n)
            within = abs(z) <= Z_LIMIT
            good = good and within
            print(
                f"{order}\t{quantity}\t{n}\t{statistics.mean(mine):.5f}\t{sds[0]:.5f}\t{statistics.mean(other):.5f}\t"
                f"{sds[1]:.5f}\t{z:+.2f}\t{Z_LIMIT:g}\t{'yes' if within else 'NO'}",
                flush=True,
            )
    return good


def main():
    setting = Setting(sys.argv[1:])
    versions = [subprocess.run([setting.iclab, "--version"], check=True, capture_output=True, text=True).stdout.strip()]
    asked = [setting.python, "-c", "import torch; print('PyTorch', torch.__version__)"]
    versions.append(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    print("# " + ", ".join(versions))
    good = first_losses(setting)
    good = trained(setting) and good
    sys.exit(0 if good else 1)


main()
