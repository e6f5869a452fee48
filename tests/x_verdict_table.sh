#!/usr/bin/env bash
# tools/verdict_table.sh: which rows go into which table, and how they are written.
. tests/tap.sh

{
    printf '# a header\n'
    printf '%s\t' row kind gates law keep n quantity rule target tolerance deviation runs holds fails undecided judged rate bound
    printf '%s\n' $'required\tok\testimate\tsd\tse\tleading'
    printf 'c01.a\ttrue\tindependent\tgauss\t0.5\t1000\tratio@.5\t=\t1\t0.08\t0\t200\t190\t1\t9\tfails\t0.005\t0.0278\t0.05\tyes\t1.01\t0.1\t0.2\tplugin\n'
    printf 'c01.b\ttolerance\tkeep\tgauss\t0.5\t1000\tratio@.5\t<=\t1\t0\t0.1\t200\t3\t1\t196\tholds\t0.015\t0.04\t0.05\tyes\t1.01\t0.1\t0.2\tplugin\n'
    printf 'c02.a\tfault\tone gate\tgauss\t0.5\t1000\tslope\t=\t1\t0.02\t0.05\t100\t0\t99\t1\tfails\t0.99\t0.94\t0.95\tfew\t1.051234\t0.1\t0.00567\tpearson\n'
    printf 'c02.a\tshort\tone gate\tgauss\t0.5\t500\tslope\t=\t1\t0.02\t0.05\t100\t0\t40\t60\tfails\t0.4\tnan\tnan\t-\t1.05\t0.1\t0.0113\tpearson\n'
} >"$TMP/verdicts.tsv"

exits "errors" 0 tools/verdict_table.sh errors "$TMP/verdicts.tsv"
is "errors: a true claim" "$(sed -n 3p "$TMP/out")" \
    '| c01.a | ratio@.5 | = 1 ± 0.08 | independent | gauss | 1000 | 0 | 200 | 190 | 1 | 9 | fails 0.5 % | 2.8 % | yes |'
is "errors: a bound on its edge" "$(sed -n 4p "$TMP/out")" \
    '| c01.b | ratio@.5 | <= 1, 0 | keep | gauss | 1000 | 0.1 | 200 | 3 | 1 | 196 | holds 1.5 % | 4.0 % | yes |'
is "errors: no faults" "$(wc -l <"$TMP/out" | tr -d ' ')" 4
exits "power" 0 tools/verdict_table.sh power "$TMP/verdicts.tsv"
is "power: a fault" "$(sed -n 3p "$TMP/out")" \
    '| one gate | c02.a | = 1 ± 0.02 | 1000 | 0.05 | 1.0512 | 0.0057 | 100 | 99 | 1 | 99.0 % | 94.0 % | few |'
is "power: fewer samples, no limit asked" "$(sed -n 4p "$TMP/out")" \
    '| one gate | c02.a | = 1 ± 0.02 | 500 | 0.05 | 1.0500 | 0.0113 | 100 | 40 | 60 | 40.0 % | - | - |'
exits "usage" 2 tools/verdict_table.sh power
exits "usage: another table" 2 tools/verdict_table.sh speed "$TMP/verdicts.tsv"
done_testing
