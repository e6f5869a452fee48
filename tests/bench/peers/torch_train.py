"""Training in PyTorch beside `iclab train`. TSV on standard output.

    torch_train.py train --order O --seed S [--epochs E] [--net N] [--general] [--threads N]
        trains on Fashion-MNIST: a row a step (epoch, step, loss) and a row an epoch (validation loss and accuracy)
    torch_train.py first RUN --order O [--steps K] [--general] [--double]
        the first losses from the weights and the order of the samples that `iclab train --keep-initial` left in RUN,
        without dropout, at a constant rate of .1
    torch_train.py serve [--threads N]
        a peer of `make bench-train-peers`; protocol: see train_driver.py
"""
import argparse
import gzip
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True  # nothing is left beside the sources
import torch_nets

FASHION = os.environ.get("ICLAB_FASHION_MNIST", "/usr/share/datasets/fashion-mnist")


def idx(name):
    with gzip.open(os.path.join(FASHION, name)) as file:
        header = np.frombuffer(file.read(4), np.uint8)
        shape = np.frombuffer(file.read(4 * header[3]), ">u4").astype(int)
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def fashion_mnist():
    """Images (N, 1, 28, 28), normalised by mean and sd of the training pixels, and labels; training, validation."""
    train, valid = idx("train-images-idx3-ubyte.gz"), idx("t10k-images-idx3-ubyte.gz")
    count = np.bincount(train.reshape(-1), minlength=256) / train.size
    value = np.arange(256) / 255
    mean = (count * value).sum()
    sd = np.sqrt((count * (value - mean) ** 2).sum())
    split = []
    for images, labels in ((train, "train-labels-idx1-ubyte.gz"), (valid, "t10k-labels-idx1-ubyte.gz")):
        normalised = ((images / np.float32(255) - np.float32(mean)) / np.float32(sd)).astype(np.float32)
        split += [torch.from_numpy(normalised)[:, None], torch.from_numpy(idx(labels).astype(np.int64))]
    return split


def rate(order, step, steps):
    """Linear .6 -> 2 over the first 30 %, then -> .1; a constant .4 without BN."""
    if order not in torch_nets.WITH_NORM:
        return 0.4
    at = step / steps
    return 0.6 + (2 - 0.6) * at / 0.3 if at < 0.3 else 2 + (0.1 - 2) * (at - 0.3) / 0.7


def descend(net, optimiser, images, labels, new_rate=None):
    if new_rate is not None:
        for group in optimiser.param_groups:
            group["lr"] = new_rate
    optimiser.zero_grad(set_to_none=True)
    loss = F.cross_entropy(net(images), labels)
    loss.backward()
    optimiser.step()
    return loss


