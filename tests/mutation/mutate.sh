#!/usr/bin/env bash
# Do the tests see a wrong formula? Each line of the tables changes one source file by a sed script in a copy of the
# tree; the named test program has to fail (or not to end). Prints a line a mutation, then how many were killed.
#   tests/mutation/mutate.sh [-n] [PATTERN]     only the mutations that match PATTERN; -n: apply, do not build
# Exit 1 if a mutation survives, changes nothing or does not compile, or if a program fails without one.
set -eu
cd "$(dirname "$0")/../.."
dry=0
if [ "${1:-}" = -n ]; then dry=1 && shift; fi
pattern=${1:-.}
seconds=120

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | tar --null -T - -cf - | tar -xf - -C "$copy"

# shellcheck disable=SC2016 # make expands it
out=$(make -s -C "$copy" --no-print-directory --eval 'print-out:;@echo $(OUT)' print-out)
build() # PROGRAM
{
    make -s -j2 -C "$copy" --no-print-directory "$out/tests/$1" >"$copy/build.log" 2>&1
}
passes() # PROGRAM
{
    (cd "$copy" && timeout "$seconds" "$out/tests/$1") >"$copy/run.log" 2>&1
}

killed=0 total=0 wrong=0
declare -A sound=()
while IFS=$'\t' read -r file program script what; do
    case $file in '' | '#'*) continue ;; esac
    if ! grep -Eq -e "$pattern" <<<"$file $program $what"; then continue; fi
    if [ "$dry" = 0 ] && [ -z "${sound[$program]:-}" ]; then
        if ! build "$program" || ! passes "$program"; then
            echo "$program fails as it is" && exit 1
        fi
        sound[$program]=1
    fi
    total=$((total + 1))
    sed -E -i "$script" "$copy/$file"
    if cmp -s "$file" "$copy/$file"; then
        verdict="changes nothing"
    elif [ "$dry" = 1 ]; then
        verdict=applies
    elif ! build "$program"; then
        verdict="does not compile"
    elif passes "$program"; then
        verdict=SURVIVES
    else
        verdict=killed
    fi
    case $verdict in
    killed | applies) killed=$((killed + 1)) ;;
    *) wrong=$((wrong + 1)) ;;
    esac
    printf '%-16s %-32s %s\n' "$verdict" "${file##*/}" "$what"
    cp "$file" "$copy/$file"
done < <(cat tests/mutation/*.tsv)
if [ "$dry" = 1 ]; then echo "$killed of $total mutations apply"; else echo "$killed of $total mutations killed"; fi
[ "$wrong" = 0 ] && [ "$total" -gt 0 ]
