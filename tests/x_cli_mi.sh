#!/usr/bin/env bash
# iclab mi: columns of the table, values, threads, scale and offset, formats, error bars, odd columns.
. tests/cli.sh

data gauss 4000 1 >"$TMP/a.npy"
exits "a table" 0 iclab mi "$TMP/a.npy" --format tsv
cp "$TMP/out" "$TMP/a.tsv"
is "nothing on standard error" "$(cat "$TMP/err")" ""
is "names" "$(names "$TMP/a.tsv")" "i j estimator n mi se p"
is "pairs in order" "$(rows "$TMP/a.tsv" | awk '{ print $1 ":" $2 }' | tr '\n' ' ')" "0:1 0:2 0:3 1:2 1:3 2:3 "
is "samples" "$(rows "$TMP/a.tsv" | cut -f4 | sort -u)" 4000
is "se and p are nan" "$(rows "$TMP/a.tsv" | cut -f6,7 | sort -u)" "nan	nan"
is "the estimator used, not auto" "$(cell "$TMP/a.tsv" 1 3)" decomposition
for key in iclab command units seed estimator file; do
    like "header: $key" "$(grep '^#' "$TMP/a.tsv")" "^# $key: ."
done
near "correlation .75" "$(cell "$TMP/a.tsv" 1 5)" .413339 .03
near "independence" "$(cell "$TMP/a.tsv" 2 5)" 0 .015

# Estimators by name.
for estimator in decomposition ksg1 ksg2 mesner-shalizi plugin gaussian lnc kde; do
    exits "$estimator" 0 iclab mi "$TMP/a.npy" --estimator "$estimator" --pairs 0:1
    is "$estimator: its name" "$(cell "$TMP/out" 1 3)" "$estimator"
    near "$estimator: correlation .75" "$(cell "$TMP/out" 1 5)" .413 .06
done
iclab mi "$TMP/a.npy" -p 0:1 -e ksg1 -k 3 >"$TMP/k3"
iclab mi "$TMP/a.npy" -p 0:1 -e ksg1 -k 5 >"$TMP/k5"
iclab mi "$TMP/a.npy" -p 0:1 -e ksg1 >"$TMP/k0"
is "k counts" "$([ "$(cell "$TMP/k3" 1 5)" != "$(cell "$TMP/k5" 1 5)" ] && echo differs)" differs
is "k is 5 by default" "$(cell "$TMP/k0" 1 5)" "$(cell "$TMP/k5" 1 5)"
iclab mi "$TMP/a.npy" -p 0:1 -e plugin -b 4 >"$TMP/b4"
iclab mi "$TMP/a.npy" -p 0:1 -e plugin -b 8 >"$TMP/b8"
is "bins count" "$([ "$(cell "$TMP/b4" 1 5)" != "$(cell "$TMP/b8" 1 5)" ] && echo differs)" differs

# Pairs: as listed; a pair's row is the same whichever others are asked for.
iclab mi "$TMP/a.npy" --pairs 1:3,0:2 --error --permute 9 >"$TMP/some"
iclab mi "$TMP/a.npy" --error --permute 9 >"$TMP/every"
is "pairs as listed" "$(rows "$TMP/some" | awk '{ print $1 ":" $2 }' | tr '\n' ' ')" "1:3 0:2 "
is "a pair alone or among all" "$(cell "$TMP/some" 1 '0')" "$(cell "$TMP/every" 5 '0')"
is "error and p: numbers" "$(rows "$TMP/every" | awk '!($6 > 0 && $6 < .2 && $7 >= .1 && $7 <= 1)' | wc -l | tr -d ' ')" 0
is "p of dependence is the least possible" "$(cell "$TMP/every" 1 7)" 0.1
is "p is 1/(m+1) at least" "$(iclab mi "$TMP/a.npy" -p 0:1 --permute 99 >"$TMP/o" && cell "$TMP/o" 1 7)" 0.01

# The same bytes for any number of threads; another seed gives other error bars and the same estimates.
for threads in 1 2 5; do
    iclab mi "$TMP/a.npy" --error --permute 9 --threads "$threads" | sed '/^#/d' >"$TMP/threads$threads"
