# title: Batch norm, dropout, both, neither
# needs: tables/synergy.tsv tables/synergy_runs.tsv
# claims: -
# caption: Left: validation accuracy after the last epoch, every seed (open) and the mean with its 95 % interval (Student's
# caption: t). Right: the difference to the first, paired by seed, mean and 95 % interval.
# caption: All behind the ReLU, drop .05. Without BN the rate is a constant .4, with it .6 to 2 to .1, as in the thread: a
# caption: part of what BN gains is that rate.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

TABLE = word(NEEDS, 1)
RUNS = word(NEEDS, 2)
eval arms(TABLE)
eval about(TABLE)
place_title(s) = s eq "batch norm" ? "batch\nnorm" : s

COLUMNS = 2
ROW = 380
GAP = .09
LEGEND = 4
HEIGHT = HEAD + ROW + LEGEND
eval OPEN
set multiplot
eval set_arms("place_title")
set ylabel "validation accuracy (%)"
eval ABOVE
eval place(0)
eval heading("after the last epoch: seeds and mean")
eval seeds_and_means
eval BELOW
eval place(1)
eval heading("above neither, paired by seed")
set ylabel "difference (points)"
eval differences
eval CLOSE
