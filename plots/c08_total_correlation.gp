# title: Total correlation of three neurons
# needs: tables/total_correlation.tsv
# claims: c08
# caption: Total correlation of three correlated normals behind independent gates, by three estimators, with 95 %
# caption: intervals. Line: the exact average over the subsets that survive. Right: over the law, each estimator
# caption: relative to its own value before the dropout, so that a bias in proportion drops out.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

TOTAL = word(NEEDS, 1)
is_row(E) = text("estimator") eq E
array BEFORE[3]
EXACT = NaN
do for [k = 1:3] {
    BEFORE[k] = NaN
    stats TOTAL using (is_row(word(ESTIMATORS, k)) && same(column("keep"), 1) ? (BEFORE[k] = column("total"), EXACT = column("total_law"), 1) : 1) nooutput
}
scale(k) = column("total_law") / EXACT * BEFORE[k]

COLUMNS = 2
ROW = 370
GAP = .1
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
set xrange [0:1.03]
set xtics .2
set xlabel "keep"
eval place(0)
eval heading("total correlation")
set yrange [0:*]
set ylabel "total correlation (nats)"
plot TOTAL using (when(is_row("decomposition"), column("keep"))):(column("total_law")) smooth csplines with lines lw LINE lc rgb GREY, \
     for [E in DRAWN] TOTAL using (when(is_row(E), column("keep") + estimator_shift(E))):(column("total")):(column("lo")):(column("hi")) \
         with yerrorbars pt estimator_mark(E) lw THIN lc rgb BLACK
eval place(1)
eval heading("relative to the law")
set yrange [.7:1.3]
set ylabel "(after / before) / law"
plot 1 with lines lw LINE lc rgb GREY, \
     for [k = 1:3] TOTAL using (when(is_row(word(ESTIMATORS, k)) && column("keep") < .999, column("keep") + estimator_shift(word(ESTIMATORS, k)))) \
         :(column("total") / scale(k)):(column("lo") / scale(k)):(column("hi") / scale(k)) \
         with yerrorbars pt estimator_mark(word(ESTIMATORS, k)) lw THIN lc rgb BLACK
eval legend(LEGEND)
plot NaN, keyentry with lines lw LINE lc rgb GREY title "law", \
     for [E in ESTIMATORS] keyentry with points pt estimator_mark(E) lc rgb BLACK title estimator_title(E)
eval CLOSE
