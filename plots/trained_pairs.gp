# title: Pairs of trained neurons against keep
# needs: tables/trained_means.tsv tables/pairs.tsv
# claims: -
# caption: A trained network with IC layers; 32 units of every layer behind its batch norm, and independent gates. Left: mean
# caption: mutual information of all pairs behind the gates over that before, by the decomposition, against keep; line:
# caption: keep², drawn level at the keeps measured. Right: correlations behind the gates against those before, the slope
# caption: over all pairs; line: keep. Bars: 95 % intervals. Layers at one keep stand side by side.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

MEANS = word(NEEDS, 1)
eval about(word(NEEDS, 2))
stats MEANS using (int(text("panel")[13:*])) name "STAGE" nooutput
is_row(k, what) = text("panel") eq sprintf("trained-unit%d", k) && text("quantity") eq what && (what ne "mi-ratio" || text("estimator") eq "decomposition")
KEEPS = ".5 .8 .95"
shifted(k) = column("keep") + .009 * (k - (STAGE_max + 1) / 2.)

COLUMNS = 2
ROW = 380
GAP = .08
HEIGHT = HEAD + ROW + LEGEND
eval OPEN
set multiplot
set xlabel "keep"
set xrange [.4:1.02]
set yrange [.15:1.02]
set xtics (.5, .8, .95)
eval ABOVE
eval place(0)
eval heading("mutual information, after / before")
plot [q = .4:1] q**2 with lines lw THIN lc rgb PALE, \
     for [K in KEEPS] "+" every ::0::0 using (real(K) - .03):(real(K)**2):(.06):(0) with vectors nohead lw LINE lc rgb GREY, \
     for [k = 1:int(STAGE_max)] MEANS using (when(is_row(k, "mi-ratio"), shifted(k))):(column("estimate") * column("keep")**2):(column("lo") * column("keep")**2):(column("hi") * column("keep")**2) \
         with yerrorbars pt 7 lw THIN lc rgb stage_color(k)
eval BELOW
eval place(1)
eval heading("correlation, after / before")
plot [q = .4:1] q with lines lw THIN lc rgb PALE, \
     for [K in KEEPS] "+" every ::0::0 using (real(K) - .03):(real(K)):(.06):(0) with vectors nohead lw LINE lc rgb GREY, \
     for [k = 1:int(STAGE_max)] MEANS using (when(is_row(k, "slope"), shifted(k))):(column("estimate") * column("keep")):(column("lo") * column("keep")):(column("hi") * column("keep")) \
         with yerrorbars pt 7 lw THIN lc rgb stage_color(k)
eval legend(LEGEND)
plot NaN, for [k = 1:int(STAGE_max)] keyentry with points pt 7 lc rgb stage_color(k) title sprintf("layer %d", k), \
     keyentry with lines lw LINE lc rgb GREY title "keep² (left), keep (right)"
eval CLOSE
