"""What PyTorch does on a GPU: training steps of the networks that `make gpu-check` times, and all-pairs KSG by every
distance. TSV on standard output, beside the device and the versions; nothing of it is a measurement without a GPU.

    torch_device.py [--nets N,...] [--modes eager,...] [--seconds S] [--parts steps,ksg]
    torch_device.py --cpu      a few small steps on the processor: a test of this file; every figure is "-"

A step: forward, backward, SGD, on batches that lie on the device. Median of several turns between two CUDA events,
after warming up. Modes: eager, reduce-overhead and max-autotune of torch.compile. f32 multiplies in float32, tf32 lets
cuDNN and cuBLAS use TF32, bf16 is autocast. Images are channels-last.
"""
import argparse
import os
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True  # nothing is left beside the sources
import torch_nets

BATCHES = {"thread07": (128, 512), "resnet20": (128,), "resnet110": (128,), "xresnet18": (32,), "xresnet34": (32,)}
ORDERS = ("conv-bn-relu", "ic")
PRECISIONS = ("f32", "tf32", "bf16")
MODES = ("eager", "reduce-overhead", "max-autotune")
TURNS, SETS, WARM = 9, 4, 5


def allow_tf32(allowed):
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


def seconds_of(work, count, device):
    """Of `count` calls, by the device's clock."""
    if device.type == "cpu":
        start = time.perf_counter()
        for _ in range(count):
            work()
        return time.perf_counter() - start
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    for _ in range(count):
        work()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) / 1e3


def median_seconds(work, device, turn):
    """Of one call."""
    if device.type == "cpu":
        seconds_of(work, 1, device)
        return float("nan")
    for _ in range(WARM):
        work()
    once = seconds_of(work, WARM, device) / WARM
    count = max(1, round(turn / once))
    return statistics.median(seconds_of(work, count, device) / count for _ in range(TURNS))


class Steps:
    def __init__(self, name, order, batch, precision, mode, device, side=None):
        torch.manual_seed(1)
        allow_tf32(precision == "tf32")
        shape = torch_nets.NETS[name][1]
        if side:
            shape = (shape[0], side, side)
        self.device, self.autocast, self.at = device, precision == "bf16", 0
        self.net = torch_nets.build(name, order).to(device, memory_format=torch.channels_last).train()
        options = {"fused": True} if device.type == "cuda" else {}
        self.optimiser = torch.optim.SGD(self.net.parameters(), lr=1e-3, **options)
        self.compute = self.net
        if mode != "eager":
            self.compute = torch.compile(self.net, mode=mode)
        self.images = [
            torch.randn(batch, *shape, device=device).contiguous(memory_format=torch.channels_last) for _ in range(SETS)
        ]
        self.labels = [torch.randint(10, (batch,), device=device) for _ in range(SETS)]

    def __call__(self):
        images, labels = self.images[self.at], self.labels[self.at]
        self.at = (self.at + 1) % SETS
        self.optimiser.zero_grad(set_to_none=True)
        if hasattr(torch, "compiler") and hasattr(torch.compiler, "cudagraph_mark_step_begin"):
            torch.compiler.cudagraph_mark_step_begin()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.autocast):
            loss = F.cross_entropy(self.compute(images), labels)
        loss.backward()
        self.optimiser.step()
        return loss


def print_row(*cells):
    print("\t".join(str(c) for c in cells), flush=True)


def number(value, form):
    return "-" if value != value else format(value, form)


def time_steps(arguments, device):
    print_row("net", "order", "images", "batch", "precision", "mode", "seconds", "images_per_second")
    small, failed = device.type == "cpu", 0
    for net in arguments.nets.split(","):
        for batch in (2,) if small else BATCHES[net]:
            for order in ORDERS:
                for precision in PRECISIONS:
                    for mode in arguments.modes.split(","):
                        shape = torch_nets.NETS[net][1]
                        side = 32 if small else shape[1]
                        images = f"{side}x{side}x{shape[0]}"
                        row = (net, order, images, batch, precision, mode)
                        try:
                            steps = Steps(net, order, batch, precision, mode, device, side)
                            seconds = median_seconds(steps, device, arguments.seconds)
                            if not torch.isfinite(steps()).item():
                                raise ArithmeticError("the loss is no number")
                        except Exception as error:  # a compiler that is not there, memory
                            failed += 1
                            print_row(*row, "FAILED", str(error).split("\n")[0][:200])
                            continue
                        finally:
                            if device.type == "cuda":
                                if hasattr(torch, "_dynamo"):
                                    torch._dynamo.reset()
                                torch.cuda.empty_cache()
                        print_row(*row, number(seconds, ".4g"), number(batch / seconds, ".0f"))
    return failed


