#!/usr/bin/env bash
# `iclab bench accuracy` on a few tasks: the table, the same bytes on any number of threads, its figure, its Markdown.
# shellcheck disable=SC2016 # awk's own variables
. tests/tap.sh
export LC_ALL=C.UTF-8

columns='what task a b n estimator truth replications mean_error mean_error_se sd rmse mean_se rate rate_lo rate_hi permutations'
exits "a task" 0 "$ICLAB" bench accuracy binormal --threads 1
cp "$TMP/out" "$TMP/accuracy.tsv"
is "silent" "$(cat "$TMP/err")" ""
is "the names" "$(grep -v '^#' "$TMP/accuracy.tsv" | head -n 1 | xargs)" "$columns"
like "units" "$(cat "$TMP/accuracy.tsv")" '^# units: nats$'
like "what was left out" "$(cat "$TMP/accuracy.tsv")" '^# left out \(--full\): tasks of 25 dimensions and up; .*coverage'
is "every n" "$(awk -F '\t' '$1 == "error" && $6 == "auto" { print $5 }' "$TMP/accuracy.tsv" | xargs)" "100 500 1000 3000 5000 10000"
estimators=$("$ICLAB" mi --help | grep -o 'auto|[|a-z0-9-]*' | head -n 1 | tr '|' ' ')
like "the list of estimators" "$estimators" 'ksg1.*plugin'
for estimator in $estimators; do
    ok "$estimator is measured" awk -F '\t' -v e="$estimator" '$6 == e && $5 == 1000 { found = 1 } END { exit !found }' "$TMP/accuracy.tsv"
done
ok "as many cells as names" awk -F '\t' '!/^#/ && NF != 17 { exit 1 }' "$TMP/accuracy.tsv"
# The Gaussian copula on a Gaussian pair of 10 000 samples: no bias, sd .0075 by theory, and ten seeds.
ok "nothing is far off" awk -F '\t' '$6 == "gaussian" && $5 == 10000 { seen = 1; if ($9 > .015 || $9 < -.015 || $11 > .02) exit 1 } END { exit !seen }' "$TMP/accuracy.tsv"

exits "two threads" 0 "$ICLAB" bench accuracy binormal --threads 2
ok "the same bytes" cmp "$TMP/out" "$TMP/accuracy.tsv"
exits "several tasks" 0 "$ICLAB" bench accuracy discrete half-silent --quick
is "only they" "$(awk -F '\t' '$1 == "error" { print $2 }' "$TMP/out" | sort -u | xargs)" "discrete half-silent"

exits "an unknown task" 2 "$ICLAB" bench accuracy nonsense
like "an unknown task: named" "$(cat "$TMP/err")" "no task is called 'nonsense'"
exits "names elsewhere" 2 "$ICLAB" bench kernels binormal
like "names elsewhere: said" "$(cat "$TMP/err")" "bench kernels takes no further names"
exits "quick and full" 2 "$ICLAB" bench accuracy --quick --full
like "listed" "$("$ICLAB" bench --help)" 'accuracy'

exits "Markdown" 0 tools/accuracy_table.sh errors "$TMP/accuracy.tsv" 500
like "Markdown: the head" "$(head -n 1 "$TMP/out")" '^\| task \| n \| truth \| auto \|'
like "Markdown: a row" "$(tail -n 1 "$TMP/out")" '^\| binormal \| 500 \| 0\.4133 \| [+-][0-9.]* ± [0-9.]* \|'
is "Markdown: three lines" "$(wc -l <"$TMP/out")" 3
exits "Markdown: no coverage in a quick run" 1 tools/accuracy_table.sh coverage "$TMP/accuracy.tsv"
exits "Markdown: usage" 2 tools/accuracy_table.sh

if command -v gnuplot >/dev/null; then
    mkdir -p "$TMP/results/tables"
    cp "$TMP/accuracy.tsv" "$TMP/results/tables"
    exits "the figure" 0 gnuplot -c plots/accuracy.gp "$TMP/results"
    ok "the figure is there" test -s "$TMP/results/figures/accuracy.svg"
else
    skip "the figure" "gnuplot is not installed"
fi
done_testing
