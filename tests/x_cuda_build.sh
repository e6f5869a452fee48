#!/usr/bin/env bash
# The CUDA plug-in as `make cuda` builds it: what it needs, exports and holds, and what it says without a driver.
# shellcheck disable=SC2317 # what follows an exit
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
# What the compiler is told to put into it, one image a line.
echo '__global__ void nothing() {}' >"$TMP/nothing.cu"
# shellcheck disable=SC2086 # several words
"${NVCC:-nvcc}" $CUDA_TARGETS --dryrun -c -o "$TMP/nothing.o" "$TMP/nothing.cu" >"$TMP/images" 2>&1
like "code for compute capability 9.0" "$(grep -o 'kind=elf,[^" ]*' "$TMP/images")" 'sm=90,'
like "PTX for later ones" "$(grep -o 'kind=ptx,[^" ]*' "$TMP/images")" 'sm=90,'
is "the plug-in holds images" "$(objdump -h "$CUDA_PLUGIN" | awk '$2 == ".nv_fatbin" && $3 !~ /^0*$/ { print "yes" }')" yes
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
