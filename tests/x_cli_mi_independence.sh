#!/usr/bin/env bash
# iclab mi: p-values from permutations, from a table and from a formula; blocks, early stop, q-values, their matrices.
. tests/cli.sh

data gauss 400 1 >"$TMP/a.npy"
run() { iclab mi "$TMP/a.npy" "$@" >"$TMP/o" 2>"$TMP/e"; }
p_of() { rows "$1" | cut -f7 | tr '\n' ' '; }

# Permutations: p of this file as the first version of the program gave them.
run --estimator ksg1 --permute 19
is "ksg1: p" "$(p_of "$TMP/o")" "0.05 0.45 0.05 0.5 0.05 0.65 "
run --estimator plugin --permute 39 --seed 3
is "plugin: p" "$(p_of "$TMP/o")" "0.025 0.825 0.025 0.9 0.025 0.775 "
like "the header names the null" "$(cat "$TMP/o")" '^# null: permute, 39 draws$'
is "no q unless asked for" "$(names "$TMP/o")" "i j estimator n mi se p"
run --permute 39 --null permute && cp "$TMP/o" "$TMP/all"
run --permute 39 --block 1
is "a block of one sample is none" "$(rows "$TMP/o")" "$(rows "$TMP/all")"
run --permute 39 --block 20
is "blocks: other p" "$([ "$(p_of "$TMP/o")" != "$(p_of "$TMP/all")" ] && echo differs)" differs
is "blocks: dependence is found" "$(cell "$TMP/o" 1 7)" 0.025
run --permute 999 --stop 5
is "stop: dependence takes all permutations" "$(cell "$TMP/o" 1 7)" 0.001
is "stop: independence ends early, p = 5/m" \
    "$(cell "$TMP/o" 2 7 | awk '{ m = 5 / $1; d = m - int(m + .5); print (m < 999 && d < 1e-9 && d > -1e-9) }')" 1

# One table for all pairs: the same p for any threads, and whichever pairs are asked for; near those of permutations.
for threads in 1 2 5; do
    iclab mi "$TMP/a.npy" --null table --permute 199 --threads "$threads" | sed '/^#/d' >"$TMP/threads$threads"
done
ok "table: threads 1 and 2" cmp "$TMP/threads1" "$TMP/threads2"
ok "table: threads 1 and 5" cmp "$TMP/threads1" "$TMP/threads5"
run --null table --permute 199 --pairs 2:3
is "table: a pair alone" "$(rows "$TMP/o")" "$(tail -n 1 "$TMP/threads1")"
like "table: the header" "$(cat "$TMP/o")" '^# null: table, 199 draws$'
run --permute 199
is "table: p near those of permutations" \
    "$(paste <(rows "$TMP/o") <(sed 1d "$TMP/threads1") | awk -F '\t' '{ d = $7 - $14; if (d < 0) d = -d; if (d > .15) print $1, $2, $7, $14 }')" ""
is "table: dependence" "$(sed -n 2p "$TMP/threads1" | cut -f7)" 0.005
data whole 500 1 >"$TMP/whole.npy"
iclab mi "$TMP/whole.npy" --null table --permute 39 2>"$TMP/e" >"$TMP/o"
like "table: pairs it cannot serve" "$(cat "$TMP/e")" 'in 3 of 3 pairs a column has several atoms'
iclab mi "$TMP/whole.npy" --permute 39 >"$TMP/all"
is "these are permuted" "$(rows "$TMP/o")" "$(rows "$TMP/all")"
data bad 400 1 >"$TMP/bad.npy"
exits "table: a constant column and a NaN" 0 iclab mi "$TMP/bad.npy" --null table --permute 39 --fdr bh
is "table: their p and q" "$(rows "$TMP/out" | awk '{ printf "%.9g,%.9g\n", $7, $8 }' | sort -u | tr '\n' ' ')" "0.025,0.075 1,1 nan,nan "

# Formulas.
for estimator in plugin gaussian; do
    run --estimator "$estimator" --permute 999
    cp "$TMP/o" "$TMP/all"
    run --estimator "$estimator" --null analytic
    like "$estimator, analytic: the header" "$(cat "$TMP/o")" '^# null: analytic$'
    is "$estimator, analytic: near permutations" \
        "$(paste <(rows "$TMP/o") <(rows "$TMP/all") | awk -F '\t' '{ d = $7 - $14; if (d < 0) d = -d; if (d > .06) print $1, $2, $7, $14 }')" ""
    is "$estimator, analytic: dependence is far out" "$(cell "$TMP/o" 1 7 | awk '{ print ($1 < 1e-20 && $1 > 0) }')" 1
done

# q-values, from the definition: least over s >= r of c m p_(s) / s.
for rule in bh by; do
    run --permute 99 --fdr "$rule"
    is "$rule: names" "$(names "$TMP/o")" "i j estimator n mi se p q"
    is "$rule: q" "$(rows "$TMP/o" | sort -t '	' -k7,7g | awk -F '\t' -v rule="$rule" '
        { p[NR] = $7; q[NR] = $8; c += 1 / NR }
        END {
            least = 1
            for (r = NR; r > 0; r--) {
                v = (rule == "by" ? c : 1) * NR * p[r] / r
                if (v < least) least = v
                d = q[r] - least
                if (d > 1e-12 || d < -1e-12) print r, q[r], least
            }
        }')" ""
done
like "by: the header" "$(cat "$TMP/o")" '^# q: Benjamini-Yekutieli over 6 pairs$'
run --permute 99 --fdr bh --format json
is "JSON" "$(data json <"$TMP/o")" "pairs 6 keys 8 nulls 6"
like "JSON: the header" "$(cat "$TMP/o")" '"null":"permute, 99 draws","q":"Benjamini-Hochberg over 6 pairs",'

# Matrices.
run --permute 99 --fdr bh && cp "$TMP/o" "$TMP/all"
for what in p q; do
    iclab mi "$TMP/a.npy" --permute 99 --fdr bh --format npy --matrix "$what" | data values >"$TMP/m"
    column=$([ "$what" = p ] && echo 7 || echo 8)
    near "matrix of $what: 1,2" "$(sed -n 8p "$TMP/m")" "$(cell "$TMP/all" 4 "$column")" 1e-15
    is "matrix of $what: symmetric" "$(sed -n 11p "$TMP/m")" "$(sed -n 8p "$TMP/m")"
done

# What does not go together.
usage() # PATTERN OPTION...
{
    local pattern=$1
    shift
    fails "mi $*" 2 "$pattern" iclab mi "$TMP/a.npy" "$@"
}
usage '--null analytic: there is no formula for --estimator auto' --null analytic
usage '--null analytic draws nothing' --null analytic --estimator plugin --permute 9
usage '--null table: the null of --estimator ksg1 cannot be shared' --null table --permute 9 --estimator ksg1
usage '--null table: --permute M is missing' --null table
usage '--block: --null table holds for independent samples' --null table --permute 9 --block 4
usage '--stop: there is nothing to stop' --null table --permute 9 --stop 4
usage '--stop: --permute M is missing' --stop 4
usage '--fdr: there are no p-values' --fdr bh
usage '--matrix p: only --format npy' --matrix p --permute 9
usage '--matrix p: no p-values' --matrix p --format npy
usage '--matrix q: no q-values' --matrix q --format npy --permute 9
usage '.*a\.npy: 400 rows make 4 blocks of 100: at least 5' --permute 9 --block 100
done_testing
