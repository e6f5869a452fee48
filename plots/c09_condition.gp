# title: Condition number of the correlation matrix
# needs: tables/condition.tsv tables/eigenvalues.tsv
# claims: c09
# caption: Condition number against keep, with 95 % intervals. Line: the law (keep l_max + 1 - keep)/(keep l_min + 1 -
# caption: keep) with the eigenvalues before; dashed: its bound for any smallest eigenvalue, however near 0.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

CONDITION = word(NEEDS, 1)
EIGEN = word(NEEDS, 2)
stats CONDITION using (noted(text("source"))) nooutput
SOURCES = ""
do for [S in "normal8 fmnist-position-unitbn"] { if (seen(S)) { SOURCES = SOURCES." ".S } }
N = words(SOURCES)
if (N == 0) { eval NO_ROWS }
array LEAST[N]
array MOST[N]
do for [k = 1:N] {
    stats EIGEN using (text("source") eq word(SOURCES, k) && same(column("keep"), 1) ? column("eigenvalue") : NaN) name "L" nooutput
    LEAST[k] = L_min
    MOST[k] = L_max
}
law(q, k) = (q * MOST[k] + 1 - q) / (q * LEAST[k] + 1 - q)
bound(q, k) = (q * MOST[k] + 1 - q) / (1 - q)

COLUMNS = N
ROW = 370
GAP = .08
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
set logscale y
set yrange [1:300]
set xrange [0:1.03]
set xtics .2
set xlabel "keep"
do for [k = 1:N] {
    eval place(k - 1)
    eval heading(source_title(word(SOURCES, k)))
    if (k == 1) { set ylabel "condition number" } else { unset ylabel }
    plot sample [q = 0:.995] "+" using (q):(bound(q, k)) with lines lw LINE dt "-" lc rgb GREY, \
         [q = 0:1] "+" using (q):(law(q, k)) with lines lw LINE lc rgb GREY, \
         CONDITION using (when(text("source") eq word(SOURCES, k), column("keep"))):(column("condition")):(column("lo")):(column("hi")) \
             with yerrorbars pt 7 lw THIN lc rgb BLACK
}
eval legend(LEGEND)
plot NaN, keyentry with points pt 7 lc rgb BLACK title "measured", keyentry with lines lw LINE lc rgb GREY title "law", \
     keyentry with lines lw LINE dt "-" lc rgb GREY title "bound"
eval CLOSE
