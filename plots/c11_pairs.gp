# title: Pairs of units of a trained network
# needs: tables/trained_pairs.tsv
# claims: c11
# caption: Mutual information of every pair of 32 units behind gates of keep .5 against that before (decomposition), for the
# caption: first and the last stage of the trained net. Line: the quadratic law, a quarter. Estimates of single pairs
# caption: scatter about it, below zero too where there is little to find.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

PAIRS = word(NEEDS, 1)
stats PAIRS using (noted(text("panel"))) nooutput
LAST = 0
do for [k = 1:8] { if (seen(sprintf("trained-unit%d", k))) { LAST = k } }
if (LAST == 0) { eval NO_ROWS }
array STAGE[2] = [1, LAST]
N = LAST > 1 ? 2 : 1
COLUMNS = N
ROW = 380
GAP = .08
HEIGHT = ROW + LEGEND
ours(k) = text("panel") eq sprintf("trained-unit%d", STAGE[k]) && text("estimator") eq "decomposition" && same(column("keep"), .5)
eval OPEN
set multiplot
set xlabel "MI before, nats"
do for [k = 1:N] {
    eval place(k - 1)
    eval heading(sprintf("stage %d", STAGE[k]))
    if (k == 1) { set ylabel "MI at keep .5, nats" } else { unset ylabel }
    set xrange [*:*]
    plot PAIRS using (when(ours(k), column("mi_before"))):(column("mi_after")) with points pt 6 ps .5 lc rgb BLUE, \
         PAIRS using (when(ours(k), column("mi_before"))):(column("mi_before") / 4) with lines lw LINE lc rgb GREY
}
eval legend(LEGEND)
plot NaN, keyentry with points pt 6 lc rgb BLUE title "a pair", keyentry with lines lw LINE lc rgb GREY title "keep² times that before"
eval CLOSE
