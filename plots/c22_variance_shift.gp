# title: Variance shift behind dropout
# needs: tables/training_variance.tsv
# claims: c22
# caption: Running variance that a batch norm has gathered in training over the variance of what it meets at evaluation, where the
# caption: gates are open: geometric mean over the channels of each stage, with 95 % intervals. 1: no shift. The first stage has
# caption: no dropout before it: what it shows is the drift of the weights in the last steps, and other images.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

VARIANCE = word(NEEDS, 1)
ROW = 330
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
eval place(0)
set xlabel "stage"
set ylabel "running / evaluation variance"
stats VARIANCE using (column("stage")) name "STAGE" nooutput
set xrange [.5:STAGE_max + .5]
set xtics 1
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lc rgb GREY lw LINE
plot VARIANCE using (when(column("behind_drop") > 0, column("stage"))):(column("ratio")):(column("lo")):(column("hi")) with yerrorbars pt 7 lw THIN lc rgb BLUE, \
     VARIANCE using (when(column("behind_drop") == 0, column("stage"))):(column("ratio")):(column("lo")):(column("hi")) with yerrorbars pt 6 lw THIN lc rgb BLUE
eval legend(LEGEND)
plot NaN, keyentry with points pt 7 lc rgb BLUE title "behind a dropout", keyentry with points pt 6 lc rgb BLUE title "no dropout before it"
eval CLOSE
