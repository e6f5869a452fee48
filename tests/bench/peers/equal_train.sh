#!/bin/sh
# Is a network trained by iclab the network that PyTorch trains? Called by `make equal-train` with the program iclab and
# the folder for the runs; finished runs are not done again. equal_train.py says what is compared.
#   SEEDS=N        of each order (default 5)
#   EPOCHS=N       (default 5)
#   THREADS=N      (default 2)
#   ORDERS='...'   (default: all five)
#   ACTIVATION=W   relu (default) or general: GeneralReLU
#   WHEEL=1        the pinned wheel of PyTorch instead of the system's
set -eu
here=$(dirname "$0")
# shellcheck source=tests/bench/peers/torch_environment.sh
. "$here/torch_environment.sh"
python=/usr/bin/python3
if [ -n "${WHEEL:-}" ]; then
    torch_wheel
    python=$torch_python
fi
# shellcheck disable=SC2086 # one word an order
exec python3 "$here/equal_train.py" "$1" "$python" "$2" "${SEEDS:-5}" "${EPOCHS:-5}" "${THREADS:-2}" \
    ${ORDERS:-conv-bn-relu ic bn-after drop-only none}
