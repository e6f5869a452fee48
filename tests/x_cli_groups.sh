#!/usr/bin/env bash
# iclab mi --groups and iclab tc: tables, values, the pair, threads, error bars, bad input.
. tests/cli.sh

data gauss 3000 1 >"$TMP/a.npy"
exits "groups" 0 iclab mi "$TMP/a.npy" --groups 0:1,0+2:1,0:1-2
cp "$TMP/out" "$TMP/g"
is "nothing on standard error" "$(cat "$TMP/err")" ""
is "names" "$(names "$TMP/g")" "i j estimator n mi se p"
is "groups as given" "$(rows "$TMP/g" | awk '{ print $1 ":" $2 }' | tr '\n' ' ')" "0:1 0+2:1 0:1-2 "
is "samples" "$(rows "$TMP/g" | cut -f4 | sort -u)" 3000
is "se and p are nan" "$(rows "$TMP/g" | cut -f6,7 | sort -u)" "nan	nan"
for key in iclab command units seed estimator file; do
    like "header: $key" "$(grep '^#' "$TMP/g")" "^# $key: ."
done
iclab mi "$TMP/a.npy" -p 0:1 --error --permute 9 >"$TMP/pair"
iclab mi "$TMP/a.npy" -g 0:1 --error --permute 9 >"$TMP/one"
is "one column a side: the row of the pair" "$(cell "$TMP/one" 1 0)" "$(cell "$TMP/pair" 1 0)"
near "a column that tells nothing" "$(cell "$TMP/g" 2 5)" .413339 .05
is "ranges and sums are the same" "$(iclab mi "$TMP/a.npy" -g 0:1+2 | sed '/^#/d' | tail -1 | cut -f3-)" "$(cell "$TMP/g" 3 0 | cut -f3-)"
for estimator in auto decomposition ksg1 ksg2 mesner-shalizi; do
    iclab mi "$TMP/a.npy" -e "$estimator" -g 0+2:1,0+2:1+3 -k 4 >"$TMP/$estimator"
    near "$estimator: a column that tells nothing" "$(cell "$TMP/$estimator" 1 5)" .413339 .06
done
is "the estimator used" "$(cell "$TMP/auto" 1 3)" decomposition
is "atoms: the estimator used" "$(cell "$TMP/mesner-shalizi" 2 3)" mesner-shalizi
is "k counts" "$(iclab mi "$TMP/a.npy" -e ksg1 -g 0+2:1 -k 9 >"$TMP/k9" && [ "$(cell "$TMP/k9" 1 5)" != "$(cell "$TMP/ksg1" 1 5)" ] && echo differs)" differs

# Error bars, p-values, threads.
for threads in 1 2 5; do
    iclab mi "$TMP/a.npy" -g 0+2:1,2:0-1,1+3:0 --error --permute 19 -e mesner-shalizi -t "$threads" | sed '/^#/d' >"$TMP/t$threads"
done
ok "threads 1 and 2: the same bytes" cmp "$TMP/t1" "$TMP/t2"
ok "threads 1 and 5: the same bytes" cmp "$TMP/t1" "$TMP/t5"
is "error and p: numbers" "$(sed 1d "$TMP/t1" | awk '!($6 > 0 && $6 < .2 && $7 >= .05 && $7 <= 1)' | wc -l | tr -d ' ')" 0
near "p of dependence" "$(cell "$TMP/t1" 1 7)" .05 1e-15
data gauss 3000 2 >"$TMP/b.npy"
iclab mi "$TMP/b.npy" -g 2:0-1 --permute 19 -e mesner-shalizi >"$TMP/apart"
is "p of independence is larger" "$(awk -v p="$(cell "$TMP/apart" 1 7)" 'BEGIN { print (p > .1 && p <= 1) }')" 1

