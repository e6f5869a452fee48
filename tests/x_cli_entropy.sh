#!/usr/bin/env bash
# iclab entropy, and the options of iclab mi that rest on entropies of counts: --correction, --normalise.
. tests/cli.sh

data gauss 4000 1 >"$TMP/a.npy"
exits "a table" 0 iclab entropy "$TMP/a.npy" --format tsv
cp "$TMP/out" "$TMP/a.tsv"
is "nothing on standard error" "$(cat "$TMP/err")" ""
is "names" "$(names "$TMP/a.tsv")" "column n atoms discrete continuous mixed se"
is "a row a column" "$(rows "$TMP/a.tsv" | cut -f1 | tr '\n' ' ')" "0 1 2 3 "
is "samples" "$(rows "$TMP/a.tsv" | cut -f2 | sort -u)" 4000
is "atoms" "$(rows "$TMP/a.tsv" | cut -f3 | tr '\n' ' ')" "0 0 0 1 "
is "se is nan" "$(rows "$TMP/a.tsv" | cut -f7 | sort -u)" nan
for key in iclab command units seed correction file; do
    like "header: $key" "$(grep '^#' "$TMP/a.tsv")" "^# $key: ."
done
near "a normal: (1 + ln 2 pi) / 2" "$(cell "$TMP/a.tsv" 1 6)" 1.418939 .06
near "no atoms: discrete is 0" "$(cell "$TMP/a.tsv" 1 4)" 0 0
near "max(x,0): ln 2 for the atom" "$(cell "$TMP/a.tsv" 4 4)" .693147 .002
near "max(x,0): half a normal" "$(cell "$TMP/a.tsv" 4 5)" .725792 .06
near "mixed" "$(cell "$TMP/a.tsv" 4 6)" 1.056043 .04

# By hand: 6, 3, 2, 1 of 12; all different; the same; 3 of 12 beside an atom.
printf 'd,u,c,few\n' >"$TMP/hand.csv"
paste -d , <(printf '%s\n' 4 4 4 4 4 4 7 7 7 1 1 9) <(printf '%s\n' 1 2 4 8 16 32 64 128 256 512 1024 2048) \
    <(printf '%s\n' 5 5 5 5 5 5 5 5 5 5 5 5) <(printf '%s\n' 0 0 0 0 0 0 0 0 0 1 3 7) >>"$TMP/hand.csv"
for pair in none:1.1988493129 miller-madow:1.3238493129 chao-shen:1.3631305715 grassberger:1.3886028286 \
    james-stein:1.3579113721; do
    correction=${pair%:*}
    exits "$correction" 0 iclab entropy "$TMP/hand.csv" --correction "$correction"
    near "$correction by hand" "$(cell "$TMP/out" 1 4)" "${pair#*:}" 1e-9
    is "$correction: no continuous part" "$(cell "$TMP/out" 1 5)" nan
    is "$correction: mixed is discrete" "$(cell "$TMP/out" 1 6)" "$(cell "$TMP/out" 1 4)"
done
exits "nsb" 0 iclab entropy "$TMP/hand.csv" --correction nsb
near "nsb" "$(cell "$TMP/out" 1 4)" 1.22 .06
is "a constant column" "$(cell "$TMP/out" 3 0 | cut -f2-)" "12	1	0	nan	0	nan"
is "too few beside the atom: nan" "$(cell "$TMP/out" 4 0 | cut -f5-)" "nan	nan	nan"
is "but the atom counts" "$(iclab entropy "$TMP/hand.csv" --correction none >"$TMP/o" && cell "$TMP/o" 4 4 | cut -c1-9)" 0.5623351
iclab entropy "$TMP/hand.csv" --k 2 >"$TMP/k2"
is "k counts" "$([ "$(cell "$TMP/k2" 2 5)" != "$(iclab entropy "$TMP/hand.csv" --k 3 >"$TMP/o" && cell "$TMP/o" 2 5)" ] && echo differs)" differs
is "k = 2 is enough for three" "$(cell "$TMP/k2" 4 5 | grep -c nan)" 0

# Errors, seeds, threads.
iclab entropy "$TMP/a.npy" --error >"$TMP/error"
is "se is a number" "$(rows "$TMP/error" | awk '!($7 > .005 && $7 < .05)' | wc -l | tr -d ' ')" 0
iclab entropy "$TMP/a.npy" --error --seed 2 >"$TMP/seed2"
is "seed: the same estimate" "$(cell "$TMP/seed2" 1 6)" "$(cell "$TMP/error" 1 6)"
is "seed: another error bar" "$([ "$(cell "$TMP/seed2" 1 7)" != "$(cell "$TMP/error" 1 7)" ] && echo differs)" differs
for threads in 1 2 5; do
    iclab entropy "$TMP/a.npy" --error --threads "$threads" | sed '/^#/d' >"$TMP/threads$threads"
done
ok "threads 1 and 2: the same bytes" cmp "$TMP/threads1" "$TMP/threads2"
ok "threads 1 and 5: the same bytes" cmp "$TMP/threads1" "$TMP/threads5"

# Units, formats, shapes.
iclab entropy "$TMP/a.npy" --error --units bits >"$TMP/bits"
for c in 4 5 6 7; do
    near "bits, column $c" "$(cell "$TMP/bits" 4 "$c")" \
        "$(awk -v x="$(cell "$TMP/error" 4 "$c")" 'BEGIN { printf "%.15g", x / log(2) }')" 1e-12
