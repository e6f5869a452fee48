# title: Entropy behind a gate
# needs: tables/entropy.tsv
# claims: c03
# caption: Entropy of one neuron against keep, with 95 % intervals, relative to length and point masses at its atoms.
# caption: Solid: q H + H_b(q), q the keep, H the exact entropy before, H_b the entropy of the gate. Left: laws without
# caption: an atom at zero lie on it. Right: with an atom at zero the entropy falls below; dashed: what theory gives
# caption: there.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

ENTROPY = word(NEEDS, 1)
stats ENTROPY using (noted(text("law"))) nooutput
FREE = ""
do for [L in "gauss student bimodal discrete relubn"] { if (seen(L)) { FREE = FREE." ".L } }
ATOM = ""
do for [L in "relu binary"] { if (seen(L)) { ATOM = ATOM." ".L } }
if (words(FREE.ATOM) == 0) { eval NO_ROWS }
mix(q, h) = q * h + gate_entropy(q)

GROUPS = (words(FREE) > 0) + (words(ATOM) > 0)
COLUMNS = GROUPS
ROW = 400
GAP = .1
LEGEND = 78
HEIGHT = ROW + LEGEND
NEXT = 0
eval OPEN
set multiplot
set xrange [0:1.03]
set yrange [0:2.2]
set xtics .2
set xlabel "keep"
set ylabel "entropy (nats)"
array BEFORE[7]
ALL = FREE.ATOM
is_law(i) = text("law") eq word(ALL, i)
do for [i = 1:words(ALL)] {
    stats ENTROPY using (is_law(i) && same(column("keep"), 1) ? (BEFORE[i] = column("entropy_law"), 1) : 1) nooutput
}
if (words(FREE) > 0) {
    eval place(NEXT)
    NEXT = NEXT + 1
    eval heading("no atom at zero")
    plot for [i = 1:words(FREE)] [q = 0:1] "+" using (q):(mix(q, BEFORE[i])) with lines lw THIN lc rgb law_color(word(ALL, i)), \
         for [i = 1:words(FREE)] ENTROPY using (when(is_law(i), column("keep"))):(column("entropy")):(column("lo")):(column("hi")) \
             with yerrorbars pt 7 lw THIN lc rgb law_color(word(ALL, i))
}
if (words(ATOM) > 0) {
    eval place(NEXT)
    eval heading("an atom at zero")
    FIRST = words(FREE) + 1
    plot for [i = FIRST:words(ALL)] [q = 0:1] "+" using (q):(mix(q, BEFORE[i])) with lines lw THIN lc rgb law_color(word(ALL, i)), \
         for [i = FIRST:words(ALL)] ENTROPY using (when(is_law(i), column("keep"))):(column("entropy_law")) smooth csplines \
             with lines lw THIN dt "-" lc rgb law_color(word(ALL, i)), \
         for [i = FIRST:words(ALL)] ENTROPY using (when(is_law(i), column("keep"))):(column("entropy")):(column("lo")):(column("hi")) \
             with yerrorbars pt 7 lw THIN lc rgb law_color(word(ALL, i))
}
eval legend(LEGEND)
plot NaN, for [L in ALL] keyentry with points pt 7 lc rgb law_color(L) title law_title(L), \
     keyentry with lines lw THIN lc rgb GREY title "q H + H_b(q)", keyentry with lines lw THIN dt "-" lc rgb GREY title "theory with the atom"
eval CLOSE
