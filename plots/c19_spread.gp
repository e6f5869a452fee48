# title: Spread of the sds early on, and divergence
# needs: tables/training_runs.tsv
# claims: c19
# caption: Each run at its learning rate: ln(largest / smallest sd) of the activations of the stages after two steps.
# caption: Crosses diverged later (nan or inf); a run that diverged before that step has no mark.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

RUNS = word(NEEDS, 1)
array WORDS[3] = ["none", "baseline", "ic"]
array TITLE[3] = ["no BN, no dropout", "conv, BN, ReLU", "IC"]
array COLORS[3] = [GREY, ORANGE, BLUE]
stats RUNS using (text("law") eq "thread07-rates" ? column("rate") : NaN) name "RATE" nooutput
if (!exists("RATE_records") || RATE_records == 0) { eval NO_ROWS }
ROW = 380
HEIGHT = ROW + LEGEND
ours(x) = text("law") eq "thread07-rates"
word_of(s) = s eq WORDS[1] ? 1 : s eq WORDS[2] ? 2 : 3
# All rows are drawn both ways, unseen where the outcome is another: no plot is without points.
hue_of(o) = text("outcome") eq o ? COLORS[word_of(text("word"))] : UNSEEN
beside(x) = when(ours(0), column("rate") * (1 + .06 * (word_of(text("word")) - 2)))
eval OPEN
set multiplot
eval place(0)
set logscale x
set xlabel "learning rate"
set ylabel "ln(largest / smallest sd)"
set xrange [RATE_min / 1.6:RATE_max * 1.6]
plot RUNS using (beside(0)):(column("early_spread")):(hue_of("finished")) with points pt 6 lc rgb variable, \
     RUNS using (beside(0)):(column("early_spread")):(hue_of("diverged")) with points pt 2 lw THIN lc rgb variable
eval legend(LEGEND)
plot NaN, for [w = 1:3] keyentry with points pt 6 lc rgb COLORS[w] title TITLE[w], keyentry with points pt 2 lc rgb BLACK title "diverged"
eval CLOSE
