# shellcheck shell=bash
# For the tests of the command line: `. tests/cli.sh`. `iclab` is the program, `data` makes files (helpers/cli_data.c).
. tests/tap.sh

program=${ICLAB:-./iclab}
case $program in /*) ;; *) program=$PWD/$program ;; esac
# shellcheck disable=SC2046,SC2086 # lists of words
${CC:-gcc} -std=c17 -D_GNU_SOURCE -O1 ${TEST_CFLAGS:-} $(${PKG_CONFIG:-pkg-config} --cflags jansson) -o "$TMP/data" \
    tests/helpers/cli_data.c $(${PKG_CONFIG:-pkg-config} --libs jansson) -lm
iclab() { "$program" "$@"; }
data() { "$TMP/data" "$@"; }

# The rows of a table, without header and names. The names alone.
rows() { sed '/^#/d' "$1" | sed 1d; }
names() { sed '/^#/d' "$1" | sed -n 1p | tr '\t' ' '; }

# cell FILE ROW COLUMN: both from 1.
cell() { rows "$1" | awk -F '\t' -v r="$2" -v c="$3" 'NR == r { print $c }'; }

# near NAME GOT WANTED TOLERANCE
near()
{
    is "$1 ($2 is $3 within $4)" "$(awk -v a="$2" -v b="$3" -v t="$4" 'BEGIN { d = a - b; print (a ~ /^[-+.0-9e]+$/ && d <= t && -d <= t) }')" 1
}

# fails NAME STATUS PATTERN COMMAND...: that exit status, one line on standard error that fits, nothing on standard output.
fails()
{
    local name=$1 status=$2 pattern=$3
    shift 3
    exits "$name: exit status" "$status" "$@"
    is "$name: lines on standard error" "$(wc -l <"$TMP/err" | tr -d ' ')" 1
    like "$name: the line" "$(cat "$TMP/err")" "^iclab: $pattern"
    is "$name: bytes on standard output" "$(wc -c <"$TMP/out" | tr -d ' ')" 0
}
