#!/usr/bin/env bash
# The rigorous checks of the claims: all come out, registry and theory name only what exists.
# shellcheck disable=SC2016 # names stand between backquotes
. tests/tap.sh
. tests/enclose.sh

exits "enclose list" 0 "$ENCLOSE" list
cut -f1 "$TMP/out" >"$TMP/names"
is "a name stands there once" "$(sort "$TMP/names" | uniq -d)" ""
is "a name begins with a claim" "$(grep -Ev '^(c0[1-9]_|mixed_information)' "$TMP/names")" ""
is "a statement stands beside each" "$(awk -F '\t' 'NF != 2 || $2 == ""' "$TMP/out")" ""
is "every claim from c01 to c09 has one" "$(sed -n 's/^\(c0[1-9]\)_.*/\1/p' "$TMP/names" | sort -u | tr '\n' ' ')" \
    "c01 c02 c03 c04 c05 c06 c07 c08 c09 "

# unknown_checks REGISTRY: lines and names of its column enclosure that `enclose list` does not know.
unknown_checks()
{
    awk -F '\t' '
        FILENAME == ARGV[1] { known[$1] = 1; next }
        /^#/ || !NF { next }
        !column { for (c = 1; c <= NF; c++) if ($c == "enclosure") column = c; if (!column) { print "no column enclosure"; exit } next }
        $column != "-" {
            count = split($column, names, ",")
            if (!count) print FNR ": empty"
            for (i = 1; i <= count; i++) { named++; if (!(names[i] in known)) print FNR ": " names[i] }
        }
        END { if (column && !named) print "no check is named" }' "$TMP/names" "$1"
}
scan=$(awk -f proofs/formal/scan.awk proofs/formal/*.v | awk -F '\t' '$1 == "theorem" { print $4 }')
cat "$TMP/names" <(echo "$scan") >"$TMP/known"
# The names of theorems and checks that a page mentions, less those that exist.
unknown_names() { grep -Eo '`c0[1-9]_[a-z0-9_]+`' "$@" | sed 's/.*:`//; s/`//g' | sort -u | grep -vxFf "$TMP/known" || true; }
is "the pages name theorems and checks that exist" "$(unknown_names docs/theory.md README.md)" ""
echo 'Proved: `c01_mi_quadratic` and `c01_mi_cubic`.' >"$TMP/page.md"
is "a name that no file has is seen" "$(unknown_names "$TMP/page.md" README.md)" c01_mi_cubic
is "the registry names checks that exist" "$(unknown_checks experiments/claims.tsv)" ""
printf 'c01_a\nc01_b\n' >"$TMP/names"
printf '# x\nid\tenclosure\nc01.a\tc01_a,c01_b\nc01.b\tc01_a,c01_c\nc01.c\t-\nc01.d\tc01\n' >"$TMP/claims.tsv"
is "a name that does not exist is seen" "$(unknown_checks "$TMP/claims.tsv")" "4: c01_c
6: c01"

exits "enclose check" 0 "$ENCLOSE" check --laws 1000
cut -f1 <("$ENCLOSE" list) >"$TMP/names"
awk -F '\t' '/^#/ { next } !names { for (c = 1; c <= NF; c++) at[$c] = c; names = 1; next }
    { print $at["name"], $at["verdict"], $at["cases"], $at["certain"] }' "$TMP/out" >"$TMP/verdicts"
is "enclose check: every check ran" "$(cut -d' ' -f1 "$TMP/verdicts")" "$(cat "$TMP/names")"
while read -r name verdict cases certain; do
    is "$name ($cases cases)" "$verdict $certain" "holds $cases"
done <"$TMP/verdicts"
done_testing
