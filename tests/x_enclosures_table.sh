#!/usr/bin/env bash
# tests/vectors/enclosures.tsv is what `enclose table` writes, and each row names a check that exists.
. tests/tap.sh
. tests/enclose.sh

table=tests/vectors/enclosures.tsv
exits "enclose table" 0 "$ENCLOSE" table
is "the table of the tests is this one (make enclosures)" \
    "$(diff <(sed '/^#/d' "$table") <(sed '/^#/d' "$TMP/out") | head -n 4)" ""
sed '/^#/d' "$table" | sed 1d >"$TMP/rows"
ok "there are rows" [ "$(wc -l <"$TMP/rows")" -gt 1000 ]
is "each has eight cells" "$(awk -F '\t' 'NF != 8' "$TMP/rows")" ""
is "no row stands there twice" "$(cut -f1-5 "$TMP/rows" | sort | uniq -d)" ""
is "each has 20 certain digits or more" "$(awk -F '\t' '$7 < 20 || $6 == "-"' "$TMP/rows")" ""
is "as many digits stand there" \
    "$(awk -F '\t' '{ d = $6; gsub(/[-.]/, "", d); sub(/^0+/, "", d); if (length(d) != $7) print }' "$TMP/rows")" ""
cut -f8 "$TMP/rows" | sort -u >"$TMP/checks"
"$ENCLOSE" list | cut -f1 | sort >"$TMP/names"
is "each names a check" "$(comm -23 "$TMP/checks" "$TMP/names")" ""
done_testing
