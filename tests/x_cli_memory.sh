#!/usr/bin/env bash
# iclab mi on files larger than the memory it may use: the same bytes whatever --memory, threads and format of the file.
. tests/cli.sh

# same NAME OPTIONS...: the rows of a file do not depend on --memory and --threads.
same()
{
    local name=$1 file=$2
    shift 2
    exits "$name" 0 iclab mi "$file" "$@"
    rows "$TMP/out" >"$TMP/default"
    ok "$name: there are rows" test -s "$TMP/default"
    for memory in 1 2 5; do
        for threads in 1 3; do
            exits "$name: $memory MiB, $threads threads" 0 iclab mi "$file" "$@" --memory "$memory" --threads "$threads"
            rows "$TMP/out" >"$TMP/tiled"
            ok "$name: $memory MiB, $threads threads: the same bytes" cmp "$TMP/default" "$TMP/tiled"
            is "$name: $memory MiB, $threads threads: nothing is said" "$(cat "$TMP/err")" ""
        done
    done
}

# 11 columns of 4000 samples: a column takes 160 KB, 1 MiB holds six at a time.
data images 4000 11 1 1 5 >"$TMP/position.npy"
same "all pairs by position" "$TMP/position.npy" -e gaussian
same "plug-in" "$TMP/position.npy" -e plugin -b 16
same "neighbours" "$TMP/position.npy" -e auto --pairs 0:1,9:10,0:10,3:7
same "a list" "$TMP/position.npy" -e plugin --pairs 9:10,0:1,2:10,0:3,5:6,0:1
same "error bars and tests" "$TMP/position.npy" -e plugin --error --permute 9 --pairs 0:1,0:10,9:10
data images 500 7 4 4 6 >"$TMP/channel.npy"
same "by channel" "$TMP/channel.npy" --unit channel -e plugin

# The whole matrix.
iclab mi "$TMP/position.npy" -e plugin --format npy --out "$TMP/whole.npy"
iclab mi "$TMP/position.npy" -e plugin --format npy --memory 1 --out "$TMP/tiled.npy"
ok "the matrix: the same bytes" cmp "$TMP/whole.npy" "$TMP/tiled.npy"

# A pipe is read whole and tiled all the same.
# shellcheck disable=SC2002 # a file on standard input would be no pipe
piped() { cat "$TMP/position.npy" | iclab mi - -e plugin "$@"; }
iclab mi "$TMP/position.npy" -e plugin >"$TMP/o" && rows "$TMP/o" >"$TMP/mapped"
piped >"$TMP/o" && rows "$TMP/o" >"$TMP/piped"
piped --memory 1 >"$TMP/o" && rows "$TMP/o" >"$TMP/both"
ok "a pipe: the same bytes" cmp "$TMP/mapped" "$TMP/piped"
ok "a pipe, tiled: the same bytes" cmp "$TMP/mapped" "$TMP/both"

# Columns that are constant or hold NaN are told once, by number, tiled or not; only those that are used.
data bad 60000 1 >"$TMP/bad.npy"
iclab mi "$TMP/bad.npy" -e plugin >"$TMP/o" 2>"$TMP/e" && rows "$TMP/o" >"$TMP/whole"
iclab mi "$TMP/bad.npy" -e plugin --memory 1 >"$TMP/o" 2>"$TMP/e1" && rows "$TMP/o" >"$TMP/tiled"
ok "odd columns: the same rows" cmp "$TMP/whole" "$TMP/tiled"
like "odd columns: a warning" "$(cat "$TMP/e")" "column 3 holds NaN or inf"
ok "odd columns: the same warning" cmp "$TMP/e" "$TMP/e1"
is "a column that is not used is not told" "$(iclab mi "$TMP/bad.npy" -p 0:1 2>&1 >"$TMP/o")" ""

# A file of 240 MB within an address space of 160 MiB.
data images 10000 6000 1 1 7 >"$TMP/large.npy"
iclab mi "$TMP/large.npy" -e plugin --pairs 0:5999,0:1,3000:5998 --threads 1 >"$TMP/o" && rows "$TMP/o" >"$TMP/free"
# shellcheck disable=SC2317 # called by exits
limited() { (ulimit -v 163840 && iclab mi "$TMP/large.npy" -e plugin --pairs 0:5999,0:1,3000:5998 --threads 1 "$@"); }
if [ -n "${TEST_CFLAGS:-}" ] && case $TEST_CFLAGS in *sanitize*) true ;; *) false ;; esac; then
    skip "a file larger than the address space" "the sanitizers need an address space of their own"
else
    exits "a file larger than the address space" 0 limited
    rows "$TMP/out" >"$TMP/limited"
    ok "a file larger than the address space: the same bytes" cmp "$TMP/free" "$TMP/limited"
fi
fails "memory: no number" 2 "..memory: .x. is not a whole number" iclab mi "$TMP/position.npy" --memory x

done_testing
