#!/bin/sh
# Everything that wants a GPU, in one call: tests/gpu_check/on_device.sh FOLDER
# Builds from this source with nvcc and its host compiler, without network and packages; checks and measures; runs the
# checks under compute-sanitizer where it is; times PyTorch where python3 has it. All that they print goes to FOLDER,
# raw: versions.txt, build.txt, gpu-check.tsv, sanitizer.txt, peers.tsv, summary.txt. Exit status 0: the checks passed,
# and what could be run ended well; 3: no device, and nothing measured.
#   SEEDS="1 2 3"   the checks with other inputs, too
#   PARTS="build check sanitize peers"   some of it
#   PEERS="--nets resnet20 --modes eager,reduce-overhead"   options of the peers' script: max-autotune compiles for minutes
#   JOBS=N          of make
set -u
out=${1:?usage: on_device.sh FOLDER}
cd "$(dirname "$0")/../.." || exit 2
mkdir -p "$out" || exit 2
parts=" ${PARTS:-build check sanitize peers} "
plugin=$PWD/build/gpu-check/libiclab-cuda.so
program=build/gpu-check/gpu-check
status=0

wanted() { case $parts in *" $1 "*) ;; *) return 1 ;; esac; }
# note NAME STATUS: a line of the summary; a failure is one of the whole.
note()
{
    echo "$1: exit status $2" | tee -a "$out/summary.txt"
    [ "$2" = 0 ] || status=1
}

: >"$out/summary.txt"
{
    date -u
    uname -srm
    ${NVCC:-nvcc} --version 2>/dev/null || /usr/local/cuda/bin/nvcc --version
    ${CC:-gcc} --version | head -n 1
    nvidia-smi 2>/dev/null || echo "no nvidia-smi"
} >"$out/versions.txt" 2>&1

if wanted build; then
    make -j "${JOBS:-$(getconf _NPROCESSORS_ONLN)}" gpu-check-build >"$out/build.txt" 2>&1
    result=$?
    note build $result
    [ $result = 0 ] || exit 1
fi
export ICLAB_DEVICE_PLUGIN="$plugin"

if wanted check; then
    $program >"$out/gpu-check.tsv" 2>"$out/gpu-check.err"
    result=$?
    note gpu-check $result
    if [ $result = 3 ]; then
        cat "$out/gpu-check.err"
        exit 3
    fi
    for seed in ${SEEDS:-2 3 4 5}; do
        $program --check --small --seed "$seed" >"$out/check-seed$seed.tsv" 2>&1
        note "checks with seed $seed" $?
    done
fi

if wanted sanitize; then
    tests/gpu_check/sanitize.sh $program >"$out/sanitizer.txt" 2>&1
    result=$?
    if [ $result = 3 ]; then
        echo "sanitizer: not there, left out" | tee -a "$out/summary.txt"
    else
        note sanitizer $result
    fi
fi

if wanted peers; then
    if python3 -c 'import torch; assert torch.cuda.is_available()' 2>"$out/peers.err"; then
        # shellcheck disable=SC2086 # options are words
        python3 tests/bench/peers/torch_device.py ${PEERS:-} >"$out/peers.tsv" 2>"$out/peers.err"
        note peers $?
    else
        echo "peers: python3 has no PyTorch that sees the device, left out" | tee -a "$out/summary.txt"
    fi
fi
exit $status
