# title: Multiplicative Gaussian noise
# needs: tables/correlation.tsv tables/mi_ratio.tsv
# claims: c07
# caption: A Gaussian pair behind multiplicative noise of variance (1 - keep)/keep, 95 % intervals. Left: the
# caption: correlation follows keep times that before, as behind gates. Right: MI over keep² times that before, for
# caption: noise (open) and for independent gates (filled): gates stay at 1, noise does not, least of all at small keep.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

CORR = word(NEEDS, 1)
RATIO = word(NEEDS, 2)
stats RATIO using (text("gate") eq "gaussian" ? noted(text("law")) : 1) nooutput
if (SEEN eq " ") { eval NO_ROWS }
L = word(SEEN, 1)
is_gate(s) = text("law") eq L && text("gate") eq s
stats RATIO using (text("law") eq L ? noted(text("gate")) : 1) nooutput
GATES = seen("independent") ? "independent gaussian" : "gaussian"
BEFORE = NaN
stats CORR using (is_gate("gaussian") && same(column("keep"), 1) ? (BEFORE = column("corr_law"), 1) : 1) nooutput

COLUMNS = 2
ROW = 370
GAP = .1
LEGEND = 60
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
set xrange [0:1.03]
set xtics .2
set xlabel "keep"
eval place(0)
eval heading("correlation")
set yrange [0:*]
set ylabel "Pearson correlation"
plot sample [q = 0:1] "+" using (q):(q * BEFORE) with lines lw LINE lc rgb GREY, \
     CORR using (when(is_gate("gaussian"), column("keep"))):(column("corr")):(column("lo")):(column("hi")) \
         with yerrorbars pt 6 lw LINE lc rgb BLACK
eval place(1)
eval heading("mutual information")
set logscale y
set yrange [.7:8]
set ytics (".7" .7, "1" 1, "1.5" 1.5, "2" 2, "3" 3, "5" 5, "8" 8)
set xrange [.05:1.03]
set ylabel "MI after / (keep² × MI before)"
shift(G, E) = estimator_shift(E) + (G eq "gaussian" ? -.012 : .012) * (1 - column("keep"))
plot sample [q = 0:1.03] "+" using (q):(1) with lines lw LINE lc rgb GREY, \
     for [G in GATES] for [E in DRAWN] \
         RATIO using (when(is_gate(G) && text("estimator") eq E && column("keep") < .999, column("keep") + shift(G, E))) \
         :(column("ratio") / column("keep")**2):(column("lo") / column("keep")**2):(column("hi") / column("keep")**2) \
         with yerrorbars pt (G eq "gaussian" ? estimator_open_mark(E) : estimator_mark(E)) lw THIN lc rgb (G eq "gaussian" ? BLACK : law_color(L))
eval legend(LEGEND)
plot NaN, keyentry with lines lw LINE lc rgb GREY title "keep; keep²", \
     for [E in ESTIMATORS] keyentry with points pt estimator_open_mark(E) lc rgb BLACK title "noise, ".estimator_title(E), \
     for [G in (seen("independent") ? "gates" : "")] for [E in ESTIMATORS] keyentry with points pt estimator_mark(E) lc rgb law_color(L) title G.", ".estimator_title(E)
eval CLOSE