# Units, clipping, JSON, .npy.
iclab mi "$TMP/a.npy" -g 0+2:1 --units bits >"$TMP/bits"
near "bits" "$(cell "$TMP/bits" 1 5)" "$(awk -v x="$(cell "$TMP/g" 2 5)" 'BEGIN { printf "%.15g", x / log(2) }')" 1e-12
is "clip" "$(iclab mi "$TMP/a.npy" -g 2:0+3,2:0+1,2:1+3 -e ksg1 --clip | sed '/^#/d' | awk '$5 < 0' | wc -l | tr -d ' ')" 0
iclab mi "$TMP/a.npy" -g 0+2:1 --format json >"$TMP/g.json"
is "JSON" "$(data json <"$TMP/g.json")" "pairs 1 keys 7 nulls 2"
like "JSON: groups are texts" "$(cat "$TMP/g.json")" '"i":"0\+2","j":"1"'

# Odd columns.
data bad 3000 1 >"$TMP/bad.npy"
exits "a constant and a NaN" 0 iclab mi "$TMP/bad.npy" -g 0+2:1,2:0-1,0+3:1
is "a constant is left out" "$(cell "$TMP/out" 1 5)" "$(cell "$TMP/g" 1 5)"
is "constants: 0" "$(cell "$TMP/out" 2 5)" 0
is "NaN: nan" "$(cell "$TMP/out" 3 5)" nan
like "one warning" "$(cat "$TMP/err")" '^iclab: warning: .*bad\.npy: column 3 holds NaN or inf: the rows of these are nan$'

# Bad groups: the option, the item, the reason.
while IFS='|' read -r groups reason; do
    fails "--groups '$groups'" 2 "--groups: item $reason" iclab mi "$TMP/a.npy" "--groups=$groups"
done <<'TABLE'
|1: '' is not SET:SET
0|1: '0' is not SET:SET
0:|1: '0:' is not SET:SET
:1|1: ':1' is not SET:SET
0:1,|2: '' is not SET:SET
0:1:2|1: '0:1:2' is not SET:SET
0:1,a:2|2: 'a:2' is not SET:SET
0++1:2|1: '0\+\+1:2' is not SET:SET
0+:2|1: '0\+:2' is not SET:SET
-1:2|1: '-1:2' is not SET:SET
0-:2|1: '0-:2' is not SET:SET
0-1-2:3|1: '0-1-2:3' is not SET:SET
1e0:2|1: '1e0:2' is not SET:SET
0: 1|1: '0: 1' is not SET:SET
2-1:3|1: the range 2-1 goes down
0:1,0:4|2: no column 4: .*a\.npy has columns 0 to 3
0-4000000000:1|1: no column 4000000000
0-99999999999999999999:1|1: '0-99999999999999999999:1' is not
0+1:1|1: column 1 occurs twice
0+0:1|1: column 0 occurs twice
0-2:1-3|1: column 1 occurs twice
TABLE
for estimator in plugin gaussian lnc; do
    fails "--groups, $estimator" 2 "--groups: $estimator has no form for groups" iclab mi "$TMP/a.npy" -g 0+1:2 -e "$estimator"
done
fails "--groups with --pairs" 2 "--groups: not together with --pairs" iclab mi "$TMP/a.npy" -g 0:1 -p 0:1
fails "--groups as npy" 2 "--groups: there is no matrix" iclab mi "$TMP/a.npy" -g 0:1 --format npy
fails "--groups, no such file" 2 ".*missing.npy" iclab mi "$TMP/missing.npy" -g 0:1
data gauss 5 1 >"$TMP/five.npy"
fails "--groups, 5 rows" 2 ".*five\.npy: 5 rows are too few" iclab mi "$TMP/five.npy" -g 0+1:2

# LNC on a pair.
exits "lnc" 0 iclab mi "$TMP/a.npy" -p 0:1 -e lnc
is "lnc: its name" "$(cell "$TMP/out" 1 3)" lnc
near "lnc: correlation .75" "$(cell "$TMP/out" 1 5)" .413 .06
fails "lnc, k 2" 2 ".*a\.npy: k = 2 neighbours are too few for lnc" iclab mi "$TMP/a.npy" -e lnc -k 2

# Total correlation.
exits "tc" 0 iclab tc "$TMP/a.npy" --columns 0+1,0-2,0+2
cp "$TMP/out" "$TMP/tc"
is "tc: nothing on standard error" "$(cat "$TMP/err")" ""
is "tc: names" "$(names "$TMP/tc")" "columns estimator n tc pair_sum"
is "tc: sets as given" "$(rows "$TMP/tc" | cut -f1 | tr '\n' ' ')" "0+1 0-2 0+2 "
for key in iclab command units file estimator; do
    like "tc header: $key" "$(grep '^#' "$TMP/tc")" "^# $key: ."
