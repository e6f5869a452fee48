# title: Condition number of the input of the weights, by stage
# needs: tables/trained_condition.tsv
# claims: c11 c09
# caption: Condition number of the correlation matrix of 32 units of each stage of the trained net against keep, with 95 %
# caption: intervals; keep 1 is before the dropout, as at evaluation. Lines: the full formula of the correlation with the
# caption: correlations and means before. A drop of .05 already takes most of the ill conditioning of the last stage away.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

CONDITION = word(NEEDS, 1)
stage_of(s) = int(s[13:*])
stage_color(k) = k == 1 ? BLUE : k == 2 ? SKY : k == 3 ? GREEN : k == 4 ? ORANGE : k == 5 ? VERMILLION : GREY
is_stage(k) = text("panel") eq sprintf("trained-unit%d", k)
stats CONDITION using (noted(text("panel"))) nooutput
N = 0
do for [k = 1:8] { if (seen(sprintf("trained-unit%d", k))) { N = k } }
if (N == 0) { eval NO_ROWS }
HEIGHT = 400 + LEGEND
ROW = 400
eval OPEN
set multiplot
set logscale y
set xlabel "keep"
set ylabel "condition number"
set xrange [.4:1.03]
set xtics (".5" .5, ".8" .8, ".95" .95, "1" 1)
eval place(0)
plot for [k = 1:N] CONDITION using (when(is_stage(k), column("keep"))):(column("law")) with lines lw LINE lc rgb stage_color(k), \
     for [k = 1:N] CONDITION using (when(is_stage(k), column("keep"))):(column("condition")):(column("lo")):(column("hi")) \
         with yerrorbars pt 7 lw THIN lc rgb stage_color(k)
eval legend(LEGEND)
plot NaN, for [k = 1:N] keyentry with points pt 7 lc rgb stage_color(k) title sprintf("stage %d", k), \
     keyentry with lines lw LINE lc rgb GREY title "full formula"
eval CLOSE
