# title: Means and sds of activations by layer
# needs: tables/thread_statistics_layers.tsv tables/thread_statistics.tsv
# claims: -
# caption: Mean and standard deviation behind the nonlinearity of every layer, by step of the training: the first batches, and
# caption: all. Left conv-BN-ReLU, right IC. Seed 1.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

T = word(NEEDS, 1)
eval about(word(NEEDS, 2))
stats T using (column("step")) name "STEP" nooutput
stats T using (int(text("stage")[6:*])) name "STAGE" nooutput
SIDES = "conv-bn-relu ic"
FIRST = 9 # steps count from 0
COLUMNS = 2
ROW = 215
GAP = .06
HEIGHT = HEAD + 4 * ROW + LEGEND
least(what) = sprintf("stats T using (when(text('place') eq 'relu', column('%s'))) name 'R' nooutput", what)
eval OPEN
set multiplot
eval ABOVE
do for [w = 0:1] {
    WHAT = w == 0 ? "mean" : "sd"
    set xrange [*:*]
    set yrange [*:*]
    eval least(WHAT)
    set yrange [R_min - .05 * (R_max - R_min):R_max + .05 * (R_max - R_min)]
    do for [p = 0:1] {
        set xrange [0:(p == 0 && STEP_max > FIRST ? FIRST : STEP_max)]
        do for [k = 1:2] {
            eval place(4 * w + 2 * p + k - 1)
            eval heading(arm_title(word(SIDES, k)).", ".WHAT.(p == 0 ? ": first ten batches" : ""))
            if (k == 1) { set ylabel WHAT } else { unset ylabel }
            if (w == 1 && p == 1) { set xlabel "step" } else { unset xlabel }
            plot for [l = 1:int(STAGE_max)] T using (when(text("arm") eq word(SIDES, k) && text("place") eq "relu" && text("stage") eq sprintf("stage%d", l), column("step"))):(column(WHAT)) \
                with lines lw THIN lc rgb stage_color(l)
            eval BELOW
        }
    }
}
eval legend(LEGEND)
plot NaN, for [l = 1:int(STAGE_max)] keyentry with lines lw 2 * LINE lc rgb stage_color(l) title sprintf("layer %d", l)
eval CLOSE
