#!/usr/bin/env bash
# iclab corr: columns of the table, values, kinds, tests, pairs, threads, scale and offset, formats, odd columns.
. tests/cli.sh

data gauss 4000 1 >"$TMP/a.npy"
exits "a table" 0 iclab corr "$TMP/a.npy" --format tsv
cp "$TMP/out" "$TMP/a.tsv"
is "nothing on standard error" "$(cat "$TMP/err")" ""
is "names" "$(names "$TMP/a.tsv")" "i j n pearson spearman"
is "pairs in order" "$(rows "$TMP/a.tsv" | awk '{ print $1 ":" $2 }' | tr '\n' ' ')" "0:1 0:2 0:3 1:2 1:3 2:3 "
is "samples" "$(rows "$TMP/a.tsv" | cut -f3 | sort -u)" 4000
near "Pearson" "$(cell "$TMP/a.tsv" 1 4)" .75 .03
near "Spearman" "$(cell "$TMP/a.tsv" 1 5)" .7341 .03

# By hand: x 1 2 3 4, y 1 3 2 9, z 1 1 2 2 (ties).
printf 'x,y,z\n1,1,1\n2,3,1\n3,2,2\n4,9,2\n' >"$TMP/hand.csv"
iclab corr "$TMP/hand.csv" >"$TMP/hand"
near "Pearson by hand" "$(cell "$TMP/hand" 1 4)" .8261843893 1e-9
near "Spearman by hand" "$(cell "$TMP/hand" 1 5)" .8 1e-12
near "Spearman with ties by hand" "$(cell "$TMP/hand" 2 5)" .894427191 1e-9

for threads in 1 2 5; do
    iclab corr "$TMP/a.npy" --threads "$threads" | sed '/^#/d' >"$TMP/threads$threads"
done
ok "threads 1 and 2: the same bytes" cmp "$TMP/threads1" "$TMP/threads2"
ok "threads 1 and 5: the same bytes" cmp "$TMP/threads1" "$TMP/threads5"

for kind in "1e-9 0" "1e7 0" "3 1e3"; do
    # shellcheck disable=SC2086 # scale and offset
    data gauss 4000 1 $kind >"$TMP/moved.npy"
    iclab corr "$TMP/moved.npy" >"$TMP/moved"
    is "scale and offset $kind" \
        "$(paste <(rows "$TMP/a.tsv") <(rows "$TMP/moved") | awk -F '\t' '{ d = $4 - $9; e = $5 - $10; if (!(d * d < 1e-18 && e * e < 1e-6)) print }')" ""
done

exits "JSON" 0 iclab corr "$TMP/a.npy" --format json
is "JSON: pairs" "$(data json <"$TMP/out")" "pairs 6 keys 5 nulls 0"
exits "npy" 0 iclab corr "$TMP/a.npy" --format npy --out "$TMP/m.npy"
data values <"$TMP/m.npy" >"$TMP/m"
is "npy: 1 on the diagonal" "$(sed -n '2p;7p;12p;17p' "$TMP/m" | sort -u)" 1
near "npy: Pearson" "$(sed -n 3p "$TMP/m")" "$(cell "$TMP/a.tsv" 1 4)" 1e-15

# Other coefficients, by hand and from dcor 0.7: distance_correlation(x, y), u_distance_correlation_sqr(x, z).
exits "kinds" 0 iclab corr "$TMP/hand.csv" --kind kendall,distance,distance-corrected
cp "$TMP/out" "$TMP/kinds"
is "kinds: names in the order asked for" "$(names "$TMP/kinds")" "i j n kendall distance distance-corrected"
near "Kendall by hand" "$(cell "$TMP/kinds" 1 4)" .6666666667 1e-9
near "Kendall with ties by hand" "$(cell "$TMP/kinds" 2 4)" .8164965809 1e-9
near "distance correlation" "$(cell "$TMP/kinds" 1 5)" .848434037008 1e-11
near "distance correlation without bias" "$(cell "$TMP/kinds" 3 6)" -.5 1e-11
iclab corr "$TMP/hand.csv" --kind kendall,pearson --test >"$TMP/test"
is "test: names" "$(names "$TMP/test")" "i j n kendall pearson kendall_p kendall_q pearson_p pearson_q"
like "test: the header counts the tests" "$(cat "$TMP/test")" '^# tests: 3$'
near "p of Kendall, from scipy" "$(cell "$TMP/test" 1 6)" .174231388248 1e-11
near "p of Pearson by hand: 1 - r" "$(cell "$TMP/test" 1 8)" .1738156106 1e-9
near "q of the largest p is p" "$(cell "$TMP/test" 3 9)" "$(cell "$TMP/test" 3 8)" 1e-15
near "q of the smallest p: the middle one's, 3/2 p" "$(cell "$TMP/test" 2 9)" "$(cell "$TMP/test" 1 9)" 1e-15
iclab corr "$TMP/hand.csv" --kind distance-corrected --test >"$TMP/test"
near "p of the distance, chi-square of scipy" "$(cell "$TMP/test" 2 5)" .0253473186775 1e-11

