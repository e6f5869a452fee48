# title: MI of real pairs after against before
# needs: tables/fmnist_pairs.tsv
# claims: c01 c05
# caption: Mutual information of pairs on Fashion-MNIST after the dropout against before, by the decomposition, at three
# caption: keeps: units (dots) and channels (open circles). Lines: keep² times MI before. With BN between ReLU and
# caption: dropout the pairs lie on the lines; with dropout straight after ReLU they lie below. Pairs that are estimated
# caption: at 0 or below have no place on these scales.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

PAIRS = word(NEEDS, 1)
stats PAIRS using (noted(text("panel"))) nooutput
SIDES = ""
do for [S in "bn relu"] { if (seen("fmnist-position-".S) || seen("fmnist-channel-".S)) { SIDES = SIDES." ".S } }
N = words(SIDES)
if (N == 0) { eval NO_ROWS }
KEEPS = ".95 .8 .5"
KINDS = ""
do for [K in "position channel"] { do for [S in SIDES] { if (seen("fmnist-".K."-".S) && strstrt(KINDS, K) == 0) { KINDS = KINDS." ".K } } }
is_row(K, S, q) = text("panel") eq "fmnist-".K."-".S && same(column("keep"), real(q)) && text("estimator") eq "decomposition"

COLUMNS = 2
ROW = 400
GAP = .1
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
set logscale xy
set xrange [.003:1.5]
set yrange [.0007:1.5]
set xlabel "MI before (nats)"
set ylabel "MI after (nats)"
do for [k = 1:N] {
    S = word(SIDES, k)
    eval place(k - 1)
    if (k > 1) { unset ylabel }
    eval heading(S eq "bn" ? "ReLU, BN, dropout" : "ReLU, dropout")
    plot for [K in KINDS] for [q in KEEPS] PAIRS using (when(is_row(K, S, q), column("mi_before"))):(column("mi_after")) \
             with points pt (K eq "channel" ? 6 : 7) ps (K eq "channel" ? .7 : .25) lw THIN lc rgb keep_color(real(q)), \
         for [q in KEEPS] real(q)**2 * x with lines lw THIN lc rgb BLACK
}
eval legend(LEGEND)
plot NaN, for [q in KEEPS] keyentry with points pt 7 lc rgb keep_color(real(q)) title "keep ".q, \
     for [K in KINDS] keyentry with points pt (K eq "channel" ? 6 : 7) ps (K eq "channel" ? .7 : .4) lc rgb GREY title K eq "channel" ? "channels" : "units", \
     keyentry with lines lw THIN lc rgb BLACK title "keep² × MI before"
eval CLOSE
