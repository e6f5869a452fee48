#!/usr/bin/env bash
# --device of iclab mi, corr and measure: the emulated device against the processor, what a device has nothing of, and
# what is said where there is none.
. tests/cli.sh

[ -n "${ICLAB_DEVICE_PLUGIN:-}" ] || ICLAB_DEVICE_PLUGIN=$PWD/$(make -s print-out)/libiclab-emulated.so
export ICLAB_DEVICE_PLUGIN

# Rectified dependent columns, a lattice, a constant and one with a NaN; and the same behind a dropout.
awk -v rows=300 -v keep="$TMP/after.csv" 'BEGIN {
    srand(20); print "a,b,c,d,e,f"; print "a,b,c,d,e,f" >keep
    for (i = 0; i < rows; i++) {
        u = rand() - .5; v = u + .4 * (rand() - .5)
        line[1] = u > 0 ? u : 0; line[2] = v > 0 ? v : 0; line[3] = rand(); line[4] = int(6 * rand()); line[5] = 2
        line[6] = i == 7 ? "nan" : rand()
        for (j = 1; j <= 6; j++) {
            printf "%s%s", line[j], j < 6 ? "," : "\n"
            printf "%s%s", rand() < .8 ? line[j] : 0, j < 6 ? "," : "\n" >keep
        }
    }
}' >"$TMP/before.csv"

# The largest difference of two tables in numbers; words and counts have to agree.
apart() # FILE FILE
{
    paste <(rows "$1") <(rows "$2") | awk -F '\t' '{
        n = NF / 2
        for (k = 1; k <= n; k++) {
            a = $k; b = $(k + n)
            if (a == b) continue
            if (a !~ /^-?[0-9]/ || b !~ /^-?[0-9]/) { print "words differ: " a " " b; exit }
            d = a - b; if (d < 0) d = -d
            if (d > most) most = d
        }
    } END { print most < 1e-12 ? "within 1e-12" : most }'
}

both() # NAME ARGUMENTS...
{
    local name=$1
    shift
    exits "$name on the processor" 0 iclab "$@" --out "$TMP/here"
    exits "$name on the device" 0 iclab "$@" --device cuda --out "$TMP/there"
    is "$name: rows" "$(rows "$TMP/there" | wc -l)" "$(rows "$TMP/here" | wc -l)"
    is "$name: the same numbers" "$(apart "$TMP/here" "$TMP/there")" "within 1e-12"
    like "$name: the header names the device" "$(grep '^# device' "$TMP/there")" "^# device: emulated, CUDA"
    is "$name: no such line on the processor" "$(grep -c '^# device' "$TMP/here")" 0
}
both "mi" mi "$TMP/before.csv"
both "mi of listed pairs" mi "$TMP/before.csv" --pairs 0:1,2:3,1:4,0:5 -k 4
both "ksg2" mi "$TMP/before.csv" --estimator ksg2 -k 3
both "permutations" mi "$TMP/before.csv" --pairs 0:1,0:2,4:5 --permute 25 --fdr bh
both "plug-in" mi "$TMP/before.csv" --estimator plugin --permute 40 --stop 6 --block 10
ok "plug-in: the same bytes" cmp <(rows "$TMP/here") <(rows "$TMP/there")
both "corr" corr "$TMP/before.csv" --test
both "measure" measure --before "$TMP/before.csv" --after "$TMP/after.csv" --keep .8 --estimator plugin

for order in backward 11; do
    ICLAB_EMULATED_ORDER=$order iclab mi "$TMP/before.csv" --device cuda >"$TMP/order" 2>/dev/null
    iclab mi "$TMP/before.csv" --device cuda >"$TMP/there" 2>/dev/null
    ok "order $order of threads and blocks: the same bytes" cmp <(rows "$TMP/order") <(rows "$TMP/there")
done

for what in --error --drift "--normalise informational" "--estimator gaussian" "--estimator plugin --null analytic" \
    "--estimator plugin --correction none"; do
    # shellcheck disable=SC2086 # several words
    iclab mi "$TMP/before.csv" $what >"$TMP/here" 2>/dev/null || continue
    # shellcheck disable=SC2086
    fails "$what on a device" 2 "--device cuda: a device has nothing of " iclab mi "$TMP/before.csv" $what --device cuda
    # shellcheck disable=SC2086
    exits "$what with auto" 0 iclab mi "$TMP/before.csv" $what --device auto
    like "$what with auto: says so" "$(cat "$TMP/err")" "device: the processor \(a device has nothing of"
    ok "$what with auto: the same bytes" cmp <(rows "$TMP/out") <(rows "$TMP/here")
done
fails "groups" 2 "--groups: not together with --device cuda" iclab mi "$TMP/before.csv" --groups 0:1 --device cuda
fails "kendall" 2 "--device cuda: --kind kendall is computed on the processor" \
    iclab corr "$TMP/before.csv" --kind kendall --device cuda
fails "listed pairs of corr" 2 "--device cuda: all pairs at once" iclab corr "$TMP/before.csv" --pairs 0:1 --device cuda
exits "auto" 0 iclab corr "$TMP/before.csv" --device auto
like "auto names the device" "$(cat "$TMP/err")" "^iclab: device: emulated"

# Without a device.
for fault in no-driver old-driver no-device old-device; do
    export ICLAB_EMULATED_FAULT=$fault
    fails "$fault" 3 "CUDA: " iclab mi "$TMP/before.csv" --device cuda
    exits "$fault, auto" 0 iclab mi "$TMP/before.csv" --device auto
    like "$fault, auto: says why" "$(head -1 "$TMP/err")" "^iclab: device: the processor \(CUDA: "
    like "$fault, auto: the header" "$(grep '^# device' "$TMP/out")" "^# device: cpu$"
done
export ICLAB_EMULATED_FAULT=lost:3
fails "a lost device" 3 "emulated: the device is lost" iclab mi "$TMP/before.csv" --pairs 0:1,0:2 --device cuda
export ICLAB_EMULATED_FAULT=memory:24000
fails "no memory" 3 ".*emulated: .* MiB" iclab mi "$TMP/before.csv" --pairs 0:1,0:2 --device cuda
unset ICLAB_EMULATED_FAULT
ICLAB_DEVICE_PLUGIN=$TMP/none fails "no plug-in" 3 "CUDA: the plug-in cannot be loaded: $TMP/none" \
    iclab corr "$TMP/before.csv" --device cuda
ICLAB_DEVICE_PLUGIN=$TMP/none fails "nothing half-written" 3 "CUDA" \
    iclab corr "$TMP/before.csv" --device cuda --out "$TMP/unwritten"
ok "no file" test ! -e "$TMP/unwritten"
done_testing
