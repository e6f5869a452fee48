# title: Histograms of activations by layer and step
# needs: tables/thread_statistics_histograms.tsv tables/thread_statistics.tsv
# claims: -
# caption: Activations behind the nonlinearity: ln(1 + count) of 40 bins (upwards) by step of the training (to the right),
# caption: a row a layer. Left conv-BN-ReLU, right IC. Seed 1.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

T = word(NEEDS, 1)
eval about(word(NEEDS, 2))
stats T using (column("step")) name "STEP" nooutput
stats T using (column("stage")) name "STAGE" nooutput
stats T using (when(column("log_count") > 0, column("value"))) name "VALUE" nooutput
stats T using (column("log_count")) name "COUNT" nooutput
SIDES = "conv-bn-relu ic"
LAYERS = int(STAGE_max)
COLUMNS = 2
TOP = 8
BOTTOM = 8
ROW = 150
GAP = .04
LEFT = .1
LEGEND = 100
HEAD = HEAD + 24
HEIGHT = HEAD + LAYERS * ROW + LEGEND
eval OPEN
set multiplot
unset grid
set border 15
set palette defined (0 "#00204D", 1 "#00336F", 2 "#39486B", 3 "#575C6D", 4 "#707173", 5 "#8A8779", 6 "#A69D75", 7 "#C4B56C", 8 "#E4CF5B", 9 "#FFEA46")
set cbrange [0:COUNT_max]
unset colorbox
set xrange [0:STEP_max]
HALF = .175
set yrange [VALUE_min - HALF:VALUE_max + HALF]
eval ABOVE
do for [l = 1:LAYERS] {
    do for [k = 1:2] {
        eval place(2 * (l - 1) + k - 1)
        if (l == 1) { eval heading(arm_title(word(SIDES, k))) } else { unset label 100 }
        if (l == LAYERS) { set xlabel "step"; set format x "%g" } else { unset xlabel; set format x "" }
        if (k == 1) { set ylabel sprintf("layer %d, value", l); set format y "%g" } else { unset ylabel; set format y "" }
        if (l == LAYERS && k == 2) {
            set colorbox horizontal user origin screen .35, screen 40. / HEIGHT size screen .3, screen 10. / HEIGHT
            set cblabel "ln(1 + count)" offset 0, .5
        }
        plot T using (when(text("arm") eq word(SIDES, k) && column("stage") == l, column("step"))):(column("value")):(column("log_count")) with image
        eval BELOW
    }
}
eval CLOSE
