#!/usr/bin/env bash
# cuDNN takes the descriptors of our convolutions: the part of kernels/cuda/nvidia that needs no device. TAP.
set -eu

cd "$(dirname "$0")/.."
skip()
{
    printf '1..1\nok 1 - descriptors # SKIP %s\n' "$1"
    exit 0
}
nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
[ -x "$nvcc" ] || skip 'no nvcc'
[ -e "$(dirname "$nvcc")/../include/cudnn.h" ] || [ -e /usr/include/cudnn.h ] || skip 'no cudnn.h'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# core/status.c: what the failures of the plug-in are written with.
${CC:-cc} -std=c17 -D_GNU_SOURCE -I. -c -o "$work/status.o" core/status.c
if ! "$nvcc" -std=c++17 -arch=sm_90 -I. -o "$work/descriptors" tests/cuda/descriptors.cu \
    kernels/cuda/nvidia/libraries.cu "$work/status.o" -lcublas -ldl >"$work/log" 2>&1; then
    printf '1..1\nnot ok 1 - descriptors: no build\n'
    sed 's/^/# /' "$work/log"
    exit 1
fi
"$work/descriptors"