done
ok "threads 1 and 2: the same bytes" cmp "$TMP/threads1" "$TMP/threads2"
ok "threads 1 and 5: the same bytes" cmp "$TMP/threads1" "$TMP/threads5"
for seed in 1 2; do iclab mi "$TMP/a.npy" -e gaussian --error --seed "$seed" >"$TMP/seed$seed"; done
is "seed: the same estimate" "$(cell "$TMP/seed2" 1 5)" "$(cell "$TMP/seed1" 1 5)"
is "seed: another error bar where splits are drawn" "$([ "$(cell "$TMP/seed2" 1 6)" != "$(cell "$TMP/seed1" 1 6)" ] && echo differs)" differs

# Intervals, drift, blocks.
is "error: names" "$(names "$TMP/every")" "i j estimator n mi se p lo hi"
is "lo and hi lie 1.96 errors away" "$(rows "$TMP/every" | awk -F '\t' '{ d = ($9 - $8) / 2 / $6; m = ($8 + $9) / 2 - $5; if (!(d > 1.95 && d < 1.98 && m * m < 1e-24)) print }')" ""
ok "the truth lies within" test "$(awk -v lo="$(cell "$TMP/every" 1 8)" -v hi="$(cell "$TMP/every" 1 9)" 'BEGIN { print (lo < .413339 && .413339 < hi) }')" = 1
iclab mi "$TMP/a.npy" -p 0:1 --error --units bits >"$TMP/bits"
near "bits: lo" "$(cell "$TMP/bits" 1 8)" "$(awk -v x="$(cell "$TMP/every" 1 8)" 'BEGIN { printf "%.15g", x / log(2) }')" 1e-12
iclab mi "$TMP/a.npy" --error --drift --permute 9 --fdr bh >"$TMP/drift" 2>"$TMP/notes"
is "all columns" "$(names "$TMP/drift")" "i j estimator n mi se p q lo hi drift_n drift_k"
is "no Gaussian pair drifts far" "$(rows "$TMP/drift" | awk -F '\t' '$5 < 1 && !($11 > -3 && $11 < 3 && $12 > -3 && $12 < 3)')" ""
iclab mi "$TMP/a.npy" -p 0:1 --drift >"$TMP/alone"
is "drift alone: names" "$(names "$TMP/alone")" "i j estimator n mi se p drift_n drift_k"
is "drift alone: the same" "$(cell "$TMP/alone" 1 8)" "$(cell "$TMP/drift" 1 11)"
awk 'BEGIN { srand(3); print "a\tb"; for (i = 0; i < 2000; i++) { x = rand(); print x "\t" x + 1e-6 * rand() } }' OFMT=%.17g CONVFMT=%.17g >"$TMP/near.tsv"
exits "a pair nearer than its samples" 0 iclab mi "$TMP/near.tsv" --drift
ok "drifts with n and k" test "$(awk -v n="$(cell "$TMP/out" 1 8)" -v k="$(cell "$TMP/out" 1 9)" 'BEGIN { print (n < -10 && k < -10) }')" = 1
like "and a note says so" "$(cat "$TMP/err")" 'in 1 of 1 pairs the estimate drifts'
iclab mi "$TMP/a.npy" -p 0:1 --error --block 50 >"$TMP/block"
is "blocks: the same estimate" "$(cell "$TMP/block" 1 5)" "$(cell "$TMP/every" 1 5)"
ok "blocks: another error, near the first" test "$(awk -v a="$(cell "$TMP/block" 1 6)" -v b="$(cell "$TMP/every" 1 6)" 'BEGIN { print (a != b && a / b > .7 && a / b < 1.4) }')" = 1
exits "groups do not drift" 2 iclab mi "$TMP/a.npy" --groups 0:1+2 --drift
exits "too few blocks" 2 iclab mi "$TMP/a.npy" --error --block 501
like "too few blocks: why" "$(cat "$TMP/err")" 'fewer than 8 blocks of 501'