done
exits "JSON" 0 iclab entropy "$TMP/a.npy" --format json
like "JSON: the list" "$(cat "$TMP/out")" '"columns":\['
is "JSON: a row a column" "$(grep -c '"column":' "$TMP/out")" 4
fails "no matrix" 2 "--format: 'npy' is none of" iclab entropy "$TMP/a.npy" --format npy
printf 'x\n1\n2\n2\n' >"$TMP/one.csv"
exits "one column is enough" 0 iclab entropy "$TMP/one.csv" --correction none
near "one column" "$(cell "$TMP/out" 1 4)" .6365141683 1e-9
printf 'x\n1\n' >"$TMP/row.csv"
fails "one row" 2 '.*one row: at least 2 samples' iclab entropy "$TMP/row.csv"
fails "no file" 2 'FILE is missing' iclab entropy
data images 50 2 3 2 1 >"$TMP/images.npy"
is "positions" "$(iclab entropy "$TMP/images.npy" | sed '/^#/d' | sed 1d | wc -l | tr -d ' ')" 12
is "channels" "$(iclab entropy "$TMP/images.npy" --unit channel | sed '/^#/d' | sed 1d | wc -l | tr -d ' ')" 2
data bad 4000 1 >"$TMP/bad.npy"
exits "a constant column and a NaN" 0 iclab entropy "$TMP/bad.npy"
cp "$TMP/out" "$TMP/bad.tsv"
is "one warning" "$(wc -l <"$TMP/err" | tr -d ' ')" 1
like "the warning" "$(cat "$TMP/err")" 'column 3 holds NaN or inf'
is "nan" "$(cell "$TMP/bad.tsv" 4 0 | cut -f4-)" "nan	nan	nan	nan"
is "another column does not change" "$(cell "$TMP/bad.tsv" 1 0)" "$(cell "$TMP/a.tsv" 1 0)"

# iclab mi: corrections.
awk 'BEGIN { s = 1; print "x,y,z"; for (i = 0; i < 60; i++) { s = (s * 1103515245 + 12345) % 2147483648; a = int(s / 65536) % 4
    s = (s * 1103515245 + 12345) % 2147483648; b = int(s / 65536) % 4; print a "," b "," (b > 1 ? a : b) } }' >"$TMP/few.csv"
iclab mi "$TMP/few.csv" -e plugin >"$TMP/default"
iclab mi "$TMP/few.csv" -e plugin --correction miller-madow >"$TMP/miller-madow"
is "Miller-Madow is the default" "$(rows "$TMP/default")" "$(rows "$TMP/miller-madow")"
like "the header names it" "$(cat "$TMP/default")" '^# correction: Miller-Madow'
for correction in none chao-shen grassberger james-stein nsb; do
    exits "$correction" 0 iclab mi "$TMP/few.csv" -e plugin --correction "$correction"
    cp "$TMP/out" "$TMP/$correction"
    is "$correction: other values" "$([ "$(rows "$TMP/$correction")" != "$(rows "$TMP/default")" ] && echo differs)" differs
    iclab mi "$TMP/few.csv" -e decomposition --correction "$correction" >"$TMP/decomposed"
    near "$correction: the same in the decomposition" "$(cell "$TMP/decomposed" 1 5)" "$(cell "$TMP/$correction" 1 5)" 1e-12
done
near "none - miller-madow: 9 / (2 n)" \
    "$(awk -v a="$(cell "$TMP/none" 1 5)" -v b="$(cell "$TMP/default" 1 5)" 'BEGIN { printf "%.15g", a - b }')" .075 1e-12
is "ksg1 has no counts" "$(iclab mi "$TMP/a.npy" -e ksg1 --correction nsb | sed '/^#/d')" "$(iclab mi "$TMP/a.npy" -e ksg1 | sed '/^#/d')"
fails "unknown correction" 2 "--correction: 'best' is none of" iclab mi "$TMP/few.csv" --correction best

# iclab mi: normalised.
iclab mi "$TMP/a.npy" --normalise none >"$TMP/plain"
is "none: the table as it is" "$(sed '/^#/d' "$TMP/plain")" "$(iclab mi "$TMP/a.npy" | sed '/^#/d')"
exits "correlation" 0 iclab mi "$TMP/a.npy" --normalise correlation
is "one more column, at the end" "$(names "$TMP/out")" "i j estimator n mi se p normalised"
near "correlation of .75" "$(cell "$TMP/out" 1 8)" .75 .03
is "the columns before it" "$(rows "$TMP/out" | cut -f1-7)" "$(rows "$TMP/plain")"
iclab mi "$TMP/a.npy" --normalise correlation --units bits >"$TMP/bits"
is "units do not matter" "$(rows "$TMP/bits" | cut -f8)" "$(rows "$TMP/out" | cut -f8)"
iclab entropy "$TMP/few.csv" --correction none >"$TMP/h"
for mean in min geometric arithmetic max; do
    exits "entropy-$mean" 0 iclab mi "$TMP/few.csv" -e plugin --correction none --normalise "entropy-$mean"
    near "entropy-$mean" "$(cell "$TMP/out" 2 8)" \
        "$(awk -v i="$(cell "$TMP/none" 2 5)" -v a="$(cell "$TMP/h" 1 4)" -v b="$(cell "$TMP/h" 3 4)" -v m="$mean" 'BEGIN {
            h = m == "min" ? (a < b ? a : b) : m == "max" ? (a > b ? a : b) : m == "geometric" ? sqrt(a * b) : (a + b) / 2
            printf "%.15g", i / h }')" 1e-12
done
exits "densities" 0 iclab mi "$TMP/a.npy" --normalise entropy-min
is "densities have no entropy to divide by" "$(rows "$TMP/out" | cut -f8 | sort -u)" nan
exits "JSON" 0 iclab mi "$TMP/few.csv" --normalise entropy-max --format json
is "JSON: one more key" "$("$TMP/data" json <"$TMP/out" | cut -d' ' -f3,4)" "keys 8"
done_testing
