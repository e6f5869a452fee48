# title: XResNet: naive and full conversion to IC
# needs: tables/xresnet_conversion.tsv tables/xresnet_conversion_runs.tsv
# claims: -
# caption: Left: validation accuracy after the last epoch, every seed (open) and the mean with its 95 % interval (Student's
# caption: t). Right: the difference to the first, paired by seed, mean and 95 % interval.
# caption: Naive: every conv layer swapped where it stands, so that the first stage acts on the image and nothing is behind
# caption: the last conv. Full: stem, blocks and head converted too. Drop .05.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

TABLE = word(NEEDS, 1)
RUNS = word(NEEDS, 2)
eval arms(TABLE)
eval about(TABLE)
place_title(s) = s eq "baseline" ? "baseline\n(conv-BN-ReLU)" : s."\nconversion"

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
eval heading("above the baseline, paired by seed")
set ylabel "difference (points)"
eval differences
eval CLOSE
