# shellcheck shell=sh
# Sourced: the system's PyTorch is there; torch_wheel installs the pinned one and sets torch_python.
root=$(dirname "$0")/../../..
torch_version=2.15.0
torch_environment=$root/build/peers-torch-$torch_version
torch_python=$torch_environment/bin/python

"$root/tools/install.sh" torch

torch_wheel() {
    if [ ! -x "$torch_python" ] || ! "$torch_python" -c 'import torch, numpy' 2>/dev/null; then
        python3 -m venv "$torch_environment" >&2
        "$torch_python" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
            "torch==$torch_version" numpy >&2
    fi
}
