# title: One gate for both neurons
# needs: tables/mi.tsv tables/correlation.tsv tables/law_curves.tsv
# claims: c06
# caption: MI of a pair behind one shared gate, by three estimators, with 95 % intervals. Line: H_b(keep) + keep × MI
# caption: before; dashed: MI before. The gate is information that the two share, so MI rises above its value before the
# caption: dropout. Last panel: the correlation over that before, which a shared gate leaves as it is; dashed: keep, as
# caption: behind independent gates.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

MI = word(NEEDS, 1)
CORR = word(NEEDS, 2)
THEORY = word(NEEDS, 3)
stats MI using (text("gate") eq "shared" ? noted(text("law")) : 1) nooutput
LAWS = ""
do for [L in "gauss bimodal discrete"] { if (seen(L)) { LAWS = LAWS." ".L } }
N = words(LAWS)
if (N == 0) { eval NO_ROWS }
is_law(i) = text("law") eq word(LAWS, i) && text("gate") eq "shared"
array EXACT[N]  # MI before
array BEFORE[N] # correlation before, measured
do for [i = 1:N] {
    stats THEORY using (is_law(i) && same(column("keep"), 1) ? (EXACT[i] = column("mi_law"), 1) : 1) nooutput
    stats CORR using (is_law(i) && same(column("keep"), 1) ? (BEFORE[i] = column("corr"), 1) : 1) nooutput
}

COLUMNS = 2
ROW = 290
GAP = .1
HEIGHT = ROW * rows(N + 1) + LEGEND
eval OPEN
set multiplot
set xrange [0:1.03]
set xtics .2
set xlabel "keep"
set ylabel "mutual information (nats)"
set yrange [0:1.05]
do for [i = 1:N] {
    eval place(i - 1)
    eval heading("MI, ".law_title(word(LAWS, i)))
    set arrow 1 from 0, EXACT[i] to 1.03, EXACT[i] nohead lw LINE dt "-" lc rgb GREY back
    plot sample [q = 0:1] "+" using (q):(gate_entropy(q) + q * EXACT[i]) with lines lw LINE lc rgb GREY, \
         for [E in DRAWN] MI using (when(is_law(i) && text("estimator") eq E, column("keep") + 1.4 * estimator_shift(E))) \
             :(column("mi")):(column("lo")):(column("hi")) with yerrorbars pt estimator_mark(E) lw THIN lc rgb law_color(word(LAWS, i))
}
unset arrow
eval place(N)
eval heading("correlation")
set ylabel "correlation after / before"
set yrange [0:1.15]
shift(i) = (i - (N + 1) / 2.) * .012
plot sample [q = 0:1] "+" using (q):(1) with lines lw LINE lc rgb GREY, \
     [q = 0:1] "+" using (q):(q) with lines lw LINE dt "-" lc rgb GREY, \
     for [i = 1:N] CORR using (when(is_law(i) && column("keep") < .999, column("keep") + shift(i))):(column("corr") / BEFORE[i]) \
         :(column("lo") / BEFORE[i]):(column("hi") / BEFORE[i]) with yerrorbars pt 7 lw THIN lc rgb law_color(word(LAWS, i))
eval legend(LEGEND)
plot NaN, keyentry with lines lw LINE lc rgb GREY title "law", keyentry with lines lw LINE dt "-" lc rgb GREY title "MI before; keep", \
     for [E in ESTIMATORS] keyentry with points pt estimator_mark(E) lc rgb GREY title estimator_title(E)
eval CLOSE
