# title: The laws on units of a trained network
# needs: tables/trained_means.tsv
# claims: c11
# caption: All pairs of 32 units of each stage of the thread's IC net, behind gates drawn anew, with 95 % intervals.
# caption: Left: mutual information over keep² times that before (decomposition). Middle: correlations against keep times
# caption: those before: they lie below the line where channel BN leaves units with a mean of their own. Right: against the
# caption: full formula with the measured means. 1 is the law. Points of the stages stand side by side.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

MEANS = word(NEEDS, 1)
stage_of(s) = int(s[13:*])
stage_color(k) = k == 1 ? BLUE : k == 2 ? SKY : k == 3 ? GREEN : k == 4 ? ORANGE : k == 5 ? VERMILLION : GREY
is_stage(k) = text("panel") eq sprintf("trained-unit%d", k)
stats MEANS using (noted(text("panel"))) nooutput
N = 0
do for [k = 1:8] { if (seen(sprintf("trained-unit%d", k))) { N = k } }
if (N == 0) { eval NO_ROWS }
array QUANTITY[3] = ["mi-ratio", "slope", "formula-slope"]
array TITLE[3] = ["mutual information / (keep² I)", "correlation / (keep ρ)", "correlation / full formula"]
COLUMNS = 3
ROW = 330
GAP = .06
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
set xlabel "keep"
set xrange [.4:1.02]
set yrange [.85:1.05]
set xtics (".5" .5, ".8" .8, ".95" .95)
ours(j, k) = is_stage(k) && text("quantity") eq QUANTITY[j] && (text("estimator") eq "decomposition" || text("estimator") eq "pearson")
do for [j = 1:3] {
    eval place(j - 1)
    eval heading(TITLE[j])
    set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lc rgb GREY lw LINE
    plot for [k = 1:N] MEANS using (when(ours(j, k), column("keep") + .012 * (k - (N + 1) / 2.))):(column("estimate")):(column("lo")):(column("hi")) \
        with yerrorbars pt 7 lw THIN lc rgb stage_color(k)
}
eval legend(LEGEND)
plot NaN, for [k = 1:N] keyentry with points pt 7 lc rgb stage_color(k) title sprintf("stage %d", k), \
     keyentry with lines lw LINE lc rgb GREY title "law"
eval CLOSE
