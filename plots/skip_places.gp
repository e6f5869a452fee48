# title: Four places of the shortcut
# needs: tables/skip_places.tsv tables/skip_places_runs.tsv
# claims: -
# caption: Left: validation accuracy after the last epoch, every seed (open) and the mean with its 95 % interval (Student's
# caption: t). Right: the difference to the first, paired by seed, mean and 95 % interval.
# caption: The shortcut of a residual block sets out from the output of a conv, from behind the ReLU, from between BN
# caption: and dropout, or from behind the IC layer.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

TABLE = word(NEEDS, 1)
RUNS = word(NEEDS, 2)
eval arms(TABLE)
eval about(TABLE)
place_title(s) = s eq "conv" ? "conv\noutput" : s eq "relu" ? "behind\nReLU" : s eq "between" ? "BN |\ndropout" : "behind\nIC"

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
eval heading("above the conv output, paired by seed")
set ylabel "difference (points)"
eval differences
eval CLOSE
