# title: Accuracy by epoch of five orders
# needs: tables/thread_comparison.tsv tables/thread_comparison_curves.tsv tables/thread_comparison_runs.tsv
# claims: -
# caption: Validation accuracy of the thread's net. Left: by epoch, the median over the seeds, and their range for conv-BN-ReLU
# caption: and IC. Right: after the last epoch, every seed (open) and the mean with its 95 % interval (Student's t). The orders without BN are
# caption: trained at a constant rate of .4, the others at .6 to 2 to .1, as in the thread.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

TABLE = word(NEEDS, 1)
CURVES = word(NEEDS, 2)
RUNS = word(NEEDS, 3)
eval arms(TABLE)
eval about(TABLE)
short_title(s) = s eq "conv-bn-relu" ? "conv-BN\nReLU" : s eq "ic" ? "IC" : s eq "bn-after" ? "ReLU\nBN" : s eq "drop-only" ? "ReLU\ndropout" : "ReLU"

COLUMNS = 2
ROW = 390
GAP = .07
LEGEND = 46
HEIGHT = HEAD + ROW + LEGEND
eval OPEN
set multiplot
set ylabel "validation accuracy (%)"
set xlabel "epoch"
set xrange [.8:EPOCHS + .2]
TIC = EPOCHS > 10 ? 10 : 1
set xtics TIC
eval ABOVE
eval place(0)
eval heading("by epoch: median; range of two orders")
BANDS = "conv-bn-relu ic"
eval by_epoch("valid_accuracy")
eval BELOW
eval place(1)
eval heading("after the last epoch")
unset ylabel
eval set_arms("short_title")
eval seeds_and_means
eval legend(LEGEND)
plot NaN, for [i = 1:N] keyentry with lines lw 2 * LINE lc rgb arm_color(ARM[i]) title arm_title(ARM[i])
eval CLOSE
