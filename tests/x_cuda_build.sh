#!/usr/bin/env bash
# The CUDA plug-in as `make cuda` builds it: what it needs, exports and holds, and what it says without a driver.
. tests/tap.sh
unset ICLAB_EMULATED_FAULT
if [ -z "${CUDA_PLUGIN:-}" ] || ! echo '#include <cudnn.h>' | "${NVCC:-nvcc}" -E -x cu - >/dev/null 2>&1; then
    skip "the CUDA plug-in" "no nvcc with cuDNN, or a build with sanitizers"
    done_testing
fi
ok "it was built" test -s "$CUDA_PLUGIN"
is "it exports itself alone" "$(nm -D --defined-only "$CUDA_PLUGIN" | awk '{ print $3 }')" icl_device_plugin
is "it needs the C and C++ libraries and CUDA's" "$(objdump -p "$CUDA_PLUGIN" | awk '$1 == "NEEDED" { print $2 }' |
    grep -Ev '^(lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|cublas|cublasLt|cudnn)|ld-linux-x86-64)\.so')" ""
dump=$(dirname "$(command -v "${NVCC:-nvcc}")")/cuobjdump
if [ -x "$dump" ]; then
    like "code for compute capability 9.0" "$("$dump" --list-elf "$CUDA_PLUGIN")" 'sm_90\.'
    like "PTX for later ones" "$("$dump" --list-ptx "$CUDA_PLUGIN")" 'sm_90\.|compute_90'
else
    skip "what code it holds" "no cuobjdump"
fi
# Where there is no driver at all it says so in one line, and the program ends with 3.
if ldconfig -p 2>/dev/null | grep -q 'libcuda\.so\.1'; then
    skip "no driver" "there is one"
else
    awk 'BEGIN { print "x\ty"; for (i = 1; i <= 50; i++) print sin(i * i) "\t" cos(7 * i * i) }' >"$TMP/pair.tsv"
    exits "no driver: exit 3" 3 env ICLAB_DEVICE_PLUGIN="$CUDA_PLUGIN" "$ICLAB" corr --device cuda "$TMP/pair.tsv"
    like "no driver: says so" "$(cat "$TMP/err")" 'no driver; one for CUDA [0-9]+\.0 or later is needed'
    is "no driver: one line" "$(wc -l <"$TMP/err")" 1
fi
done_testing
