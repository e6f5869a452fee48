# title: Final validation accuracy of the networks compared
# needs: tables/training_runs.tsv
# claims: c12 c15 c16 c20 c21
# caption: A mark a run (a seed), a bar the mean over the seeds. Each panel is one network and recipe; words as in the tables:
# caption: ic is ReLU, BN, dropout, weights; baseline is conv, BN, ReLU.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

RUNS = word(NEEDS, 1)
stats RUNS using (noted(text("law"))) nooutput
LAWS = ""
do for [S in "thread07 thread07-constant resnet20 xresnet18"] { if (seen(S)) { LAWS = LAWS." ".S } }
N = words(LAWS)
if (N == 0) { eval NO_ROWS }
ORDER = "none bn drop both baseline drop00 drop01 drop03 ic drop10 drop20 conv relu between naive full"
order_of(L) = L eq "resnet20" ? "conv relu between ic" : L eq "xresnet18" ? "baseline naive full" : L eq "thread07-constant" ? "none bn drop both" : "baseline drop00 drop01 drop03 ic drop10 drop20"
title_of(L) = L eq "thread07-constant" ? "thread07, learning rate .4" : L
label_of(s) = strlen(s) == 6 && s[1:4] eq "drop" ? "drop .".s[5:6] : s
COLUMNS = N > 1 ? 2 : 1
ROW = 300
GAP = .1
HEIGHT = ROW * rows(N)
eval OPEN
set multiplot
set ylabel "validation accuracy"
do for [k = 1:N] {
    eval place(k - 1)
    L = word(LAWS, k)
    eval heading(title_of(L))
    SEEN = " "
    stats RUNS using (text("law") eq L ? noted(text("word")) : NaN) nooutput
    WORDS = ""
    do for [S in order_of(L)] { if (seen(S)) { WORDS = WORDS." ".S } }
    M = words(WORDS)
    array MEAN[M]
    do for [j = 1:M] {
        stats RUNS using (text("law") eq L && text("word") eq word(WORDS, j) ? column("valid_accuracy") : NaN) name "A" nooutput
        MEAN[j] = A_mean
    }
    set xrange [.4:M + .6]
    unset xtics
    unset arrow
    do for [j = 1:M] { set arrow from j - .25, MEAN[j] to j + .25, MEAN[j] nohead lw LINE lc rgb BLACK front }
    set xtics nomirror out scale .6 rotate by (M > 4 ? -30 : 0) (label_of(word(WORDS, 1)) 1)
    do for [j = 2:M] { set xtics add (label_of(word(WORDS, j)) j) }
    plot for [j = 1:M] RUNS using (when(text("law") eq L && text("word") eq word(WORDS, j), j)):(column("valid_accuracy")) with points pt 6 ps .7 lc rgb BLUE
}
eval CLOSE