def train(arguments):
    torch.manual_seed(arguments.seed)
    images, labels, valid_images, valid_labels = fashion_mnist()
    net = torch_nets.build(arguments.net, arguments.order, general=arguments.general)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    batch = arguments.batch
    per_epoch = -(-len(images) // batch)
    steps, step = arguments.epochs * per_epoch, 0
    print("kind\tepoch\tstep\tloss\taccuracy")
    for epoch in range(1, arguments.epochs + 1):
        net.train()
        order = torch.randperm(len(images))
        for chosen in order.split(batch):
            loss = descend(net, optimiser, images[chosen], labels[chosen], rate(arguments.order, step, steps))
            step += 1
            print(f"step\t{epoch}\t{step}\t{loss.item():.9g}\tnan")
        net.eval()
        loss, correct = 0.0, 0
        with torch.no_grad():
            for first in range(0, len(valid_images), 1000):
                logits = net(valid_images[first : first + 1000])
                target = valid_labels[first : first + 1000]
                loss += F.cross_entropy(logits, target, reduction="sum").item()
                correct += (logits.argmax(1) == target).sum().item()
        print(f"valid\t{epoch}\t{step}\t{loss / len(valid_images):.9g}\t{correct / len(valid_images):.9g}", flush=True)


def read_places(path):
    """{name: (offset, count)} of parameters.tsv."""
    with open(path) as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    column = {name: i for i, name in enumerate(rows[0])}
    return {row[column["name"]]: (int(row[column["offset"]]), int(row[column["count"]])) for row in rows[1:]}


def first(arguments):
    images, labels, _, _ = fashion_mnist()
    net = torch_nets.build(arguments.net, arguments.order, drop=0.0, general=arguments.general)
    values = np.load(os.path.join(arguments.run, "initial.npy")).reshape(-1)
    net.read_parameters(values, read_places(os.path.join(arguments.run, "parameters.tsv")))
    kind = torch.float64 if arguments.double else torch.float32
    net = net.to(kind)
    order = torch.from_numpy(np.load(os.path.join(arguments.run, "order.npy")).reshape(-1).astype(np.int64))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    print("step\tloss")
    for step in range(arguments.steps):
        chosen = order[step * arguments.batch : (step + 1) * arguments.batch]
        loss = descend(net, optimiser, images[chosen].to(kind), labels[chosen])
        print(f"{step + 1}\t{loss.item():.9g}")


# ---- speed ------------------------------------------------------------------------------------------------------


class Timed:
    """Steps on batches that lie ready in memory."""

    BATCHES = 20

    def __init__(self, name, order, batch, variant):
        torch.manual_seed(1)
        layout, mode = variant.split("+")
        self.net = torch_nets.build(name, order)
        memory = torch.channels_last if layout == "nhwc" else torch.contiguous_format
        self.net = self.net.to(memory_format=memory).train()
        if mode == "compiled":
            self.net = torch.compile(self.net)
        options = {"fused": True} if hasattr(torch, "compile") else {}
        self.optimiser = torch.optim.SGD(self.net.parameters(), lr=0.01, **options)
        shape = torch_nets.NETS[name][1]
        self.images = [torch.randn(batch, *shape).contiguous(memory_format=memory) for _ in range(self.BATCHES)]
        self.labels = [torch.randint(10, (batch,)) for _ in range(self.BATCHES)]
        self.step = 0

    def run(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            at = self.step % self.BATCHES
            descend(self.net, self.optimiser, self.images[at], self.labels[at])
            self.step += 1
        return time.perf_counter() - start


def variants():
    modes = ["eager"] + (["compiled"] if hasattr(torch, "compile") else [])
    return [f"{layout}+{mode}" for layout in ("nchw", "nhwc") for mode in modes]


def serve():
    ready = {}
    for line in sys.stdin:
        word = line.rstrip("\n").split("\t")
        if word[0] == "versions":
            level = torch.backends.cpu.get_cpu_capability() if hasattr(torch.backends, "cpu") else "?"
            print(f"PyTorch {torch.__version__}, {level}, {torch.get_num_threads()} threads", flush=True)
        elif word[0] == "variants":
            print("\t".join(variants()), flush=True)
        elif word[0] == "run":
            net, order, batch, variant, steps = word[1:]
            try:
                if (net, order, batch, variant) not in ready:
                    ready[net, order, batch, variant] = timed = Timed(net, order, int(batch), variant)
                    timed.run(3)
                print(f"{ready[net, order, batch, variant].run(int(steps)):.9g}", flush=True)
            except Exception as error:  # a compiler that is not there, above all
                print(f"torch: {variant}: {error}", file=sys.stderr)
                print("nan", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "first", "serve"))
    parser.add_argument("run", nargs="?")
    parser.add_argument("--net", default="thread07", choices=sorted(torch_nets.NETS))
    parser.add_argument("--order", default="ic", choices=torch_nets.ORDERS)
    parser.add_argument("--general", action="store_true", help="GeneralReLU instead of ReLU")
    parser.add_argument("--double", action="store_true", help="in double precision")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    {"train": train, "first": first, "serve": lambda _: serve()}[arguments.what](arguments)


if __name__ == "__main__":
    main()
