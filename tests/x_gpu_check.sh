#!/usr/bin/env bash
# gpu-check and iclab bench cuda on the emulated device, and where there is no device. That the checks find faults is
# tested by t_kernels_device_bench.
. tests/tap.sh

emulated=${ICLAB_DEVICE_PLUGIN:=$(dirname "$ICLAB")/libiclab-emulated.so}
export ICLAB_DEVICE_PLUGIN
program=build/gpu-check/gpu-check
export MAKEFLAGS=
# A plug-in with a sanitizer wants its runtime first.
runtimes=$(ldd "$emulated" | awk '/lib(a|ub)san/ { print $3 }' | paste -sd' ')
# shellcheck disable=SC2317 # called by exits
run() { env ${runtimes:+LD_PRELOAD="$runtimes"} "$@"; }
ok "gpu-check is built from the source alone" make gpu-check-program
is "no header of a package" \
    "$(find build/gpu-check -name '*.d' -exec cat {} + | grep -oE '/(gsl|jansson|zlib|jpeglib|md5|oneapi|cmocka|boost)[^ ]*' | sort -u)" ""
like "no library but those of the system" "$(ldd $program | awk '{ print $1 }' | sort | paste -sd' ')" \
    '^/lib[^ ]*/ld-linux[^ ]* libc.so.6 (libdl.so.2 |libpthread.so.0 )*libm.so.6 (libpthread.so.0 )?linux-vdso.so.1$'

exits "every kernel is checked" 0 run $program --emulated
like "it says who played the device" "$(cat "$TMP/out")" '^# the processor played the device: nothing is measured$'
is "no figure is printed" "$(awk -F'\t' 'NF == 9 && $5 ~ /^(B|op|samples|-)$/ && ($3 != "-" || $6 != "-" || $7 != "-")' "$TMP/out")" ""
is "nor of training" "$(awk -F'\t' 'NF == 10 && $1 != "net" && ($6 != "-" || $7 != "-" || $9 != "-")' "$TMP/out")" ""
is "nothing failed or is missing" "$(grep -E 'FAILED|MISSING|NO CHECK' "$TMP/out")" ""
like "checks were counted" "$(tail -n 1 "$TMP/out")" '^# [1-9][0-9]+ checks passed, 0 failed, 0 missing$'
exits "other inputs" 0 run $program --emulated --check --small --seed 20261123
like "the seed is printed" "$(head -n 1 "$TMP/out")" '^# inputs from seed 20261123$'

exits "an emulated device is none" 3 run $program
is "one line says so" "$(wc -l <"$TMP/err"), $(wc -c <"$TMP/out")" "1, 0"
exits "no plug-in" 3 env ICLAB_DEVICE_PLUGIN="$TMP/none.so" "$program"
is "one line, no figure" "$(wc -l <"$TMP/err"), $(wc -c <"$TMP/out")" "1, 0"
exits "an unknown option" 2 run $program --fast
exits "a seed that is none" 2 run $program --seed x

exits "iclab bench cuda wants a device" 3 env ICLAB_DEVICE_PLUGIN="$emulated" "$ICLAB" bench cuda
is "one line, nothing measured" "$(wc -l <"$TMP/err"), $(grep -vc '^#' "$TMP/out")" "1, 0"
exits "iclab bench cuda, for tests" 0 env ICLAB_BENCH_EMULATED=1 "$ICLAB" bench cuda
is "no figure there either" \
    "$(awk -F'\t' 'NF == 9 && $5 ~ /^(B|op|samples|-)$/ && ($3 != "-" || $6 != "-" || $7 != "-")' "$TMP/out")" ""

real=${CUDA_PLUGIN:-}
if [ ! -e "$real" ]; then
    skip "the real plug-in without a device" "no nvcc"
elif [ -e /dev/nvidia0 ]; then
    skip "the real plug-in without a device" "there is a device"
else
    exits "the real plug-in without a device" 3 env ICLAB_DEVICE_PLUGIN="$real" $program
    is "says so in one line" "$(wc -l <"$TMP/err"), $(wc -c <"$TMP/out")" "1, 0"
fi

# The script of the peers, on the processor: it prints no figure.
if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
    exits "PyTorch's steps and estimates" 0 /usr/bin/python3 tests/bench/peers/torch_device.py --cpu --modes eager \
        --nets thread07,resnet20,xresnet18
    is "three networks, two orders, three precisions" "$(grep -cE '^(thread|x?resnet).*	-	-$' "$TMP/out")" 18
    exits "no figures without a device" 1 /usr/bin/python3 tests/bench/peers/torch_device.py
else
    skip "PyTorch's steps and estimates" "no python3-torch"
fi
done_testing