done
near "tc of a pair" "$(cell "$TMP/tc" 1 4)" .413339 .05
near "tc of a pair: the sum of pairs" "$(cell "$TMP/tc" 1 5)" "$(cell "$TMP/tc" 1 4)" 1e-9
near "tc: a column that tells nothing" "$(cell "$TMP/tc" 2 4)" .413339 .06
near "tc of independent columns" "$(cell "$TMP/tc" 3 4)" 0 .04
for estimator in auto decomposition mesner-shalizi ksg1 ksg2 plugin; do
    exits "tc, $estimator" 0 iclab tc "$TMP/a.npy" -c 0-2 -e "$estimator" --units bits
    near "tc, $estimator, bits" "$(cell "$TMP/out" 1 4)" .5963 .15
done
exits "tc of all columns" 0 iclab tc "$TMP/a.npy"
is "tc of all columns: the set" "$(cell "$TMP/out" 1 1)" "0-3"
iclab tc "$TMP/a.npy" -c 0-1,1-2,0-3 -t 1 | sed '/^#/d' >"$TMP/t1"
iclab tc "$TMP/a.npy" -c 0-1,1-2,0-3 -t 3 | sed '/^#/d' >"$TMP/t3"
ok "tc: threads change nothing" cmp "$TMP/t1" "$TMP/t3"
exits "tc to a file" 0 iclab tc "$TMP/a.npy" -c 0-1 -f json -o "$TMP/tc.json"
is "tc: JSON" "$(data json <"$TMP/tc.json")" "pairs 1 keys 5 nulls 0"
exits "tc: NaN" 0 iclab tc "$TMP/bad.npy" -c 0+3,0+2
is "tc: NaN is nan" "$(cell "$TMP/out" 1 4)" nan
is "tc: one column and a constant" "$(cell "$TMP/out" 2 4)" 0
like "tc: one warning" "$(cat "$TMP/err")" 'column 3 holds NaN or inf: the sets with these are nan$'
fails "tc, bad set" 2 "--columns: item 2: '0:1' is not a SET" iclab tc "$TMP/a.npy" -c 0-1,0:1
fails "tc, no such column" 2 "--columns: item 1: no column 9" iclab tc "$TMP/a.npy" -c 0+9
fails "tc, twice" 2 "--columns: item 1: column 0 occurs twice" iclab tc "$TMP/a.npy" -c 0+0
fails "tc, an estimator without a form" 2 "--estimator: 'gaussian' is none of" iclab tc "$TMP/a.npy" -e gaussian
fails "tc as npy" 2 "--format: 'npy' is none of" iclab tc "$TMP/a.npy" --format npy
fails "tc, too many cells" 2 ".*a\.npy: a table of 4 columns in 300 bins has more than" iclab tc "$TMP/a.npy" -e plugin --bins 300
fails "tc, 5 rows" 2 ".*five\.npy: 5 rows are too few" iclab tc "$TMP/five.npy"
awk 'BEGIN { srand(3); for (i = 0; i < 400; i++) { for (j = 0; j < 6; j++) printf "%s%s", i ? rand() : "c" j, j < 5 ? "\t" : "\n" } }' >"$TMP/six.tsv"
fails "tc, decomposition of 5 columns" 2 ".*six\.tsv: the decomposition of 5 columns" iclab tc "$TMP/six.tsv" -c 0-4 -e decomposition
exits "tc, 6 columns" 0 iclab tc "$TMP/six.tsv"
is "tc, 6 columns: the estimator" "$(cell "$TMP/out" 1 2)" mesner-shalizi
near "tc, 6 independent columns" "$(cell "$TMP/out" 1 4)" 0 .25
# The header says what was done, as that of pairs does.
iclab mi "$TMP/a.npy" -g 0:1 --permute 9 --correction chao-shen >"$TMP/out"
like "header: null" "$(cat "$TMP/out")" '^# null: permute, 9 draws$'
like "header: correction" "$(cat "$TMP/out")" '^# correction: '
done_testing