# Scale and offset.
data gauss 1000 1 >"$TMP/plain.npy"
data gauss 1000 1 1e-9 0 >"$TMP/small.npy"
data gauss 1000 1 1e7 0 >"$TMP/large.npy"
data gauss 1000 1 3 1e3 >"$TMP/moved.npy"
for estimator in auto ksg1 ksg2 mesner-shalizi plugin gaussian kde; do
    iclab mi "$TMP/plain.npy" -e "$estimator" >"$TMP/plain"
    for kind in small large moved; do
        iclab mi "$TMP/$kind.npy" -e "$estimator" >"$TMP/$kind"
        is "$estimator, $kind: the same values" \
            "$(paste <(rows "$TMP/plain") <(rows "$TMP/$kind") | awk -F '\t' '{ d = $5 - $12; if (d < 0) d = -d; if (!(d < 2e-3)) print $1, $2, $5, $12 }')" ""
    done
done
iclab mi "$TMP/plain.npy" >"$TMP/plain"
iclab mi "$TMP/large.npy" >"$TMP/large"
is "a power-free scale: the same to 1e-12" \
    "$(paste <(rows "$TMP/plain") <(rows "$TMP/large") | awk -F '\t' '{ d = $5 - $12; if (d < 0) d = -d; if (!(d < 1e-9)) print $1, $2, $5, $12 }')" ""

# Units, clipping.
iclab mi "$TMP/a.npy" --units bits >"$TMP/bits"
near "bits" "$(cell "$TMP/bits" 1 5)" "$(awk -v x="$(cell "$TMP/a.tsv" 1 5)" 'BEGIN { printf "%.15g", x / log(2) }')" 1e-12
like "bits in the header" "$(cat "$TMP/bits")" '^# units: bits$'
is "some raw value is negative" "$(rows "$TMP/a.tsv" | awk '$5 < 0' | grep -c .)" "$(iclab mi "$TMP/a.npy" --clip | sed '/^#/d' | awk -F '\t' '$5 == "0"' | grep -c .)"
is "clip: none is negative" "$(iclab mi "$TMP/a.npy" --clip | sed '/^#/d' | awk '$5 < 0' | grep -c .)" 0

# JSON and .npy.
iclab mi "$TMP/a.npy" --format json >"$TMP/a.json"
is "JSON" "$(data json <"$TMP/a.json")" "pairs 6 keys 7 nulls 12"
like "JSON: the header" "$(cat "$TMP/a.json")" '"units":"nats","seed":1,'
is "JSON: the value" "$(sed -n 's/.*"i":0,"j":1,.*"mi":\([^,]*\),.*/\1/p' "$TMP/a.json" | awk '{ printf "%.12g", $1 }')" \
    "$(cell "$TMP/a.tsv" 1 5 | awk '{ printf "%.12g", $1 }')"
cp "$TMP/a.npy" "$TMP/odd \"name
.npy"
iclab mi "$TMP/odd \"name
.npy" -p 0:1 --format json >"$TMP/odd.json"
is "JSON: a file name with quote and newline" "$(data json <"$TMP/odd.json")" "pairs 1 keys 7 nulls 2"
iclab mi "$TMP/odd \"name
.npy" -p 0:1 >"$TMP/odd.tsv"
is "table: a file name with a newline" "$(sed '/^#/d' "$TMP/odd.tsv" | wc -l | tr -d ' ')" 2
iclab mi "$TMP/a.npy" --format npy --out "$TMP/m.npy"
data values <"$TMP/m.npy" >"$TMP/m"
like "npy: the shape" "$(sed -n 1p "$TMP/m")" "'descr': '<f8'.*'shape': \(4, 4\)"
is "npy: nan on the diagonal" "$(sed -n '2p;7p;12p;17p' "$TMP/m" | tr -d - | sort -u)" nan
near "npy: the value" "$(sed -n 3p "$TMP/m")" "$(cell "$TMP/a.tsv" 1 5)" 1e-15
is "npy: symmetric" "$(sed -n '4p;5p;9p' "$TMP/m")" "$(sed -n '10p;14p;15p' "$TMP/m")"
iclab mi "$TMP/a.npy" --format npy -p 0:1 | data values >"$TMP/m1"
is "npy: a pair not asked for is nan" "$(sed -n 4p "$TMP/m1" | tr -d -)" nan

