# title: What batch norm between ReLU and dropout does
# needs: tables/mi_ratio.tsv tables/correlation.tsv tables/law_curves.tsv
# claims: c04
# caption: The same ReLU pair with dropout straight after it, and with batch norm between. Left: MI over that before the
# caption: dropout (decomposition). Right: correlation over that before. 95 % intervals; lines: theory. With BN the
# caption: factors are keep² and keep, because the atom is moved away from zero and the means are 0; without it both are
# caption: smaller.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

RATIO = word(NEEDS, 1)
CORR = word(NEEDS, 2)
THEORY = word(NEEDS, 3)
stats RATIO using (text("gate") eq "independent" ? noted(text("law")) : 1) nooutput
LAWS = ""
do for [L in "relubn relu"] { if (seen(L)) { LAWS = LAWS." ".L } }
N = words(LAWS)
if (N == 0) { eval NO_ROWS }
is_law(i) = text("law") eq word(LAWS, i) && text("gate") eq "independent"
array BEFORE[N] # measured
array EXACT[N]
do for [i = 1:N] {
    stats CORR using (is_law(i) && same(column("keep"), 1) ? (BEFORE[i] = column("corr"), EXACT[i] = column("corr_law"), 1) : 1) nooutput
}

COLUMNS = 2
ROW = 360
GAP = .1
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
set xrange [0:1.03]
set yrange [0:1.03]
set xtics .2
set ytics .2
set xlabel "keep"
eval place(0)
eval heading("mutual information")
set ylabel "MI after / MI before"
plot for [i = 1:N] THEORY using (when(is_law(i), column("keep"))):(column("mi_ratio_law")) with lines lw LINE lc rgb law_color(word(LAWS, i)), \
     for [i = 1:N] RATIO using (when(is_law(i) && text("estimator") eq "decomposition" && column("keep") < .999, column("keep"))) \
         :(column("ratio")):(column("lo")):(column("hi")) with yerrorbars pt 7 lw THIN lc rgb law_color(word(LAWS, i))
eval place(1)
eval heading("correlation")
set ylabel "correlation after / before"
plot for [i = 1:N] THEORY using (when(is_law(i), column("keep"))):(column("corr_law") / EXACT[i]) with lines lw LINE lc rgb law_color(word(LAWS, i)), \
     for [i = 1:N] CORR using (when(is_law(i) && column("keep") < .999, column("keep"))):(column("corr") / BEFORE[i]) \
         :(column("lo") / BEFORE[i]):(column("hi") / BEFORE[i]) with yerrorbars pt 7 lw THIN lc rgb law_color(word(LAWS, i))
eval legend(LEGEND)
plot NaN, for [L in LAWS] keyentry with linespoints pt 7 lw LINE lc rgb law_color(L) \
     title L eq "relu" ? "ReLU, dropout" : "ReLU, BN, dropout: keep² and keep"
eval CLOSE
