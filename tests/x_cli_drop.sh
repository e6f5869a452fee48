#!/usr/bin/env bash
# iclab drop: shapes, gates, rescaling, types, seeds, threads; measure on what it made is close to the law.
. tests/cli.sh

data gauss 20000 1 >"$TMP/a.npy"
data images 4000 2 3 2 1 >"$TMP/images.npy"
values() { data values <"$1" | sed 1d; }
share() { values "$1" | awk '$1 != 0 { n++ } END { printf "%.6g", n / NR }'; }

exits "independent gates" 0 iclab drop "$TMP/images.npy" --keep .3 --seed 5 --out "$TMP/d.npy"
is "nothing on standard output" "$(cat "$TMP/out")" ""
is "type and shape stay" "$(data values <"$TMP/d.npy" | sed -n 1p | tr -d ' ')" "$(data values <"$TMP/images.npy" | sed -n 1p | tr -d ' ')"
near "the share that stays" "$(share "$TMP/d.npy")" .3 .01
is "what stays is unchanged" "$(paste <(values "$TMP/images.npy") <(values "$TMP/d.npy") | awk '$2 != 0 && $1 != $2' | wc -l | tr -d ' ')" 0
is "no negative zero" "$(values "$TMP/d.npy" | grep -c '^-0$')" 0
iclab drop "$TMP/images.npy" --keep .5 --rescale --out "$TMP/r.npy"
is "rescaled: twice" "$(paste <(values "$TMP/images.npy") <(values "$TMP/r.npy") | awk '$2 != 0 && 2 * $1 != $2' | wc -l | tr -d ' ')" 0
iclab drop "$TMP/images.npy" --keep 1 --out "$TMP/one.npy"
ok "keep 1 changes nothing" diff <(values "$TMP/images.npy") <(values "$TMP/one.npy")
data whole 200 1 | iclab drop - --keep .5 | data values >"$TMP/whole"
like "integers become float64; standard input and output" "$(sed -n 1p "$TMP/whole")" "'<f8'"

# Who shares a gate: of 12 values (2 channels, 3 x 2 positions) of a sample each channel is open or closed as a whole.
iclab drop "$TMP/images.npy" --keep .3 --gate shared --out "$TMP/s.npy"
is "shared: whole channels" "$(values "$TMP/s.npy" | awk '{ n += $1 != 0 } NR % 6 == 0 { print n; n = 0 }' | sort -un | tr '\n' ' ')" "0 6 "
near "shared: the share that stays" "$(share "$TMP/s.npy")" .3 .03
near "shared: two channels are independent" \
    "$(values "$TMP/s.npy" | awk 'NR % 6 == 1 { g[c++ % 2] = $1 != 0; if (c % 2 == 0) n += g[0] && g[1] } END { print n / (NR / 12) }')" .09 .02
iclab drop "$TMP/a.npy" --keep .3 --gate shared --out "$TMP/s2.npy"
is "shared, two dimensions: whole rows" \
    "$(values "$TMP/s2.npy" | awk '{ n += $1 != 0 } NR % 4 == 3 { print n; n = 0 } NR % 4 == 0 { n = 0 }' | sort -un | tr '\n' ' ')" "0 3 "

# NHWC order: value (n,c,h,w) of the file has the gate of number (n H W + h W + w) C + c; a file whose order that is
# already, (N, H*W*C), has the same gates in its own order.
values "$TMP/d.npy" | awk '{ print ($1 != 0) }' >"$TMP/gates4"
data gauss 12000 1 | iclab drop - --keep .3 --seed 5 | data values | sed 1d | awk '{ print ($1 != 0) }' >"$TMP/gates2"
is "gates are numbered by position, then channel" \
    "$(awk 'NR == FNR { g[NR - 1] = $1; next }
            { e = FNR - 1; n = int(e / 12); c = int(e / 6) % 2; s = e % 6; k = n * 12 + s * 2 + c
              if (k % 4 != 3 && g[k] != $1) bad++; seen++ } END { print bad + 0, seen }' "$TMP/gates2" "$TMP/gates4")" "0 48000"

iclab drop "$TMP/a.npy" --keep .8 --gate gaussian --out "$TMP/n.npy"
near "gaussian: variance of the factor" \
    "$(paste <(values "$TMP/a.npy") <(values "$TMP/n.npy") | awk '$1 != 0 { e = $2 / $1 - 1; s += e * e; n++ } END { print s / n }')" .25 .01
near "gaussian: mean of the factor" \
    "$(paste <(values "$TMP/a.npy") <(values "$TMP/n.npy") | awk '$1 != 0 { s += $2 / $1; n++ } END { print s / n }')" 1 .01

# Counters.
iclab drop "$TMP/a.npy" --keep .5 --threads 1 --out "$TMP/t1.npy"
iclab drop "$TMP/a.npy" --keep .5 --threads 3 --out "$TMP/t3.npy"
ok "threads: the same bytes" cmp "$TMP/t1.npy" "$TMP/t3.npy"
for option in "--seed 2" "--layer 1" "--step 1"; do
    # shellcheck disable=SC2086 # option and value
    iclab drop "$TMP/a.npy" --keep .5 $option --out "$TMP/other.npy"
    not_ok "$option: other gates" cmp "$TMP/t1.npy" "$TMP/other.npy"
done
done_testing
