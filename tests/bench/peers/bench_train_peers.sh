#!/bin/sh
# Training steps of iclab beside PyTorch: called by `make bench-train-peers` with the program that answers for iclab.
# The peers are the system's PyTorch and a pinned wheel in a virtual environment below build/ (several GB where the
# index offers it with CUDA libraries only; PIP_INDEX_URL may name an index of CPU wheels).
#   ROUNDS=N     interleaved rounds (default 7)
#   THREADS=N    of every program (default 2)
#   NO_WHEEL=1   the system's PyTorch alone
set -eu
here=$(dirname "$0")
# shellcheck source=tests/bench/peers/torch_environment.sh
. "$here/torch_environment.sh"
pythons=/usr/bin/python3
if [ -z "${NO_WHEEL:-}" ]; then
    torch_wheel
    pythons="$pythons $torch_python"
fi
# shellcheck disable=SC2086 # one word a program
exec python3 "$here/train_driver.py" "$1" "${THREADS:-2}" "${ROUNDS:-7}" $pythons
