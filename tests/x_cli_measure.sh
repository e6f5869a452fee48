#!/usr/bin/env bash
# iclab measure: columns of the table, the law for each gate, an estimated keep, and drop + measure close to the law.
. tests/cli.sh

data gauss 20000 1 >"$TMP/a.npy"
iclab drop "$TMP/a.npy" --keep .5 --out "$TMP/d.npy"
exits "a table" 0 iclab measure --before "$TMP/a.npy" --after "$TMP/d.npy" --keep .5 --format tsv
cp "$TMP/out" "$TMP/t"
is "nothing on standard error" "$(cat "$TMP/err")" ""
is "names" "$(names "$TMP/t")" "i j n mi_before mi_after mi_ratio mi_law corr_before corr_after corr_ratio corr_law law_kind"
is "pairs in order" "$(rows "$TMP/t" | awk '{ print $1 ":" $2 }' | tr '\n' ' ')" "0:1 0:2 0:3 1:2 1:3 2:3 "
like "header: keep" "$(cat "$TMP/t")" '^# keep: 0\.5$'
near "MI before" "$(cell "$TMP/t" 1 4)" .413339 .02
near "MI after is close to the law" "$(cell "$TMP/t" 1 5)" "$(cell "$TMP/t" 1 7)" .015
near "the law is q^2 I" "$(cell "$TMP/t" 1 7)" "$(awk -v x="$(cell "$TMP/t" 1 4)" 'BEGIN { printf "%.17g", x / 4 }')" 1e-15
near "the ratio is after / before" "$(cell "$TMP/t" 1 6)" "$(cell "$TMP/t" 1 5 | awk -v b="$(cell "$TMP/t" 1 4)" '{ printf "%.17g", $1 / b }')" 1e-14
near "correlation after is close to the law" "$(cell "$TMP/t" 1 9)" "$(cell "$TMP/t" 1 11)" .02
near "the law is q rho, nearly centred" "$(cell "$TMP/t" 1 11)" "$(awk -v x="$(cell "$TMP/t" 1 8)" 'BEGIN { printf "%.17g", x / 2 }')" 1e-3
is "kind: equal without an atom at 0, bound with" "$(rows "$TMP/t" | cut -f12 | tr '\n' ' ')" "equal equal bound equal bound bound "
is "a bound is not exceeded" "$(rows "$TMP/t" | awk '$1 == 0 && $2 == 3 { print ($5 < $7) }')" 1

# Values from `mi` and `corr`.
iclab mi "$TMP/d.npy" >"$TMP/mi"
is "MI after is that of iclab mi" "$(rows "$TMP/t" | cut -f5)" "$(rows "$TMP/mi" | cut -f5)"
iclab corr "$TMP/d.npy" >"$TMP/corr"
near "the correlation is that of iclab corr" "$(cell "$TMP/t" 5 9)" "$(cell "$TMP/corr" 5 4)" 1e-12

# Means: the full formula of the correlation; columns of mean 2.
data gauss 20000 2 1 2 >"$TMP/shifted.npy"
iclab drop "$TMP/shifted.npy" --keep .5 --out "$TMP/shifted-d.npy"
iclab measure --before "$TMP/shifted.npy" --after "$TMP/shifted-d.npy" --keep .5 -p 0:1 >"$TMP/t"
near "means: about q rho / (1 + 4/2)" "$(cell "$TMP/t" 1 11)" .125 .01
near "means: after is close to it" "$(cell "$TMP/t" 1 9)" "$(cell "$TMP/t" 1 11)" .02

# A shared gate: H_b(q) + q I, and for means (rho + (1-q) m m) / (1 + (1-q) m m).
iclab drop "$TMP/shifted.npy" --keep .5 --gate shared --out "$TMP/s.npy"
iclab measure --before "$TMP/shifted.npy" --after "$TMP/s.npy" --gate shared --keep .5 -p 0:1 >"$TMP/t"
near "shared: H_b(q) + q I" "$(cell "$TMP/t" 1 7)" "$(awk -v x="$(cell "$TMP/t" 1 4)" 'BEGIN { printf "%.17g", log(2) + x / 2 }')" 1e-14
near "shared: MI after is close to it" "$(cell "$TMP/t" 1 5)" "$(cell "$TMP/t" 1 7)" .02
near "shared: correlation about 2.75 / 3" "$(cell "$TMP/t" 1 11)" .9167 .005
near "shared: after is close to it" "$(cell "$TMP/t" 1 9)" "$(cell "$TMP/t" 1 11)" .01
iclab measure --before "$TMP/shifted.npy" --after "$TMP/s.npy" --gate shared --keep .5 -p 0:1 --units bits >"$TMP/bits"
near "bits: the law as well" "$(cell "$TMP/bits" 1 7)" "$(awk -v x="$(cell "$TMP/t" 1 7)" 'BEGIN { printf "%.17g", x / log(2) }')" 1e-12

