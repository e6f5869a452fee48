#!/bin/sh
# The checks of a device under compute-sanitizer: tests/gpu_check/sanitize.sh GPU-CHECK [TOOL...]
# Tools: memcheck racecheck initcheck synccheck (all four). Exit 3 where compute-sanitizer is not there.
set -eu
program=$1
shift
[ $# -gt 0 ] || set -- memcheck racecheck initcheck synccheck
sanitizer=$(command -v compute-sanitizer || echo /usr/local/cuda/bin/compute-sanitizer)
if [ ! -x "$sanitizer" ]; then
    echo "sanitize: compute-sanitizer is not there" >&2
    exit 3
fi
status=0
for tool; do
    echo "# compute-sanitizer --tool $tool"
    # A check asks for more memory than there is: the failure of that call is no finding.
    calls=
    [ "$tool" != memcheck ] || calls="--report-api-errors no"
    # shellcheck disable=SC2086 # two words, or none
    "$sanitizer" --tool "$tool" $calls --error-exitcode 9 "$program" --check --small || {
        echo "# $tool: exit status $?"
        status=1
    }
done
exit $status
