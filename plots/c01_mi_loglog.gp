# title: The exponent of keep, on logarithmic scales
# needs: tables/exponent_curve.tsv tables/exponent.tsv tables/mi.tsv tables/law_curves.tsv
# claims: c01
# caption: Above: mutual information against keep on logarithmic scales, with 95 % intervals, and the fit I = I₀ keep^b
# caption: with its 95 % band (fitted on the linear scale, with the covariance of the points). Dashed: the law, keep²
# caption: times the exact value. Below: the same over the law; a level that is off by the bias of its estimator moves
# caption: the points up or down, an exponent that is not 2 tilts the line.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

CURVE = word(NEEDS, 1)
FIT = word(NEEDS, 2)
MI = word(NEEDS, 3)
THEORY = word(NEEDS, 4)
stats CURVE using (text("gate") eq "independent" ? noted(text("law")) : 1) nooutput
L = ""
do for [CANDIDATE in "relubn discrete bimodal student gauss"] { if (seen(CANDIDATE)) { L = CANDIDATE } }
if (L eq "") { eval NO_ROWS }
is_law(s) = text("law") eq s && text("gate") eq "independent"
is_row(E) = is_law(L) && text("estimator") eq E

# The exponent with its interval, as text; the exact value before.
array B[3]
array LO[3]
array HI[3]
do for [k = 1:3] {
    stats FIT using (is_row(word(ESTIMATORS, k)) ? (B[k] = column("exponent"), LO[k] = column("exponent_lo"), \
        HI[k] = column("exponent_hi"), 1) : 1) nooutput
}
BEFORE = NaN
stats THEORY using (is_law(L) && same(column("keep"), 1) ? (BEFORE = column("mi_law"), 1) : 1) nooutput
law(q) = q * q * BEFORE

COLUMNS = 3
GAP = .035
ROW = 300
HEIGHT = 300 + 210 + LEGEND
stats CURVE using (is_row("decomposition") && column("fit") > 0 ? column("fit") : NaN) name "FIT" nooutput
eval OPEN
set multiplot
set logscale x
set xrange [.09:1.12]
set xtics (".1" .1, ".2" .2, ".3" .3, ".5" .5, ".7" .7, "1" 1)
BOTTOM = 30
set logscale y
set yrange [FIT_min / 2.2:FIT_max * 1.5]
do for [k = 1:3] {
    E = word(ESTIMATORS, k)
    eval place(k - 1)
    eval heading(estimator_title(E))
    set label 1 sprintf("b = %.3f", B[k]) at graph .06, graph .93
    set label 2 sprintf("[%.3f, %.3f]", LO[k], HI[k]) at graph .06, graph .85
    if (k == 1) { set ylabel "mutual information (nats)" } else { unset ylabel; set format y "" }
    plot CURVE using (when(is_row(E), column("keep"))):(column("fit_lo")):(column("fit_hi")) \
             with filledcurves lc rgb law_color(L) fs solid .25 noborder, \
         CURVE using (when(is_row(E), column("keep"))):(column("fit")) with lines lw THIN lc rgb law_color(L), \
         THEORY using (when(is_law(L), column("keep"))):(column("mi_law")) with lines lw LINE dt "-" lc rgb GREY, \
         MI using (when(is_row(E) && column("mi") > 0, column("keep"))):(column("mi")):(column("lo")):(column("hi")) \
             with yerrorbars pt estimator_mark(E) lw THIN lc rgb law_color(L)
}
unset label
unset logscale y
set format y '%g'
set yrange [.8:1.2]
set ytics .1
set xlabel "keep"
ROW = 210
TOP = 5
BOTTOM = 48
row_top(i) = HEIGHT - 300
do for [k = 1:3] {
    E = word(ESTIMATORS, k)
    eval place(k - 1)
    if (k == 1) { set ylabel "over the law" } else { unset ylabel; set format y "" }
    plot CURVE using (when(is_row(E), column("keep"))):(column("fit_lo") / law(column("keep"))):(column("fit_hi") / law(column("keep"))) \
             with filledcurves lc rgb law_color(L) fs solid .25 noborder, \
         CURVE using (when(is_row(E), column("keep"))):(column("fit") / law(column("keep"))) with lines lw THIN lc rgb law_color(L), \
         1 with lines lw LINE dt "-" lc rgb GREY, \
         MI using (when(is_row(E), column("keep"))):(column("mi") / law(column("keep"))) \
             :(column("lo") / law(column("keep"))):(column("hi") / law(column("keep"))) \
             with yerrorbars pt estimator_mark(E) lw THIN lc rgb law_color(L)
}
eval legend(LEGEND)
plot NaN, keyentry with lines lw LINE dt "-" lc rgb GREY title "law: keep² × exact MI, ".law_title(L), \
     keyentry with filledcurves lc rgb law_color(L) fs solid .25 noborder title "fit I₀ keep^b and its 95 % band"
eval CLOSE
