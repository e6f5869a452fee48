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
ours(w, o) = text("law") eq "thread07-rates" && text("word") eq WORDS[w] && text("outcome") eq o
eval OPEN
set multiplot
eval place(0)
set logscale x
set xlabel "learning rate"
set ylabel "ln(largest / smallest sd)"
set xrange [RATE_min / 1.6:RATE_max * 1.6]
plot for [w = 1:3] RUNS using (when(ours(w, "finished"), column("rate") * (1 + .06 * (w - 2)))):(column("early_spread")) with points pt 6 lc rgb COLORS[w], \
     for [w = 1:3] RUNS using (when(ours(w, "diverged"), column("rate") * (1 + .06 * (w - 2)))):(column("early_spread")) with points pt 2 lw THIN lc rgb COLORS[w]
eval legend(LEGEND)
plot NaN, for [w = 1:3] keyentry with points pt 6 lc rgb COLORS[w] title TITLE[w], keyentry with points pt 2 lc rgb BLACK title "diverged"
eval CLOSE
