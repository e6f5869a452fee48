# title: Fitted exponents of keep
# needs: tables/exponent.tsv
# claims: c01 c04 c05
# caption: Exponent b of the fit I = I₀ keep^b, with its 95 % interval, by law and estimator; right: the surroundings of
# caption: 2, with the tolerance of the claim shaded. Without an atom at zero the law is 2; dropout straight after an
# caption: atom (ReLU, binary) leaves it, and BN between the two brings it back.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

FIT = word(NEEDS, 1)
stats FIT using (text("gate") eq "independent" ? noted(text("law")) : 1) nooutput
LAWS = ""
do for [L in "gauss student bimodal discrete relubn relu binary"] { if (seen(L)) { LAWS = LAWS." ".L } }
N = words(LAWS)
if (N == 0) { eval NO_ROWS }
# Laws from the top down, estimators within.
place_of(L) = sum [i = 1:N] (word(LAWS, i) eq L ? N - i : 0)
below(E) = E eq "decomposition" ? .25 : E eq "plugin" ? 0 : -.25
array FAR[N]
do for [i = 1:N] {
    FAR[i] = 0
    stats FIT using (text("gate") eq "independent" && text("law") eq word(LAWS, i) && column("exponent_lo") > 2.12 ? (FAR[i] = 1) : 1) nooutput
}
listed(L) = strstrt(LAWS." ", " ".L." ") > 0

COLUMNS = 2
LEFT = .16
RIGHT = .97
GAP = .05
TOP = 30
ROW = TOP + BOTTOM + 45 * N
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
set yrange [-.5:N - .5]
set grid noy
set xlabel "exponent b"
do for [i = 1:N - 1] { set arrow from graph 0, first i - .5 to graph 1, first i - .5 nohead lw .7 lc rgb PALE back }
set arrow from 2, graph 0 to 2, graph 1 nohead lw LINE lc rgb GREY back
do for [k = 0:1] {
    eval place(k)
    set ytics scale 0 ()
    do for [i = 1:N] { set ytics add (k == 0 ? law_title(word(LAWS, i)) : "" N - i) }
    if (k == 0) {
        eval heading("all")
        set xrange [1.8:*]
    } else {
        eval heading("near 2, tolerance shaded")
        set xrange [1.88:2.12]
        set xtics 1.88, .06, 2.12
        set object 1 rectangle from 1.94, graph 0 to 2.06, graph 1 fc rgb SHADE fs solid noborder behind
    }
    do for [i = 1:N] {
        if (k == 1 && FAR[i]) { set label i "beyond →" at graph .98, first N - i right font ",".SMALL tc rgb law_color(word(LAWS, i)) }
    }
    plot for [E in ESTIMATORS] FIT using (when(text("gate") eq "independent" && text("estimator") eq E && listed(text("law")), \
             column("exponent"))):(place_of(text("law")) + below(E)):(column("exponent_lo")):(column("exponent_hi")) \
             :(law_color(text("law"))) with xerrorbars pt estimator_mark(E) lw LINE lc rgb variable
}
eval legend(LEGEND)
plot NaN, keyentry with lines lw LINE lc rgb GREY title "law: 2", \
     for [E in ESTIMATORS] keyentry with points pt estimator_mark(E) lc rgb GREY title estimator_title(E)
eval CLOSE
