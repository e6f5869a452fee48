# title: Accuracy against epoch of a ResNet
# needs: tables/curves.tsv tables/curves_curves.tsv
# claims: -
# caption: ResNet with conv-BN-ReLU blocks and with IC layers (drop .05), the median over the seeds and their range. Training
# caption: accuracy is that of the trained network on training images, gates open, not the one met while learning.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

TABLE = word(NEEDS, 1)
CURVES = word(NEEDS, 2)
eval arms(TABLE)
eval about(TABLE)

COLUMNS = 2
ROW = 380
GAP = .07
HEIGHT = HEAD + ROW + LEGEND
eval OPEN
set multiplot
set ylabel "accuracy (%)"
set xlabel "epoch"
set xrange [(EPOCHS > 20 ? 0 : .8):EPOCHS + .2]
TIC = EPOCHS > 100 ? 50 : EPOCHS > 20 ? 10 : 1
set xtics TIC
stats CURVES using (100 * column("valid_accuracy_lowest")) name "A" nooutput
stats CURVES using (100 * column("open_accuracy_lowest")) name "B" nooutput
stats CURVES using (100 * column("valid_accuracy_highest")) name "C" nooutput
stats CURVES using (100 * column("open_accuracy_highest")) name "D" nooutput
LOW = A_min < B_min ? A_min : B_min
HIGH = C_max > D_max ? C_max : D_max
set yrange [LOW - .03 * (HIGH - LOW) - .1:HIGH + .03 * (HIGH - LOW) + .1]
eval ABOVE
eval place(0)
eval heading("validation images: median and range")
eval by_epoch("valid_accuracy")
eval BELOW
eval place(1)
eval heading("training images, gates open")
unset ylabel
eval by_epoch("open_accuracy")
eval legend(LEGEND)
plot NaN, for [i = 1:N] keyentry with lines lw 2 * LINE lc rgb arm_color(ARM[i]) title arm_title(ARM[i])
eval CLOSE
