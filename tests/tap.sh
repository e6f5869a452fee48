# shellcheck shell=bash
# A TAP helper for shell tests: `. tests/tap.sh`, then ok, is, like, exits, skip, and done_testing at the end.
# $TMP is a folder of the test's own, removed at its end. Without done_testing there is no plan, and the test fails.
set -eu

tap_count=0
tap_failed=0
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

tap_report() # STATUS NAME
{
    tap_count=$((tap_count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $tap_count - $2"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $2"
    fi
}

# ok NAME COMMAND...: the command succeeds. Its output is shown if not.
ok()
{
    local name=$1 status=0
    shift
    ("$@") >"$TMP/tap.log" 2>&1 || status=$?
    tap_report "$status" "$name"
    [ "$status" = 0 ] || sed 's/^/# /' "$TMP/tap.log"
}

# not_ok NAME COMMAND...: the command fails.
not_ok()
{
    local name=$1 status=0
    shift
    ("$@") >"$TMP/tap.log" 2>&1 || status=$?
    tap_report "$((status == 0))" "$name"
    [ "$status" != 0 ] || sed 's/^/# /' "$TMP/tap.log"
}

# exits NAME STATUS COMMAND...: the command ends with that status; its output is left in $TMP/out and $TMP/err.
exits()
{
    local name=$1 want=$2 status=0
    shift 2
    ("$@") >"$TMP/out" 2>"$TMP/err" </dev/null || status=$?
    tap_report "$((status != want))" "$name"
    [ "$status" = "$want" ] || { echo "# exit status $status, expected $want" && sed 's/^/# /' "$TMP/out" "$TMP/err"; }
}

# is NAME GOT WANTED: equal as text.
is()
{
    if [ "$2" = "$3" ]; then
        tap_report 0 "$1"
    else
        tap_report 1 "$1"
        printf '#      got: %s\n# expected: %s\n' "$2" "$3" | sed '/^#/!s/^/#   /'
    fi
}

# like NAME TEXT PATTERN: some line of the text matches the extended regular expression.
like()
{
    if printf '%s\n' "$2" | grep -Eq -e "$3"; then
        tap_report 0 "$1"
    else
        tap_report 1 "$1"
        printf '#      got: %s\n# expected: /%s/\n' "$2" "$3" | sed '/^#/!s/^/#   /'
    fi
}

# skip NAME REASON
skip()
{
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

done_testing()
{
    echo "1..$tap_count"
    [ "$tap_failed" = 0 ] || exit 1
    exit 0
}
