#!/usr/bin/env bash
# Runs test programs (cmocka, TAP output) and shell tests (*.sh, TAP output) and counts their results.
#   tests/run.sh [-j JOBS] [-t SECONDS] PROGRAM...
# One line for a program that passes, the whole output of one that fails. The last line is
# "N passed, N failed, N skipped". Exit 1 on any failure and when no test ran.
# A crash, a timeout, a missing plan or a plan that does not fit what ran is one failure more.
# Environment: NOSKIP=1 counts a skip as a failure; WRAPPER is put before each C program (valgrind).
set -eu

jobs=2
seconds=300
while getopts j:t: option; do
    case $option in
    j) jobs=$OPTARG ;;
    t) seconds=$OPTARG ;;
    *) echo "usage: tests/run.sh [-j JOBS] [-t SECONDS] PROGRAM..." >&2 && exit 2 ;;
    esac
done
shift $((OPTIND - 1))

work=$(mktemp -d)
chmod 755 "$work" # tests that give up root must still reach their folders
finish() # stops what still runs
{
    local pids
    pids=$(jobs -pr)
    # shellcheck disable=SC2086 # one word a process
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# Reads TAP and prints "passed failed skipped problem". cmocka writes a skip as `not ok N # SKIP name`, and a failed
# group fixture as `not ok 0` outside its plan; several groups print several plans.
count() # FILE EXIT-STATUS
{
    awk -v status="$2" -v seconds="$seconds" '
        /^1\.\.[0-9]+/ { plans++; planned += substr($1, 4); if ($0 ~ /^1\.\.0.*# *[Ss][Kk][Ii][Pp]/) { skipped++; whole = 1 } }
        /^(not )?ok( |$)/ {
            if ($0 ~ /# *[Ss][Kk][Ii][Pp]/) { ran++; skipped++ }
            else if ($0 ~ /^not ok 0 /) { failed++; fixture = 1 }
            else { ran++; if ($1 == "ok") passed++; else failed++ }
        }
        END {
            if (status == 124 || status == 137) problem = "no end after " seconds " s"
            else if (status != 0 && !failed) problem = "exit status " status
            else if (!plans) problem = "no test plan"
            else if (!fixture && ran != planned) problem = "planned " planned ", ran " ran + 0
            else if (!ran && !whole && !fixture) problem = "no tests"
            if (problem != "") failed++
            print passed + 0, failed + 0, skipped + 0, problem
        }' "$1"
}

run_one() # NUMBER PROGRAM: leaves its report in $work/NUMBER.report
{
    local log=$work/$1.log status=0 wrapper=() passed failed skipped problem verdict
    case $2 in
    *.sh) wrapper=(bash) ;;
    *) read -ra wrapper <<<"${WRAPPER:-}" ;;
    esac
    mkdir "$work/$1.tmp"
    TMPDIR=$work/$1.tmp CMOCKA_MESSAGE_OUTPUT=TAP \
        timeout -k 5 "$seconds" "${wrapper[@]}" "$2" >"$log" 2>&1 </dev/null &
    # shellcheck disable=SC2064 # the process of now; timeout passes the signal on
    trap "kill $! 2>/dev/null" TERM
    wait $! || status=$?
    rm -rf "$work/$1.tmp"
    read -r passed failed skipped problem <<<"$(count "$log" "$status")"
    if [ "${NOSKIP:-0}" = 1 ] && [ "$skipped" -gt 0 ]; then
        problem="${problem:+$problem; }$skipped skipped, which NOSKIP=1 forbids"
        failed=$((failed + skipped)) skipped=0
    fi
    verdict=PASS
    [ "$failed" = 0 ] || verdict=FAIL
    {
        echo "$passed $failed $skipped"
        printf '%s %s (%s passed, %s failed, %s skipped)%s\n' \
            "$verdict" "$(basename "$2" .sh)" "$passed" "$failed" "$skipped" "${problem:+: $problem}"
        if [ "$verdict" = FAIL ]; then sed 's/^/    /' "$log"; else sed -n '/# *SKIP/s/^/    /p' "$log"; fi
    } >"$work/$1.part"
    mv "$work/$1.part" "$work/$1.report"
}

passed=0 failed=0 skipped=0
declare -A shown=()
show_finished()
{
    local report p f s
    for report in "$work"/*.report; do
        if [ ! -e "$report" ] || [ -n "${shown[$report]:-}" ]; then continue; fi
        shown[$report]=1
        read -r p f s <"$report"
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
        sed 1d "$report"
    done
}

running=0 number=0
for program in "$@"; do
    if [ "$running" -ge "$jobs" ]; then
        wait -n || true
        running=$((running - 1))
        show_finished
    fi
    number=$((number + 1))
    run_one "$number" "$program" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || true
    running=$((running - 1))
    show_finished
done

# A runner that lost a report must not look like a pass.
if [ "${#shown[@]}" -ne $# ]; then
    echo "tests/run.sh: $(($# - ${#shown[@]})) programs left no report"
    failed=$((failed + $# - ${#shown[@]}))
fi
if [ $((passed + failed)) -eq 0 ]; then echo "no tests ran: that is a failure"; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
