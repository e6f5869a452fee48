#!/usr/bin/env bash
# Tables of docs/estimators.md from what `iclab bench accuracy` printed, as Markdown on standard output.
#   tools/accuracy_table.sh errors FILE [N...]       mean error ± sd in thousandths of a nat, a column an estimator
#   tools/accuracy_table.sh rmse FILE [N...]         root mean square errors in thousandths: `auto` beside fixed numbers of
#                                                    neighbours (--full)
#   tools/accuracy_table.sh coverage FILE            coverage of the 95 % intervals, in percent (--full)
#   tools/accuracy_table.sh false-alarms FILE        of the permutation test at .05, in percent (--full)
# N: numbers of samples, default 1000 and 10000.
set -eu
usage()
{
    sed -n 's/^#   //p' "$0" >&2
    exit 2
}
[ $# -ge 2 ] || usage
kind=$1 file=$2
shift 2
case $kind in errors | rmse | coverage | false-alarms) ;; *) usage ;; esac

# shellcheck disable=SC2016 # awk's own variables
exec awk -F '\t' -v kind="$kind" -v sizes="${*:-1000 10000}" '
function cell(name) { return $(place[name]) }
# In thousandths, three digits.
function thousandths(v) { v *= 1000; return sprintf(v > -99.95 && v < 99.95 ? "%.1f" : "%.0f", v) }
function signed(v) { return (v < 0 ? "" : "+") thousandths(v) }
function bars(n, text) { text = ""; while (n-- > 0) text = text "---|"; return text }
BEGIN { split(sizes, list, " "); for (i in list) wanted[list[i]] = 1 }
/^#/ { next }
!named { for (i = 1; i <= NF; i++) place[$i] = i; named = 1; next }
kind == "errors" || kind == "rmse" {
    if (cell("what") != "error" || !(cell("n") in wanted)) next
    method = cell("estimator")
    fixed = method ~ / --k /
    if (kind == "errors" ? fixed : !fixed && method != "auto") next
    vectors = cell("a") > 1 || cell("b") > 1
    key = cell("task") SUBSEP cell("n")
    if (!(key in seen)) { seen[key] = ++rows; task[rows] = cell("task"); n[rows] = cell("n"); truth[rows] = cell("truth"); group[rows] = vectors }
    if (!((vectors, method) in known)) { known[vectors, method] = 1; methods[vectors] = methods[vectors] SUBSEP method }
    value[seen[key], method] = kind == "rmse" ? thousandths(cell("rmse")) : signed(cell("mean_error")) " ± " thousandths(cell("sd"))
    if (kind == "rmse" && fixed) has_fixed[seen[key]] = 1
    next
}
cell("what") == kind {
    if (!head++) {
        if (kind == "coverage") print "| task | n | estimator | replications | coverage, % | mean error | sd | mean standard error |\n|" bars(8)
        else print "| task | n | estimator | replications | permutations | false alarms, % |\n|" bars(6)
    }
    rate = sprintf("%.1f (%.1f to %.1f)", 100 * cell("rate"), 100 * cell("rate_lo"), 100 * cell("rate_hi"))
    front = "| " cell("task") " | " cell("n") " | " cell("estimator") " | " cell("replications") " | "
    if (kind == "coverage") print front rate " | " signed(cell("mean_error")) " | " thousandths(cell("sd")) " | " thousandths(cell("mean_se")) " |"
    else print front cell("permutations") " | " rate " |"
}
END {
    if (!named) { print "no table" >"/dev/stderr"; exit 1 }
    if (kind != "errors" && kind != "rmse") exit !head
    for (v = 0; v <= 1; v++) {
        count = split(substr(methods[v], 2), method_of, SUBSEP)
        if (count == 0 || (kind == "rmse" && v == 1)) continue
        if (printed++) print ""
        text = "| task | n | truth |"
        for (m = 1; m <= count; m++) text = text " " method_of[m] " |"
        print text "\n|" bars(count + 3)
        for (r = 1; r <= rows; r++) {
            if (group[r] != v || (kind == "rmse" && !has_fixed[r])) continue
            text = "| " task[r] " | " n[r] " | " sprintf("%.4f", truth[r]) " |"
            for (m = 1; m <= count; m++) text = text " " ((r, method_of[m]) in value ? value[r, method_of[m]] : "-") " |"
            print text
        }
    }
    exit !printed
}' "$file"
