# title: Inputs of the weights and signs of their gradients
# needs: tables/training_gradients.tsv
# claims: c10
# caption: Weight layers of the thread's net after two epochs, IC beside conv, BN, ReLU, with 95 % intervals over batches.
# caption: Left: |mean| / sd of the inputs, mean over the channels. Right: share of the pairs of weights of an output unit whose
# caption: gradients have one sign; 1/2 (line) is no preference.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

GRADIENTS = word(NEEDS, 1)
LAYERS = ""
stats GRADIENTS using (noted(text("layer"))) nooutput
do for [k = 1:words(SEEN)] { LAYERS = LAYERS." ".word(SEEN, k) }
N = words(LAYERS)
if (N == 0) { eval NO_ROWS }
place_of(s) = sum [k = 1:N] (word(LAYERS, k) eq s ? k : 0)
COLUMNS = 2
ROW = 330
GAP = .09
HEIGHT = ROW + LEGEND
array WORDS[2] = ["ic", "baseline"]
array COLORS[2] = [BLUE, ORANGE]
ours(q, w) = text("quantity") eq q && text("word") eq WORDS[w]
eval OPEN
set multiplot
set xrange [.4:N + .6]
set for [k = 1:N] xtics (word(LAYERS, 1) 1)
do for [k = 2:N] { set xtics add (word(LAYERS, k) k) }
eval place(0)
eval heading("|mean| / sd of the inputs")
set yrange [0:*]
plot for [w = 1:2] GRADIENTS using (when(ours("mean-shift", w), place_of(text("layer")) + .12 * (2 * w - 3))):(column("estimate")):(column("lo")):(column("hi")) \
    with yerrorbars pt 7 lw THIN lc rgb COLORS[w]
eval place(1)
eval heading("share of pairs of gradients of one sign")
set yrange [.48:*]
set arrow 1 from graph 0, first .5 to graph 1, first .5 nohead lc rgb GREY lw LINE
plot for [w = 1:2] GRADIENTS using (when(ours("sign-agreement", w), place_of(text("layer")) + .12 * (2 * w - 3))):(column("estimate")):(column("lo")):(column("hi")) \
    with yerrorbars pt 7 lw THIN lc rgb COLORS[w]
unset arrow 1
eval legend(LEGEND)
plot NaN, keyentry with points pt 7 lc rgb COLORS[1] title "IC: ReLU, BN, dropout, weights", \
     keyentry with points pt 7 lc rgb COLORS[2] title "conv, BN, ReLU"
eval CLOSE