all=pearson,spearman,kendall,distance,distance-corrected
for threads in 1 2 5; do
    iclab corr "$TMP/a.npy" --kind $all --test --threads "$threads" | sed '/^#/d' >"$TMP/threads$threads"
done
ok "all kinds, threads 1 and 2: the same bytes" cmp "$TMP/threads1" "$TMP/threads2"
ok "all kinds, threads 1 and 5: the same bytes" cmp "$TMP/threads1" "$TMP/threads5"
is "all kinds: the first two are the plain table's" "$(cut -f1-5 "$TMP/threads1")" "$(sed '/^#/d' "$TMP/a.tsv")"
iclab corr "$TMP/a.npy" --kind $all --test --pairs 2:3,0:1 >"$TMP/list"
is "pairs: those, in that order" "$(rows "$TMP/list" | awk '{ print $1 ":" $2 }' | tr '\n' ' ')" "2:3 0:1 "
for column in 4 5 6 7 8 9 11; do
    near "pairs: column $column" "$(cell "$TMP/list" 2 $column)" "$(cell "$TMP/threads1" 1 $column)" 1e-12
done
like "pairs: two tests" "$(cat "$TMP/list")" '^# tests: 2$'
near "pairs: q over those shown" "$(cell "$TMP/list" 1 10)" "$(cell "$TMP/list" 1 9)" 1e-15
iclab corr "$TMP/a.npy" --kind kendall,pearson --pairs 0:2 --format npy | data values >"$TMP/m"
iclab corr "$TMP/a.npy" --kind kendall >"$TMP/kendall"
near "npy: the first kind" "$(sed -n 4p "$TMP/m")" "$(cell "$TMP/kendall" 2 4)" 1e-15
is "npy: nan where not asked for" "$(sed -n 3p "$TMP/m")" nan
exits "JSON with tests" 0 iclab corr "$TMP/a.npy" --kind $all --test --format json
is "JSON with tests: keys" "$(data json <"$TMP/out")" "pairs 6 keys 18 nulls 0"

fails "unknown kind" 2 "--kind: 'hoeffding' is not pearson," iclab corr "$TMP/a.npy" --kind pearson,hoeffding
fails "empty kind" 2 "--kind: '' is not pearson," iclab corr "$TMP/a.npy" --kind pearson,
fails "a kind twice" 2 '--kind: kendall is there twice' iclab corr "$TMP/a.npy" --kind kendall,kendall
fails "test and npy" 2 '--test has no place in a matrix' iclab corr "$TMP/a.npy" --test --format npy
fails "a pair that is not there" 2 '--pairs: 0:9: .* has columns 0 to 3' iclab corr "$TMP/a.npy" --pairs 0:9
awk 'BEGIN { for (r = 0; r < 3; r++) for (c = 0; c < 14200; c++) printf "%s%s", r ? c * r % 7 : "c" c, c < 14199 ? "," : "\n" }' >"$TMP/wide.csv"
fails "too many pairs" 2 '.*14200 columns make 100812900 pairs, more than 100000000: choose some by --pairs' \
    iclab corr "$TMP/wide.csv"
fails "too large a matrix" 2 '.*14200 columns make a matrix of 100812900 pairs, more than 100000000' \
    iclab corr "$TMP/wide.csv" --pairs 0:1 --format npy
exits "a few pairs of many columns" 0 iclab corr "$TMP/wide.csv" --pairs 0:1,7:14199

data bad 4000 1 >"$TMP/bad.npy"
exits "a constant column and a NaN" 0 iclab corr "$TMP/bad.npy"
cp "$TMP/out" "$TMP/bad.tsv"
is "one warning" "$(wc -l <"$TMP/err" | tr -d ' ')" 1
like "the warning names both" "$(cat "$TMP/err")" 'column 2 is constant, column 3 holds NaN or inf'
is "nan" "$(rows "$TMP/bad.tsv" | awk '$2 >= 2 { print $4, $5 }' | sort -u)" "nan nan"
iclab corr "$TMP/bad.npy" --kind $all --test >"$TMP/bad_all" 2>"$TMP/err"
is "nan in all kinds and tests" "$(rows "$TMP/bad_all" | awk '$2 >= 2' | cut -f4- | tr '\t' '\n' | sort -u)" nan
like "one test is left" "$(cat "$TMP/bad_all")" '^# tests: 1$'
near "another pair does not change" "$(cell "$TMP/bad.tsv" 1 4)" "$(cell "$TMP/a.tsv" 1 4)" 1e-14
iclab corr "$TMP/bad.npy" --format npy 2>"$TMP/err" | data values >"$TMP/m"
is "npy: 1 on the diagonal all the same" "$(sed -n '2p;7p;12p;17p' "$TMP/m" | sort -u)" 1

data images 50 2 3 2 1 >"$TMP/images.npy"
iclab corr "$TMP/images.npy" >"$TMP/position"
is "positions: pairs" "$(rows "$TMP/position" | wc -l | tr -d ' ')" 66
iclab corr "$TMP/images.npy" --unit channel >"$TMP/channel"
is "channels: pairs" "$(rows "$TMP/channel" | wc -l | tr -d ' ')" 1
is "channels: samples" "$(cell "$TMP/channel" 1 3)" 300
done_testing
