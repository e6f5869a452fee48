#!/usr/bin/env python3
"""Saves what stands before and after a dropout of a PyTorch model, for `iclab measure`.

    hooks = SavedSides(model.drop1)          # any module: nn.Dropout, nn.Dropout2d, a whole IC layer
    for images, _ in loader: model(images)   # in train mode: otherwise the gates are open
    hooks.write("before.npy", "after.npy")

Run as a program it does that for a small untrained network and random images:

    python3 save_activations.py FOLDER
"""
import sys

import numpy as np


def as_array(value):
    """A tensor, on whatever device, or an array as float32 in memory of its own."""
    if hasattr(value, "detach"):
        value = value.detach().float().cpu().numpy()
    return np.array(value, dtype=np.float32)


class SavedSides:
    """Keeps inputs and outputs of a module, batch after batch.

    The arrays are (samples, features) or (samples, channels, height, width): the layouts that iclab reads.
    """

    def __init__(self, module=None, most=2000):
        """`most`: samples to keep; later ones are passed over."""
        self.most, self.samples = most, 0
        self.before, self.after = [], []
        self.handles = []
        if module is not None:
            # The input before the module runs, since one that works in place overwrites it.
            self.handles.append(module.register_forward_pre_hook(self.keep_input))
            self.handles.append(module.register_forward_hook(self.keep_output))

    def keep_input(self, module, inputs):
        self.incoming = as_array(inputs[0])

    def keep_output(self, module, inputs, output):
        if getattr(module, "training", True) is False:
            raise RuntimeError("the module is in eval mode: its gates are open, nothing is dropped")
        room = self.most - self.samples
        if room > 0:
            self.before.append(self.incoming[:room])
            self.after.append(as_array(output)[:room])
            self.samples += len(self.before[-1])

    def write(self, before, after):
        """Writes both sides and stops listening."""
        for handle in self.handles:
            handle.remove()
        if self.samples == 0:
            raise RuntimeError("nothing came through the module")
        np.save(before, np.concatenate(self.before))
        np.save(after, np.concatenate(self.after))


def main(folder):
    import torch
    from torch import nn

    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2, padding=2, bias=False),
        nn.ReLU(),
        nn.BatchNorm2d(8),
        nn.Dropout(0.2),
        nn.Conv2d(8, 16, 3, stride=2, padding=1, bias=False),
    )
    sides = SavedSides(model[3])
    model.train()
    with torch.no_grad():
        for _ in range(8):
            # Smooth random images: neighbouring pixels have something in common, and so have the channels.
            model(nn.functional.interpolate(torch.randn(64, 1, 7, 7), size=28, mode="bilinear", align_corners=False))
    sides.write(f"{folder}/before.npy", f"{folder}/after.npy")
    print(f"iclab measure --before {folder}/before.npy --after {folder}/after.npy --keep 0.8 --unit channel")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".")
