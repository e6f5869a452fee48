#!/usr/bin/env bash
# iclab corr: columns of the table, values, threads, scale and offset, formats, odd columns.
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

data bad 4000 1 >"$TMP/bad.npy"
exits "a constant column and a NaN" 0 iclab corr "$TMP/bad.npy"
cp "$TMP/out" "$TMP/bad.tsv"
is "one warning" "$(wc -l <"$TMP/err" | tr -d ' ')" 1
like "the warning names both" "$(cat "$TMP/err")" 'column 2 is constant, column 3 holds NaN or inf'
is "nan" "$(rows "$TMP/bad.tsv" | awk '$2 >= 2 { print $4, $5 }' | sort -u)" "nan nan"
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