# Sources: standard input, text, integers, four dimensions.
iclab mi - <"$TMP/a.npy" >"$TMP/stdin.tsv"
is "standard input" "$(rows "$TMP/stdin.tsv")" "$(rows "$TMP/a.tsv")"
{
    printf 'x\ty\n'
    data values <"$TMP/plain.npy" | sed 1d | paste - - - - | cut -f1,2
} >"$TMP/text.tsv"
iclab mi "$TMP/text.tsv" >"$TMP/from-text"
is "text" "$(cell "$TMP/from-text" 1 5)" "$(cell "$TMP/plain" 1 5)"
data whole 500 1 >"$TMP/whole.npy"
exits "integers" 0 iclab mi "$TMP/whole.npy"
near "integers: independent" "$(cell "$TMP/out" 1 5)" 0 .03
data images 300 2 3 2 1 >"$TMP/images.npy"
iclab mi "$TMP/images.npy" -e gaussian >"$TMP/position"
is "positions: pairs" "$(rows "$TMP/position" | wc -l | tr -d ' ')" 66
is "positions: samples" "$(cell "$TMP/position" 1 4)" 300
iclab mi "$TMP/images.npy" -e gaussian --unit channel >"$TMP/channel"
is "channels: pairs" "$(rows "$TMP/channel" | wc -l | tr -d ' ')" 1
is "channels: samples" "$(cell "$TMP/channel" 1 4)" 1800

# Many columns: every pair once, in order.
awk 'BEGIN { for (i = 0; i < 30; i++) { for (j = 0; j < 80; j++) printf "%s%s", i ? (i * (j + 3)) % 31 : "c" j, j < 79 ? "\t" : "\n" } }' >"$TMP/wide.tsv"
iclab mi "$TMP/wide.tsv" -e plugin | sed '/^#/d' | sed 1d | cut -f1,2 >"$TMP/wide"
ok "80 columns: 3160 pairs in order" diff "$TMP/wide" <(awk 'BEGIN { OFS = "\t"; for (i = 0; i < 80; i++) for (j = i + 1; j < 80; j++) print i, j }')

# Odd columns.
data bad 4000 1 >"$TMP/bad.npy"
exits "a constant column and a NaN" 0 iclab mi "$TMP/bad.npy" --error --permute 3
cp "$TMP/out" "$TMP/bad.tsv"
is "one warning" "$(wc -l <"$TMP/err" | tr -d ' ')" 1
like "the warning names file and column" "$(cat "$TMP/err")" 'bad\.npy: column 3 holds NaN or inf'
name=$(printf 'odd\nname.npy')
cp "$TMP/bad.npy" "$TMP/$name"
exits "a line end in the name of a file" 0 iclab mi "$TMP/$name"
is "one warning still" "$(wc -l <"$TMP/err" | tr -d ' ')" 1
is "every pair has a row" "$(rows "$TMP/bad.tsv" | wc -l | tr -d ' ')" 6
is "NaN: nan" "$(rows "$TMP/bad.tsv" | awk '$2 == 3 { print $5 }' | sort -u)" nan
is "constant: 0" "$(rows "$TMP/bad.tsv" | awk '($1 == 2 || $2 == 2) && $2 != 3 { print $5 }' | sort -u)" 0
iclab mi "$TMP/a.npy" --error --permute 3 >"$TMP/good.tsv"
is "another pair does not change" "$(cell "$TMP/bad.tsv" 1 0)" "$(cell "$TMP/good.tsv" 1 0)"
exits "an odd column that is not asked for" 0 iclab mi "$TMP/bad.npy" --pairs 0:1
is "no warning then" "$(cat "$TMP/err")" ""
exits "JSON of nan" 0 iclab mi "$TMP/bad.npy" --format json
is "JSON of nan: null" "$(data json <"$TMP/out")" "pairs 6 keys 7 nulls 15"

# Files.
exits "to a file" 0 iclab mi "$TMP/a.npy" --out "$TMP/result.tsv"
is "to a file: nothing on standard output" "$(cat "$TMP/out")" ""
is "to a file: the same rows" "$(rows "$TMP/result.tsv")" "$(rows "$TMP/a.tsv")"
done_testing
