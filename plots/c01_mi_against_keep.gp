# title: Mutual information behind independent gates
# needs: tables/mi.tsv tables/mi_ratio.tsv tables/law_curves.tsv
# claims: c01 c04
# caption: Mutual information of a pair of neurons against keep, by three estimators, with 95 % intervals. The grey line
# caption: is keep² times the exact value before the dropout. Each estimator has a bias of level of its own, at keep 1
# caption: as anywhere else; the claim is about the shape. Last panel: the same as a ratio to keep² times the estimate
# caption: before.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

MI = word(NEEDS, 1)
RATIO = word(NEEDS, 2)
CURVES = word(NEEDS, 3)
stats MI using (text("gate") eq "independent" ? noted(text("law")) : 1) nooutput
LAWS = ""
do for [L in "gauss student bimodal discrete relubn"] { if (seen(L)) { LAWS = LAWS." ".L } }
if (words(LAWS) == 0) { eval NO_ROWS }
is_law(L) = text("law") eq L && text("gate") eq "independent"

PANELS = words(LAWS) + 1
COLUMNS = PANELS < 3 ? PANELS : 3
HEIGHT = ROW * rows(PANELS) + LEGEND
eval OPEN
set multiplot
set xrange [0:1.05]
set yrange [-.01:*]
set xtics .2
set xlabel "keep"
do for [i = 0:words(LAWS) - 1] {
    L = word(LAWS, i + 1)
    eval place(i)
    eval heading(law_title(L))
    if (i % COLUMNS == 0) { set ylabel "mutual information (nats)" } else { unset ylabel }
    plot CURVES using (when(is_law(L), column("keep"))):(column("mi_law")) with lines lw LINE lc rgb GREY, \
         for [E in DRAWN] MI using (when(is_law(L) && text("estimator") eq E, column("keep") + estimator_shift(E))) \
             :(column("mi")):(column("lo")):(column("hi")) with yerrorbars pt estimator_mark(E) lw THIN lc rgb law_color(L)
}
eval place(PANELS - 1)
eval heading("ratio, decomposition")
set yrange [.75:1.25]
set ytics .1
set ylabel "MI / (keep² × MI before)"
set arrow 1 from 0, 1 to 1.05, 1 nohead lw LINE lc rgb GREY back
shift(i) = (i - words(LAWS) / 2.) * .008
plot for [i = 0:words(LAWS) - 1] RATIO using (when(is_law(word(LAWS, i + 1)) && text("estimator") eq "decomposition" && \
         column("keep") < .999, column("keep") + shift(i))):(column("ratio") / column("keep")**2) \
         :(column("lo") / column("keep")**2):(column("hi") / column("keep")**2) \
         with yerrorbars pt 7 ps .5 lw THIN lc rgb law_color(word(LAWS, i + 1))
eval legend(LEGEND)
plot NaN, keyentry with lines lw LINE lc rgb GREY title "keep² × MI before", \
     for [E in ESTIMATORS] keyentry with points pt estimator_mark(E) lc rgb GREY title estimator_title(E)
eval CLOSE
