# title: Accuracy against the drop rate
# needs: tables/drop_rates.tsv tables/drop_rates_runs.tsv
# claims: -
# caption: Validation accuracy of the thread's net with IC layers after the last epoch, against the drop rate of all of
# caption: them: every seed (open), and the mean with its 95 % interval (Student's t).
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

TABLE = word(NEEDS, 1)
RUNS = word(NEEDS, 2)
eval about(TABLE)

ROW = 390
HEIGHT = HEAD + ROW + LEGEND
eval OPEN
set multiplot
set ylabel "validation accuracy (%)"
set xlabel "drop rate"
set xrange [-.008:.212]
set xtics (0, .01, .03, .05, .1, .2)
eval ABOVE
eval place(0)
eval heading("IC layers, after the last epoch")
plot RUNS using (column("x") - .0012):(100 * column("valid_accuracy")) with points pt 6 ps .8 lw THIN lc rgb SKY, \
     TABLE using (column("x") + .0012):(100 * column("mean")) with lines lw THIN lc rgb VERMILLION, \
     TABLE using (column("x") + .0012):(100 * column("mean")):(100 * column("lo")):(100 * column("hi")) with yerrorbars pt 7 lw LINE lc rgb VERMILLION
eval BELOW
eval legend(LEGEND)
plot NaN, keyentry with points pt 6 lw THIN lc rgb SKY title "a seed", keyentry with yerrorbars pt 7 lw LINE lc rgb VERMILLION title "mean, 95 % interval"
eval CLOSE