# ---- KSG ------------------------------------------------------------------------------------------------------------


def ksg_pair(x, others, k, chunk):
    """KSG1 (Kraskov et al. 2004) of x (n) with each column of others (p, n): a tensor of p, nats, by every distance."""
    n = x.shape[0]
    psi = torch.digamma(torch.arange(0, n + 2, device=x.device, dtype=torch.float64))
    total = torch.zeros(others.shape[0], device=x.device, dtype=torch.float64)
    for first in range(0, n, chunk):
        rows = slice(first, min(first + chunk, n))
        dx = (x[rows, None] - x[None, :]).abs()
        for p in range(others.shape[0]):
            dy = (others[p, rows, None] - others[p][None, :]).abs()
            radius = torch.maximum(dx, dy).kthvalue(k + 1, dim=1).values[:, None]  # itself is the first
            nx, ny = (dx < radius).sum(1), (dy < radius).sum(1)  # with itself
            total[p] += (psi[nx.clamp(min=1)] + psi[ny.clamp(min=1)]).sum()
    return psi[k] + psi[n] - total / n


def time_ksg(arguments, device):
    """Some pairs of the 130816 are timed; the column says how many."""
    print_row("ksg", "columns", "samples", "k", "pairs_timed", "seconds", "seconds_all_pairs")
    small = device.type == "cpu"
    columns, samples, k, timed = (3, 200, 3, 2) if small else (512, 10000, 3, 64)
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(columns, samples, generator=generator, dtype=torch.float64)
    values[1:] = 0.8 * values[1:] + 0.6 * values[0]
    values = values.to(device)
    estimates = ksg_pair(values[0], values[1 : 1 + timed], k, 2048)
    truth = -0.5 * torch.log(torch.tensor(1 - 0.36, dtype=torch.float64))
    if not ((estimates.cpu() - truth).abs() < (0.3 if small else 0.05)).all():
        raise SystemExit(f"torch_device: the estimates are off: {estimates.cpu().tolist()}, not {truth.item()}")
    seconds = median_seconds(lambda: ksg_pair(values[0], values[1 : 1 + timed], k, 2048), device, arguments.seconds)
    pairs = columns * (columns - 1) // 2
    print_row("ksg1", columns, samples, k, timed, number(seconds, ".4g"), number(seconds / timed * pairs, ".4g"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu", action="store_true", help="a test of this file on the processor: no figures")
    parser.add_argument("--nets", default=",".join(BATCHES))
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--parts", default="steps,ksg")
    parser.add_argument("--seconds", type=float, default=0.2, help="of a turn")
    arguments = parser.parse_args()
    if not arguments.cpu and not torch.cuda.is_available():
        sys.exit("torch_device: no CUDA device: nothing to measure (--cpu tests this file)")
    device = torch.device("cpu" if arguments.cpu else "cuda")
    if arguments.cpu:
        print(f"# device: the processor, for a test: nothing is measured; PyTorch {torch.__version__}")
    else:
        print(
            f"# device: {torch.cuda.get_device_name()}, PyTorch {torch.__version__}, CUDA {torch.version.cuda}, "
            f"cuDNN {torch.backends.cudnn.version()}; load before: {os.getloadavg()[0]:.2f}"
        )
        torch.backends.cudnn.benchmark = True
    failed = 0
    if "steps" in arguments.parts.split(","):
        failed = time_steps(arguments, device)
    if "ksg" in arguments.parts.split(","):
        time_ksg(arguments, device)
    sys.exit(1 if failed else 0)


main()
