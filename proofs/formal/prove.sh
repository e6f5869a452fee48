#!/usr/bin/env bash
# Compiles every .v file beside this script, then prints each theorem of a claim with the axioms it rests on.
#   proofs/formal/prove.sh [--compile | --recheck]     from the top of the tree
# --compile: no more than that; --recheck: the compiled files, by coqchk.
# Exit 1, with a line "file:line: reason" for each, on: a file that does not compile or is not looked at; a command that lets
# something pass unproved (scan.awk); a theorem that is no proof of a proposition, or that rests on an axiom that axioms.txt
# does not list; a theorem that the registry names and no file has. What was checked is not checked again until it changes.
# Environment: FORMAL, PROOFS_OUT (folders of sources and objects), CLAIMS (the registry).
set -eu

export FORMAL=${FORMAL:-proofs/formal} PROOFS_OUT=${PROOFS_OUT:-build/proofs}
claims=${CLAIMS:-experiments/claims.tsv}
here=$(dirname "$0")
report=$PROOFS_OUT/report.txt
mkdir -p "$PROOFS_OUT"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile()
{
    # A make of its own, on all processors, whatever make called this.
    env -u MAKEFLAGS -u MFLAGS make -k -s -j "$(getconf _NPROCESSORS_ONLN)" -f "$here/formal.mk" objects
}

# The axioms that are allowed, by full name, one a line.
allowed() { sed '/^#/d; /^$/d' "$here/axioms.txt"; }

# Lines "file:line: reason" about the text of the sources and of the registry; leaves $work/theorems.
check_text()
{
    find "$FORMAL" -name '*.v' ! -path "$FORMAL/*/*" -print0 | sort -z | xargs -0 -r awk -f "$here/scan.awk" >"$work/scan"
    awk -F '\t' '$1 == "bad" { print $2 ":" $3 ": " $4 }' "$work/scan"
    awk -F '\t' '$1 == "theorem" && ($4 ~ /^([^.]*\.)*c[0-9][0-9]_/ || $4 == "mixed_information_identity")' "$work/scan" >"$work/theorems"
    [ -s "$work/theorems" ] || echo "$FORMAL: no theorem of a claim: a name that begins with cNN_"
    # Coq prints the axioms of such a file by the same short name.
    allowed | awk -F . -v formal="$FORMAL" '{ file = formal "/" $(NF - 1) ".v" }
        !seen[file]++ && (getline line <file) >= 0 { print file ":1: named like a file of allowed axioms" }'
    find "$FORMAL" -mindepth 2 -name '*.v' -printf '%p: is not compiled: it lies in a folder of its own\n'
    awk -F '\t' -v claims="$claims" '
        FILENAME == ARGV[1] { if ($1 == "theorem") known[$4] = 1; next }
        /^#/ || !NF { next }
        !column { for (c = 1; c <= NF; c++) if ($c == "theorem") column = c; if (!column) exit; next }
        $column != "-" {
            count = split($column, names, ",")
            if (!count) print claims ":" FNR ": no theorem, and no -"
            for (i = 1; i <= count; i++) if (!(names[i] in known)) print claims ":" FNR ": theorem \"" names[i] "\" stands in no file of " ENVIRON["FORMAL"]
        }
        END { if (!column) print claims ": no column theorem" }' "$work/scan" "$claims" || echo "$claims: cannot be read"
}

