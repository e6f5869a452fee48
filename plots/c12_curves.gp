# title: Validation accuracy by epoch
# needs: tables/training_curves.tsv
# claims: c12 c13
# caption: The thread's net, IC beside conv, BN, ReLU: a thin line a seed, a thick one the mean. Dashed: the level of c13.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

CURVES = word(NEEDS, 1)
array WORDS[2] = ["baseline", "ic"]
array COLORS[2] = [ORANGE, BLUE]
stats CURVES using (text("law") eq "thread07" ? column("epoch") : NaN) name "EPOCH" nooutput
if (!exists("EPOCH_records") || EPOCH_records == 0) { eval NO_ROWS }
stats CURVES using (text("law") eq "thread07" ? column("seed") : NaN) name "SEED" nooutput
E = int(EPOCH_max)
array BASE[E]
array IC[E]
do for [e = 1:E] {
    stats CURVES using (text("law") eq "thread07" && text("word") eq "baseline" && column("epoch") == e ? column("valid_accuracy") : NaN) name "A" nooutput
    BASE[e] = A_mean
    stats CURVES using (text("law") eq "thread07" && text("word") eq "ic" && column("epoch") == e ? column("valid_accuracy") : NaN) name "A" nooutput
    IC[e] = A_mean
}
ROW = 380
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
eval place(0)
set xlabel "epoch"
set ylabel "validation accuracy"
set xtics 1
set xrange [.9:E + .1]
set arrow 1 from graph 0, first .85 to graph 1, first .85 nohead dt "-" lc rgb GREY lw LINE
do for [e = 2:E] {
    set arrow from e - 1, BASE[e - 1] to e, BASE[e] nohead lw 2.6 lc rgb COLORS[1] front
    set arrow from e - 1, IC[e - 1] to e, IC[e] nohead lw 2.6 lc rgb COLORS[2] front
}
plot for [w = 1:2] for [s = int(SEED_min):int(SEED_max)] CURVES using (when(text("law") eq "thread07" && text("word") eq WORDS[w] && column("seed") == s, column("epoch"))):(column("valid_accuracy")) \
         with lines lw .6 lc rgb COLORS[w]
eval legend(LEGEND)
plot NaN, keyentry with lines lw LINE lc rgb COLORS[2] title "IC: ReLU, BN, dropout, weights", keyentry with lines lw LINE lc rgb COLORS[1] title "conv, BN, ReLU"
eval CLOSE
