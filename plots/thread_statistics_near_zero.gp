# title: Share of activations near zero by layer
# needs: tables/thread_statistics_layers.tsv tables/thread_statistics.tsv
# claims: -
# caption: Share of the activations behind the nonlinearity that lie near zero (within [-.35, .70); GeneralReLU puts silent
# caption: units at -.4, which is outside), by step of the training. Seed 1.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

T = word(NEEDS, 1)
eval about(word(NEEDS, 2))
stats T using (column("step")) name "STEP" nooutput
stats T using (int(text("stage")[6:*])) name "STAGE" nooutput
stats T using (when(text("place") eq "relu", column("near_zero"))) name "ZERO" nooutput
SIDES = "conv-bn-relu ic"
COLUMNS = 2
ROW = 330
GAP = .06
HEIGHT = HEAD + ROW + LEGEND
eval OPEN
set multiplot
set xlabel "step"
set ylabel "share near zero (%)"
set xrange [0:STEP_max]
set yrange [0:ceil(10 * ZERO_max) * 10 + 2]
eval ABOVE
do for [k = 1:2] {
    eval place(k - 1)
    eval heading(arm_title(word(SIDES, k)))
    if (k == 2) { unset ylabel }
    plot for [l = 1:int(STAGE_max)] T using (when(text("arm") eq word(SIDES, k) && text("place") eq "relu" && text("stage") eq sprintf("stage%d", l), column("step"))):(100 * column("near_zero")) \
        with lines lw THIN lc rgb stage_color(l)
    eval BELOW
}
eval legend(LEGEND)
plot NaN, for [l = 1:int(STAGE_max)] keyentry with lines lw 2 * LINE lc rgb stage_color(l) title sprintf("layer %d", l)
eval CLOSE