check_objects()
{
    local source object
    for source in "$FORMAL"/*.v; do
        object=$PROOFS_OUT/$(basename "$source")o
        [ "$object" -nt "$source" ] || echo "$source: does not compile"
    done
}

# Answers one file of questions.
ask() # QUESTIONS
{
    coqc -q -Q "$PROOFS_OUT" Iclab "$1" >"${1%.v}.answers" 2>"${1%.v}.trouble" && return
    awk -v formal="$FORMAL" '$1 == "theorem" { last = $3 ": " $2 ": is no proof of a proposition" }
        END { print last ? last : formal ": the objects cannot be read: make clean, then again" }' "${1%.v}.answers"
    sed 's/^/    /' "${1%.v}.trouble"
}
export -f ask

# Asks Coq what each theorem rests on, on all processors; leaves $work/table. Lines "file:line: reason".
check_assumptions()
{
    local jobs
    jobs=$(getconf _NPROCESSORS_ONLN)
    awk -F '\t' -v folder="$work" -v jobs="$jobs" '{
        questions = folder "/questions" NR % jobs ".v"
        module = $2
        sub(/.*\//, "", module)
        sub(/\.v$/, "", module)
        theorem = "Iclab." module "." $4
        printf "From Iclab Require %s.\n", module >questions
        printf "Goal True. idtac \"theorem %s %s:%s\". Abort.\n", $4, $2, $3 >questions
        printf "Definition proposition_%d : Prop := ltac:(let t := type of @%s in exact t).\n", NR, theorem >questions
        printf "Print Assumptions %s.\n", theorem >questions
    }' "$work/theorems"
    printf '%s\n' "$work"/questions*.v | xargs -P "$jobs" -I FILE bash -c 'ask FILE'
    allowed >"$work/allowed"
    awk -v table="$work/table" '
        function flush() { if (theorem != "") printf "%-44s %-36s%s\n", theorem, place, rests == "" ? " none" : rests >table }
        FILENAME == ARGV[1] { allowed[$1] = 1; part = $1; while (sub(/^[^.]*\./, "", part)) allowed[part] = 1; next }
        $1 == "theorem" && NF == 3 { flush(); theorem = $2; place = $3; sub(/.*\//, "", place); where = $3; rests = ""; next }
        /^(Axioms:|Closed under the global context)$/ || /^ / || !NF { next }
        {
            short = $1
            sub(/.*\./, "", short)
            rests = rests " " short
            if (!($1 in allowed)) print where ": " theorem ": rests on " (NF > 1 && $2 != ":" ? $0 : $1) ", which axioms.txt does not list"
        }
        END { flush() }' "$work/allowed" "$work"/questions*.answers
    [ ! -e "$work/table" ] || sort -o "$work/table" "$work/table"
}

# coqchk reads all objects again, with those of the standard library that they use: every axiom of any of them is listed,
# used by a theorem or not.
recheck()
{
    local modules
    modules=$(find "$PROOFS_OUT" -maxdepth 1 -name '*.vo' -printf 'Iclab.%f\n' | sed 's/\.vo$//' | sort)
    # shellcheck disable=SC2086 # one word a module
    coqchk -silent -o -Q "$PROOFS_OUT" Iclab $modules >"$work/answers" 2>&1 || { cat "$work/answers" && echo "coqchk refuses the proofs"; }
    allowed >"$work/allowed"
    awk '
        FILENAME == ARGV[1] { allowed[$1] = 1; next }
        /^\* / { about = $0; sub(/^\* /, "", about); seen[about] = 1; if (about ~ /^Axioms: *<none>/) next }
        about ~ /^Axioms:/ && /^ +[^ ]/ && !($1 in allowed) { print "axiom " $1 ", which axioms.txt does not list" }
        about ~ /^(Constants|Inductives)/ && $0 !~ /<none>|^[* ]*$/ { print about ": " $0 }
        END { if (!("Axioms:" in seen) && !("Axioms: <none>" in seen)) print "coqchk lists no axioms: nothing was checked" }' "$work/allowed" "$work/answers"
}

start=$SECONDS
if [ "${1:-}" = --compile ]; then
    compile || exit 1
    exit 0
fi
compile >&2 || true
compiled=$((SECONDS - start)) start=$SECONDS
if [ "${1:-}" = --recheck ]; then
    check_objects >"$work/problems"
    [ -s "$work/problems" ] || recheck >"$work/problems"
    if [ -s "$work/problems" ]; then cat "$work/problems" >&2 && exit 1; fi
    echo "coqchk accepts $(find "$PROOFS_OUT" -maxdepth 1 -name '*.vo' | wc -l) files; no axiom beyond axioms.txt; $((SECONDS - start)) s"
    exit 0
fi
# What the report depends on; times may lie.
key=$(find "$FORMAL" "$here" "$claims" -type f ! -name '.*' -print0 2>/dev/null | sort -z | xargs -0 cksum)
if [ "$(cat "$report.key" 2>/dev/null)" = "$key" ] && [ -z "$(find "$PROOFS_OUT"/*.vo -newer "$report" 2>&1)" ]; then
    cat "$report"
    exit 0
fi
rm -f "$report" "$report.key"
{ check_text && check_objects; } >"$work/problems"
# Without all objects there is nothing to ask.
if ! grep -q 'does not compile$' "$work/problems" && [ -s "$work/theorems" ]; then check_assumptions >>"$work/problems"; fi
{
    if [ -e "$work/table" ]; then
        printf '%-44s %-36s %s\n' theorem file:line axioms
        cat "$work/table"
    fi
    echo "$(wc -l <"$work/theorems") theorems in $(find "$FORMAL" -maxdepth 1 -name '*.v' | wc -l) files; compiled in $compiled s, looked at in $((SECONDS - start)) s"
} >"$work/report"
cat "$work/report"
if [ -s "$work/problems" ]; then
    cat "$work/problems" >&2
    exit 1
fi
cp "$work/report" "$report"
echo "$key" >"$report.key"
