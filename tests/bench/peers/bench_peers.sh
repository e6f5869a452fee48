#!/bin/sh
# The peers and the comparison with them: called by `make bench-peers` with the program that answers for iclab.
# R and its packages come from the system's packages, those of Python into a virtual environment below build/.
#   ROUNDS=N     interleaved rounds (default 5)
set -eu
here=$(dirname "$0")
root=$here/../../..
environment=$root/build/peers

"$root/tools/install.sh" peers
if [ ! -x "$environment/bin/python" ] || ! "$environment/bin/python" -c 'import scipy, sklearn' 2>/dev/null; then
    python3 -m venv "$environment" >&2
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check scikit-learn scipy >&2
fi
exec "$environment/bin/python" "$here/driver.py" "$1" "$environment/bin/python" "${ROUNDS:-5}"
