#!/usr/bin/env bash
# Bad input: one line that names file, place and reason, exit status 2, nothing written.
. tests/cli.sh

data gauss 50 1 >"$TMP/good.npy"
head -c 500 "$TMP/good.npy" >"$TMP/truncated.npy"
: >"$TMP/empty.npy"
printf 'NUMPY, not' >"$TMP/magic.npy"
printf '\223NUMPY\001\000\377\377{' >"$TMP/header.npy"
data raw "{'descr': '|O', 'fortran_order': False, 'shape': (3, 2), }" 48 >"$TMP/object.npy"
data raw "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 0), }" 0 >"$TMP/columns0.npy"
data raw "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }" 0 >"$TMP/rows0.npy"
data raw "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3), }" 24 >"$TMP/row1.npy"
data raw "{'descr': '<f8', 'fortran_order': False, 'shape': (9, 1), }" 72 >"$TMP/column1.npy"
data raw "{'descr': '<f8', 'fortran_order': False, 'shape': (9,), }" 72 >"$TMP/flat.npy"
data raw "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2, 2), }" 64 >"$TMP/cube.npy"
data raw "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 4), }" 80 >"$TMP/longer.npy"
data raw "gibberish" 80 >"$TMP/gibberish.npy"
printf 'a\tb\n1\t2\nx\t4\n' >"$TMP/word.tsv"
printf 'a\tb\n1\t2\n3\n' >"$TMP/ragged.tsv"
mkdir "$TMP/folder.npy"

# FILE REASON
while IFS='|' read -r file reason; do
    for command in "mi" "corr"; do
        fails "$command, $file" 2 ".*$file.*$reason" iclab "$command" "$TMP/$file"
        fails "$command, $file, to a file" 2 ".*$file.*$reason" iclab "$command" "$TMP/$file" --out "$TMP/result"
        is "$command, $file: no file" "$(find "$TMP" -name 'result*' -o -name '*.tmp')" ""
    done
    fails "measure, $file" 2 ".*$file.*$reason" iclab measure --before "$TMP/$file" --after "$TMP/$file" --keep .5
done <<'TABLE'
missing.npy|No such file
empty.npy|byte 0: the file is empty
truncated.npy|byte 500: the file ends inside the data
magic.npy|byte 0: not a .npy file
header.npy|header of 65535 bytes is longer
object.npy|
columns0.npy|no columns
rows0.npy|no samples
row1.npy|one row
column1.npy|one column: no pairs
flat.npy|one column: no pairs
cube.npy|shape \(2, 2, 2\)
longer.npy|byte
gibberish.npy|
word.tsv|line 3
ragged.tsv|line 3
folder.npy|is a directory
TABLE
for file in missing empty truncated magic header object columns0 rows0 cube folder; do
    fails "drop, $file" 2 ".*$file\.npy" iclab drop "$TMP/$file.npy" --keep .5 --out "$TMP/result"
    is "drop, $file: no file" "$(find "$TMP" -name 'result*' -o -name '*.tmp')" ""
done
like "object: the reason" "$(iclab mi "$TMP/object.npy" 2>&1)" "object"
fails "standard input that is no file of ours" 2 'standard input' iclab mi - # /dev/null

# Values of options.
for keep in 0 -0.5 1.0000001 2 nan NaN inf x ''; do
    fails "drop --keep '$keep'" 2 '--keep: ' iclab drop "$TMP/good.npy" "--keep=$keep" --out "$TMP/result"
    fails "measure --keep '$keep'" 2 '--keep: ' iclab measure --before "$TMP/good.npy" --after "$TMP/good.npy" "--keep=$keep"
done
for bad in "--estimator nobody" "--format xml" "--units bans" "--unit pixel" "--k 1.5" "--k -1" "--k 1e9" "--threads x" \
    "--seed -1" "--seed 99999999999999999999" "--permute -1"; do
    # shellcheck disable=SC2086 # option and value
    fails "mi $bad" 2 "${bad%% *}: " iclab mi "$TMP/good.npy" $bad
done
fails "--gate" 2 "--gate: 'both' is none of" iclab drop "$TMP/good.npy" --keep .5 --gate both
fails "measure as npy" 2 "--format: 'npy' is none of" iclab measure --before "$TMP/good.npy" --after "$TMP/good.npy" --format npy
for pairs in 0:4 4:5 0:99999999999999999999; do
    fails "--pairs $pairs" 2 '--pairs: ' iclab mi "$TMP/good.npy" --pairs "$pairs"
done
like "--pairs out of range names the file" "$(iclab mi "$TMP/good.npy" --pairs 0:4 2>&1)" 'good\.npy has columns 0 to 3'
for pairs in 1:0 1:1 0 : 0: :1 '0:1,' ',0:1' '' a:b 0:1:2 -1:2 '0:1;1:2' '0: 1' 0x0:1 1e0:2 All; do
    fails "--pairs '$pairs'" 2 "--pairs: " iclab mi "$TMP/good.npy" "--pairs=$pairs"
done

# Too few samples.
data gauss 5 1 >"$TMP/five.npy"
fails "5 rows, k 5" 2 '.*five\.npy: 5 rows are too few' iclab mi "$TMP/five.npy" --k 5 --estimator ksg1
fails "5 rows" 2 '.*five\.npy: 5 rows are too few' iclab mi "$TMP/five.npy"
exits "5 rows, k 2" 0 iclab mi "$TMP/five.npy" --k 2 --estimator ksg1
exits "5 rows have correlations" 0 iclab corr "$TMP/five.npy"

# Places that cannot be written.
fails "out: no such folder" 3 '.*nowhere/result' iclab mi "$TMP/good.npy" --out "$TMP/nowhere/result"
fails "out: a folder" 2 '.*folder\.npy: is a directory' iclab mi "$TMP/good.npy" --out "$TMP/folder.npy"
# shellcheck disable=SC2317 # called through fails
limited() { (ulimit -f 1 && iclab "$@"); } # files of at most 1024 bytes
fails "out: a limit on the size of files" 3 '.*result: writing failed' limited drop "$TMP/good.npy" --keep .5 --out "$TMP/result"
is "out: a limit on the size of files: no file" "$(find "$TMP" -name 'result*' -o -name '*.tmp')" ""
printf 'old\n' >"$TMP/old"
fails "a failure leaves an old result" 2 '.*missing' iclab mi "$TMP/missing.npy" --out "$TMP/old"
is "the old result" "$(cat "$TMP/old")" old
done_testing
