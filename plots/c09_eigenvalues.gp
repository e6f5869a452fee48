# title: Eigenvalues of the correlation matrix
# needs: tables/eigenvalues.tsv
# claims: c09
# caption: Eigenvalues of the correlation matrix by rank, before (keep 1) and after independent gates and
# caption: re-standardising, with 95 % intervals. Lines: keep × eigenvalue before + 1 - keep. Dropout draws the spectrum
# caption: towards 1 and lifts its small end most.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

EIGEN = word(NEEDS, 1)
stats EIGEN using (noted(text("source"))) nooutput
SOURCES = ""
do for [S in "normal8 fmnist-position-unitbn"] { if (seen(S)) { SOURCES = SOURCES." ".S } }
N = words(SOURCES)
if (N == 0) { eval NO_ROWS }
KEEPS = "1 .95 .8 .5"
is_row(S, q) = text("source") eq S && same(column("keep"), real(q))

COLUMNS = N
ROW = 400
GAP = .08
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
set logscale y
set xlabel "rank"
set xrange [.5:*]
do for [k = 1:N] {
    S = word(SOURCES, k)
    stats EIGEN using (text("source") eq S ? column("rank") : NaN) name "RANK" nooutput
    set xrange [.5:RANK_max + .5]
    if (RANK_max > 12) { set xtics 4, 4 } else { set xtics 1, 1 }
    eval place(k - 1)
    eval heading(source_title(S))
    if (k == 1) { set ylabel "eigenvalue" } else { unset ylabel }
    plot for [q in KEEPS] EIGEN using (when(is_row(S, q), column("rank"))):(column("eigenvalue_law")) with lines lw THIN lc rgb keep_color(real(q)), \
         for [q in KEEPS] EIGEN using (when(is_row(S, q), column("rank"))):(column("eigenvalue")):(column("lo")):(column("hi")) \
             with yerrorbars pt keep_mark(real(q)) ps .7 lw THIN lc rgb keep_color(real(q))
}
eval legend(LEGEND)
plot NaN, for [q in KEEPS] keyentry with linespoints pt keep_mark(real(q)) lw THIN lc rgb keep_color(real(q)) \
     title q eq "1" ? "before" : "keep ".q
eval CLOSE
