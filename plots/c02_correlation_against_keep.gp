# title: Correlation behind independent gates
# needs: tables/correlation.tsv tables/law_curves.tsv
# claims: c02 c04
# caption: Left: Pearson correlation against keep, with 95 % intervals; the lines are theory's, means included; dashed:
# caption: keep times the correlation before, where theory differs from it (for ReLU it is the line of ReLU, then BN).
# caption: Right: the same over keep times the correlation before. Laws of mean 0 stay at 1 (BN puts ReLU there); ReLU
# caption: and binary neurons, whose means are not 0, fall below.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

CORR = word(NEEDS, 1)
THEORY = word(NEEDS, 2)
stats CORR using (text("gate") eq "independent" ? noted(text("law")) : 1) nooutput
LAWS = ""
do for [L in "gauss student bimodal discrete relubn relu binary"] { if (seen(L)) { LAWS = LAWS." ".L } }
N = words(LAWS)
if (N == 0) { eval NO_ROWS }
is_law(i) = text("law") eq word(LAWS, i) && text("gate") eq "independent"
mean_zero(i) = strstrt(" relu binary ", " ".word(LAWS, i)." ") == 0
array BEFORE[N] # measured
array EXACT[N]
do for [i = 1:N] {
    stats CORR using (is_law(i) && same(column("keep"), 1) ? (BEFORE[i] = column("corr"), EXACT[i] = column("corr_law"), 1) : 1) nooutput
}

COLUMNS = 2
ROW = 400
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
plot for [i = 1:N] THEORY using (when(is_law(i), column("keep"))):(column("keep") * EXACT[i]) \
         with lines lw THIN dt "-" lc rgb law_color(word(LAWS, i)), \
     for [i = 1:N] THEORY using (when(is_law(i), column("keep"))):(column("corr_law")) with lines lw THIN lc rgb law_color(word(LAWS, i)), \
     for [i = 1:N] CORR using (when(is_law(i), column("keep"))):(column("corr")):(column("lo")):(column("hi")) \
         with yerrorbars pt 7 lw THIN lc rgb law_color(word(LAWS, i))
eval place(1)
eval heading("relative to keep × correlation before")
set yrange [.4:1.15]
set ylabel "ratio"
# Points that would lie upon one another, at 1, stand side by side.
shift(i) = mean_zero(i) ? (i - 3) * .007 : 0
plot for [i = 1:N] THEORY using (when(is_law(i), column("keep"))):(column("corr_law") / (column("keep") * EXACT[i])) \
         with lines lw THIN lc rgb law_color(word(LAWS, i)), \
     for [i = 1:N] CORR using (when(is_law(i) && column("keep") < .999, column("keep") + shift(i))):(column("corr") / (column("keep") * BEFORE[i])) \
         :(column("lo") / (column("keep") * BEFORE[i])):(column("hi") / (column("keep") * BEFORE[i])) \
         with yerrorbars pt 7 ps .6 lw THIN lc rgb law_color(word(LAWS, i))
eval legend(LEGEND)
plot NaN, for [L in LAWS] keyentry with linespoints pt 7 lw THIN lc rgb law_color(L) title law_title(L), \
     keyentry with lines lw THIN dt "-" lc rgb GREY title "keep × before"
eval CLOSE