# Images: pairs within a channel share the gate, others do not. Columns 0-5 are channel 0.
data images 8000 2 3 2 1 >"$TMP/images.npy"
iclab drop "$TMP/images.npy" --keep .5 --gate shared --out "$TMP/images-s.npy"
iclab measure --before "$TMP/images.npy" --after "$TMP/images-s.npy" --gate shared --keep .5 -p 0:1,0:6 >"$TMP/t"
for row in 1 2; do
    near "images, pair $row: correlation close to the law" "$(cell "$TMP/t" $row 9)" "$(cell "$TMP/t" $row 11)" .03
    near "images, pair $row: MI close to the law" "$(cell "$TMP/t" $row 5)" "$(cell "$TMP/t" $row 7)" .03
done
is "images: two laws" "$(awk -v a="$(cell "$TMP/t" 1 7)" -v b="$(cell "$TMP/t" 2 7)" 'BEGIN { print (a > b + .5) }')" 1

# Gaussian noise: the same correlation as gates, MI a bound.
iclab drop "$TMP/a.npy" --keep .5 --gate gaussian --out "$TMP/n.npy"
iclab measure --before "$TMP/a.npy" --after "$TMP/n.npy" --gate gaussian --keep .5 -p 0:1 >"$TMP/t"
near "gaussian: correlation after is close to the law" "$(cell "$TMP/t" 1 9)" "$(cell "$TMP/t" 1 11)" .03
is "gaussian: the bound is I" "$(cell "$TMP/t" 1 7)" "$(cell "$TMP/t" 1 4)"
is "gaussian: kind" "$(cell "$TMP/t" 1 12)" bound
fails "gaussian without keep" 2 '--keep is missing' iclab measure --before "$TMP/a.npy" --after "$TMP/n.npy" --gate gaussian

# Without --keep.
exits "keep estimated" 0 iclab measure --before "$TMP/a.npy" --after "$TMP/d.npy" -p 0:1
near "keep estimated: value" "$(sed -n 's/^# keep: //p' "$TMP/out")" .5 .01
like "keep estimated: said" "$(cat "$TMP/out")" '^# keep from: the share of values other than 0 that stay so$'
printf 'a\tb\n0\t0\n0\t0\n0\t0\n' >"$TMP/silent.tsv"
fails "nothing to estimate keep from" 2 '.*silent\.tsv: every value is 0' iclab measure --before "$TMP/silent.tsv" --after "$TMP/silent.tsv"
printf 'a\tb\n1\t2\n3\t4\n5\t7\n' >"$TMP/loud.tsv"
fails "no gate open" 2 '.*silent\.tsv: no value came through' iclab measure --before "$TMP/loud.tsv" --after "$TMP/silent.tsv"

# The rest of the contract.
for threads in 1 3; do
    iclab measure --before "$TMP/a.npy" --after "$TMP/d.npy" --keep .5 --threads "$threads" | sed '/^#/d' >"$TMP/threads$threads"
done
ok "threads: the same bytes" cmp "$TMP/threads1" "$TMP/threads3"
iclab measure --before "$TMP/a.npy" --after "$TMP/d.npy" --format json >"$TMP/json"
is "JSON" "$(data json <"$TMP/json")" "pairs 6 keys 12 nulls 0"
# shellcheck disable=SC2016 # for the inner shell
exits "before from standard input" 0 sh -c '"$1" measure --before - --after "$2" -p 0:1 <"$3"' sh "$program" "$TMP/d.npy" "$TMP/a.npy"
fails "both from standard input" 2 '.*cannot both be standard input' iclab measure --before - --after -
data gauss 10 1 >"$TMP/short.npy"
fails "shapes differ" 2 '.*a\.npy is 20000 x 4 and .*short\.npy is 10 x 4' iclab measure --before "$TMP/a.npy" --after "$TMP/short.npy"
data bad 200 1 >"$TMP/bad.npy"
exits "odd columns" 0 iclab measure --before "$TMP/bad.npy" --after "$TMP/bad.npy" --keep .5
is "odd columns: one warning" "$(wc -l <"$TMP/err" | tr -d ' ')" 1
is "odd columns: every pair has a row" "$(rows "$TMP/out" | wc -l | tr -d ' ')" 6
done_testing
