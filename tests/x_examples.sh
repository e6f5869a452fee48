#!/usr/bin/env bash
# The examples do what they say: hooks of a stand-in module with NumPy alone, and of a PyTorch model where PyTorch is.
# shellcheck disable=SC2317 # functions are called through exits and fails
. tests/cli.sh

python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import numpy' 2>/dev/null || continue
    python=$candidate
    ! "$candidate" -c 'import torch' 2>/dev/null || break
done
if [ -z "$python" ]; then
    skip "the examples" "no Python with NumPy"
    done_testing
fi

# A module as the hooks see one: gates of keep .8 on channels that have something in common, in place.
ok "hooks on a stand-in" "$python" - "$TMP" <<'P'
import sys
import numpy as np
sys.dont_write_bytecode = True
sys.path.insert(0, "examples")
from save_activations import SavedSides

class Dropout:
    training = True
    def __init__(self):
        self.hooks = {}
        self.random = np.random.default_rng(5)
    def register(self, kind, hook):
        self.hooks[kind] = hook
        return type("Handle", (), {"remove": lambda handle: self.hooks.pop(kind)})()
    def register_forward_pre_hook(self, hook):
        return self.register("before", hook)
    def register_forward_hook(self, hook):
        return self.register("after", hook)
    def __call__(self, x):
        if "before" in self.hooks:
            self.hooks["before"](self, (x,))
        x *= (self.random.random(x.shape) < .8) / .8  # in place: the input is gone
        if "after" in self.hooks:
            self.hooks["after"](self, (x,), x)
        return x

folder, module = sys.argv[1], Dropout()
sides = SavedSides(module, most=1000)
random = np.random.default_rng(6)
for _ in range(5):
    common = random.standard_normal((256, 1, 3, 3))
    module(common + random.standard_normal((256, 4, 3, 3)))
sides.write(f"{folder}/b.npy", f"{folder}/a.npy")
assert not module.hooks
before, after = np.load(f"{folder}/b.npy"), np.load(f"{folder}/a.npy")
assert before.shape == after.shape == (1000, 4, 3, 3) and before.dtype == np.float32
assert np.all((after == 0) | np.isclose(after, before / np.float32(.8), rtol=1e-6))
assert abs((after == 0).mean() - .2) < .02
module = Dropout()
module.training = False
sides = SavedSides(module)
for step in (lambda: module(np.ones((2, 3))), lambda: sides.write("x", "y")):
    try:
        step()
    except RuntimeError:
        continue
    raise AssertionError("no error")
P
exits "iclab measure reads them" 0 iclab measure --before "$TMP/b.npy" --after "$TMP/a.npy" --unit channel -e gaussian
is "six pairs of channels" "$(rows "$TMP/out" | wc -l | tr -d ' ')" 6
# correlation .5 before, keep times that after: 9000 samples of a pair, 4 standard deviations
is "correlations fall by keep" "$(rows "$TMP/out" | awk -F '\t' '!($8 > .45 && $8 < .55 && $9 / $8 > .72 && $9 / $8 < .88)')" ""

if "$python" -c 'import torch' 2>/dev/null; then
    mkdir "$TMP/torch"
    exits "the example as a program" 0 env PYTHONDONTWRITEBYTECODE=1 "$python" examples/save_activations.py "$TMP/torch"
    like "it prints a command" "$(cat "$TMP/out")" '^iclab measure --before '
    read -ra words <"$TMP/out"
    exits "which runs" 0 iclab "${words[@]:1}" -e gaussian
    is "28 pairs of channels" "$(rows "$TMP/out" | wc -l | tr -d ' ')" 28
else
    echo "# PyTorch is not there: the example's own network was not run"
fi
done_testing
