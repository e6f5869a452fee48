# title: Dropout straight after an atom at zero
# needs: tables/mi_ratio.tsv tables/law_curves.tsv
# claims: c05
# caption: MI after the dropout over keep² times that before, by three estimators, with 95 % intervals; lines: theory.
# caption: Without an atom at zero (ReLU, then BN) the ratio is 1; with one (ReLU, binary) it is below, the further the
# caption: smaller keep: keep² is an upper bound there, not the law.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

RATIO = word(NEEDS, 1)
THEORY = word(NEEDS, 2)
stats RATIO using (text("gate") eq "independent" ? noted(text("law")) : 1) nooutput
LAWS = ""
do for [L in "relubn relu binary"] { if (seen(L)) { LAWS = LAWS." ".L } }
N = words(LAWS)
if (N == 0) { eval NO_ROWS }
is_law(i) = text("law") eq word(LAWS, i) && text("gate") eq "independent"

# Points stand side by side, the closer the nearer to keep 1, where the keeps are close as well.
shift(i, E) = 1.1 * estimator_shift(E) + (word(LAWS, i) eq "relu" ? -.016 : word(LAWS, i) eq "binary" ? .016 : 0)

RIGHT = .97
ROW = 400
TOP = 15
LEGEND = 60
set pointsize .65
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
eval place(0)
set xrange [.05:1.03]
set yrange [0:1.3]
set xtics .1
set ytics .2
set xlabel "keep"
set ylabel "MI after / (keep² × MI before)"
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lw THIN dt "-" lc rgb GREY back
plot for [i = 1:N] THEORY using (when(is_law(i), column("keep"))):(column("mi_ratio_law") / column("keep")**2) \
         with lines lw LINE lc rgb law_color(word(LAWS, i)), \
     for [i = 1:N] for [E in DRAWN] RATIO using (when(is_law(i) && text("estimator") eq E && column("keep") < .999, \
         column("keep") + shift(i, E) * (1.1 - column("keep")))):(column("ratio") / column("keep")**2) \
         :(column("lo") / column("keep")**2):(column("hi") / column("keep")**2) \
         with yerrorbars pt estimator_mark(E) lw THIN lc rgb law_color(word(LAWS, i))
eval legend(LEGEND)
plot NaN, for [L in LAWS] keyentry with lines lw LINE lc rgb law_color(L) title "theory, ".law_title(L), \
     for [E in ESTIMATORS] keyentry with points pt estimator_mark(E) lc rgb GREY title estimator_title(E)
eval CLOSE
