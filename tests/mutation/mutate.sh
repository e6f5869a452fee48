#!/usr/bin/env bash
# Do the tests see a wrong formula? Each line of the tables changes one source file by a sed script in a copy of the
# tree; the named test program has to fail (or not to end). Prints a line a mutation, then how many were killed.
# A program is one of tests/: t_* or x_* (a script); or `enclose`, whose checks have to come out otherwise; or `proofs`: some
# proof has to fail, and not the changed sentence itself, which must still have a meaning.
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

out=$(make -s -C "$copy" --no-print-directory print-out)
plugin=$copy/$out/libiclab-emulated.so
export ICLAB_DEVICE_PLUGIN=$plugin # and none that was built elsewhere
build() # PROGRAM
{
    local target=$out/tests/$1
    case $1 in
    proofs) return 0 ;; # to compile is the test
    enclose | x_enclosures | x_proofs_interval) target=$out/enclose ;;
    x_proofs) return 0 ;;
    x_*device | x_gpu_check) target="$out/iclab ${plugin#"$copy/"}" ;;
    x_*) target=$out/iclab ;;
    esac
    # shellcheck disable=SC2086 # one word a target
    make -s -j2 -C "$copy" --no-print-directory $target >"$copy/build.log" 2>&1
}
passes() # PROGRAM
{
    local command=("$out/tests/$1") limit=$seconds
    case $1 in
    proofs) command=(make -s -j2 -f proofs/formal/formal.mk objects) limit=600 ;;
    enclose) command=("$out/enclose" check) ;;
    x_*) command=(env ICLAB="$copy/$out/iclab" ENCLOSE="$copy/$out/enclose" bash "tests/$1.sh") ;;
    esac
    (cd "$copy" && timeout "$limit" "${command[@]}") >"$copy/run.log" 2>&1
}
# Did the last compilation of proofs stop in a sentence that was changed?
stopped_in_change() # FILE
{
    local line change
    line=$(sed -n "s|^File .*/${1##*/}\", line \([0-9]*\).*|\1|p" "$copy/run.log" | head -n 1)
    [ -n "$line" ] || return 1
    while read -r change; do
        awk -v sentences=1 -f proofs/formal/scan.awk "$copy/$1" |
            awk -F '\t' -v l="$line" -v c="$change" '$3 <= c && c <= $4 && $3 <= l && l <= $4 { found = 1 } END { exit !found }' && return 0
    done < <(diff "$1" "$copy/$1" | sed -n 's/^[0-9,]*[acd]\([0-9]*\).*/\1/p')
    return 1
}
# The sound objects of the proofs are kept, so that only what a change touches is compiled again.
keep_objects() { rm -rf "$copy/sound" && cp -a "$copy/build/proofs" "$copy/sound"; }
take_back() # FILE PROGRAM
{
    if [ "$2" != proofs ]; then
        cp "$1" "$copy/$1"
        return
    fi
    cp -p "$copy/before" "$copy/$1"
    [ ! -e "$copy/sound" ] || { rm -rf "$copy/build/proofs" && cp -a "$copy/sound" "$copy/build/proofs"; }
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
        [ "$program" != proofs ] || keep_objects
    fi
    total=$((total + 1))
    [ -e "$copy/$file" ] || { echo "no file $file" && wrong=$((wrong + 1)) && continue; }
    cp -p "$copy/$file" "$copy/before"
    sed -E -i "$script" "$copy/$file"
    if cmp -s "$file" "$copy/$file"; then
        verdict="changes nothing"
    elif [ "$dry" = 1 ]; then
        verdict=applies
    elif ! build "$program"; then
        verdict="does not compile"
    elif passes "$program"; then
        verdict=SURVIVES
    elif [ "$program" = proofs ] && stopped_in_change "$file"; then
        verdict="does not compile"
    else
        verdict=killed
    fi
    case $verdict in
    killed | applies) killed=$((killed + 1)) ;;
    *) wrong=$((wrong + 1)) ;;
    esac
    printf '%-16s %-32s %s\n' "$verdict" "${file##*/}" "$what"
    take_back "$file" "$program"
done < <(cat tests/mutation/*.tsv)
if [ "$dry" = 1 ]; then echo "$killed of $total mutations apply"; else echo "$killed of $total mutations killed"; fi
[ "$wrong" = 0 ] && [ "$total" -gt 0 ]
