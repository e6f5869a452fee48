# title: Condition number by layer
# needs: tables/trained_condition.tsv tables/conditioning.tsv
# claims: -
# caption: Condition number of the correlation matrix of 32 units behind the batch norm of every layer of a trained network
# caption: with IC layers: before (keep 1) and behind independent gates, with 95 % intervals. Dashes: the law, from the
# caption: correlations and means before.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

T = word(NEEDS, 1)
eval about(word(NEEDS, 2))
stats T using (int(text("panel")[13:*])) name "STAGE" nooutput
KEEPS = "1 .95 .8 .5"
of_keep(q) = same(column("keep"), real(q))
layer(k) = int(text("panel")[13:*]) + .09 * (k - 2.5)

ROW = 390
HEIGHT = HEAD + ROW + LEGEND
eval OPEN
set multiplot
set logscale y
set xlabel "layer"
set ylabel "condition number"
set xrange [.5:STAGE_max + .5]
set xtics 1
eval ABOVE
eval place(0)
eval heading("32 units of every layer")
plot for [k = 2:4] T using (when(of_keep(word(KEEPS, k)), layer(k) - .045)):(column("law")):(.09):(0) with vectors nohead lw 2 * LINE lc rgb 0xF0B090, \
     for [k = 1:4] T using (when(of_keep(word(KEEPS, k)), layer(k))):(column("condition")):(column("lo") > 1 ? column("lo") : 1):(column("hi")) \
         with yerrorbars pt 7 ps .6 lw THIN lc rgb keep_color(real(word(KEEPS, k)))
eval BELOW
eval legend(LEGEND)
plot NaN, for [q in KEEPS] keyentry with points pt 7 lc rgb keep_color(real(q)) title "keep ".q, keyentry with lines lw 2 * LINE lc rgb 0xF0B090 title "law"
eval CLOSE
