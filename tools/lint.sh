#!/usr/bin/env bash
# Everything `make lint` checks; called by it. Exit 1 when any check fails, after all have run.
#   tools/lint.sh CFLAGS PUBLIC-HEADERS     CC and CLANG name the two compilers
# shellcheck disable=SC2317 # functions are called through check
set -eu
cd "$(dirname "$0")/.."
read -ra flags <<<"$1"
read -ra public <<<"$2"
jobs=$(getconf _NPROCESSORS_ONLN)

list() { find . -path ./build -prune -o -path ./results -prune -o -path './.git' -prune -o -type f \( "$@" \) -print | sed 's,^\./,,' | sort; }
mapfile -t sources < <(list -name '*.c')
mapfile -t headers < <(list -name '*.h')
mapfile -t device < <(list -name '*.cu' -o -name '*.cpp')
mapfile -t scripts < <(list -name '*.sh' -o -path ./.ci/run)

status=0
check() # NAME COMMAND...
{
    local name=$1 log
    shift
    if log=$("$@" 2>&1); then
        echo "ok    $name"
    else
        echo "FAIL  $name"
        printf '%s\n' "$log"
        status=1
    fi
}
# Runs the command with each line of standard input in place of FILE, on all processors.
each() # COMMAND...
{
    xargs -r -P "$jobs" -I FILE "$@"
}
# Optimised, since some warnings need the flow of values.
warnings() { printf '%s\n' "${sources[@]}" | each "$1" "${flags[@]}" -O2 -c -o /dev/null FILE; }
# A header that is installed must stand on its own.
alone() # COMPILER LANGUAGE STANDARD
{
    printf '%s\n' "${public[@]}" |
        each "$1" "${flags[@]}" -fsyntax-only -x "$2" "-std=$3" -include FILE /dev/null
}

check "dependency law" tools/check_layers.sh
check "layout (clang-format)" clang-format --dry-run -Werror "${sources[@]}" "${headers[@]}" "${device[@]}"
check "warnings ($CC)" warnings "$CC"
check "warnings ($CLANG)" warnings "$CLANG"
check "headers stand alone, C" alone "$CC" c c17
check "headers stand alone, C++" alone "$CLANG" c++ c++17
if command -v shellcheck >/dev/null; then
    check "shellcheck" shellcheck "${scripts[@]}"
else
    echo "left out: shellcheck is not installed"
fi
exit $status
