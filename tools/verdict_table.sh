#!/usr/bin/env bash
# Tables of docs/verdicts.md from what `iclab bench verdicts --full` printed, as Markdown on standard output.
#   tools/verdict_table.sh errors FILE     how often true claims fail and deviations of the tolerance hold
#   tools/verdict_table.sh power FILE      how often planted faults are called `fails`
set -eu
case "$#:${1:-}" in 2:errors | 2:power) ;; *) sed -n 's/^#   //p' "$0" >&2 && exit 2 ;; esac

# shellcheck disable=SC2016 # awk's own variables
exec awk -F '\t' -v kind="$1" '
function cell(name) { return $(place[name]) }
function percent(v) { return v == "nan" ? "-" : sprintf("%.1f %%", 100 * v) }
function rule()
{
    return cell("rule") == "=" ? "= " cell("target") " ± " cell("tolerance") : cell("rule") " " cell("target") ", " cell("tolerance")
}
/^#/ { next }
!named {
    for (i = 1; i <= NF; i++) place[$i] = i
    named = 1
    print kind == "errors" ? "| row | quantity | rule | gates | law | n | deviation | runs | holds | fails | undecided | judged | 99 % limit | ok |" \
                           : "| fault | row | rule | n | deviation | estimate | its se | runs | fails | undecided | power | 99 % limit | ok |"
    print kind == "errors" ? "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|" : "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    next
}
{ planted = cell("kind") == "fault" || cell("kind") == "short" }
kind == "errors" && !planted {
    printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s %s | %s | %s |\n", cell("row"), cell("quantity"), rule(), cell("gates"),
        cell("law"), cell("n"), cell("deviation"), cell("runs"), cell("holds"), cell("fails"), cell("undecided"), cell("judged"),
        percent(cell("rate")), percent(cell("bound")), cell("ok")
}
kind == "power" && planted {
    printf "| %s | %s | %s | %s | %s | %.4f | %.4f | %s | %s | %s | %s | %s | %s |\n", cell("gates"), cell("row"), rule(), cell("n"),
        cell("deviation"), cell("estimate"), cell("se"), cell("runs"), cell("fails"), cell("undecided"), percent(cell("rate")),
        percent(cell("bound")), cell("ok")
}' "$2"
