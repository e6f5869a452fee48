# title: All verdicts
# needs: claims.tsv
# claims: all
# caption: Every row of the registry that was measured: (estimate - target)/tolerance with its 95 % interval, coloured by the verdict. An
# caption: equality holds when the whole interval is inside the shaded band, and fails when it is wholly outside.
# caption: Diamonds are bounds and orders: their distance from the edge, in units of the quantity. An arrow with a number stands
# caption: for an estimate beyond the scale. Right: estimate and interval.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

# Rows of networks that were not trained have nothing to show.
TRAINED_LATER = "awk -F '\t' '$2 != \"skipped\" || $1 < \"c10\"' ".word(NEEDS, 1)
CLAIMS = int(system(TRAINED_LATER." | grep -vc '^#'; true")) > 1 ? "< ".TRAINED_LATER : word(NEEDS, 1)
surprise(x) = (text("verdict") eq "holds" || text("verdict") eq "fails") && text("expected") ne "measured" && text("verdict") ne text("expected")
N = 0
SURPRISES = 0
BREAKS = ""
LAST = ""
# Counts rows and surprises; a break stands before the first row of each claim.
counted(id) = (BREAKS = (LAST ne "" && id[1:3] ne LAST) ? BREAKS." ".N : BREAKS, LAST = id[1:3], N = N + 1, \
    SURPRISES = SURPRISES + surprise(0), noted(text("verdict")))
stats CLAIMS using (counted(text("id"))) nooutput
VERDICTS = ""
do for [V in "holds fails undecided measured skipped"] { if (seen(V)) { VERDICTS = VERDICTS." ".V } }

END = 3.
tolerance(x) = column("tolerance") > 0 ? column("tolerance") : 1
# A row without a target, which is there for its numbers alone.
is_plain(x) = text("verdict") eq "measured" || text("verdict") eq "skipped"
in_tolerances(name) = is_plain(0) ? 0 : (column(name) - column("target")) / tolerance(0)
is_bound(x) = !is_plain(0) && column("tolerance") == 0
clipped(x) = x > END ? END : x < -END ? -END : x
arrowed(x) = x > END ? sprintf("%.3g →", x) : sprintf("← %.3g", x)
rounded(x) = abs(x) < .0005 ? 0 : x
numbers(x) = column("estimate") == column("estimate") ? sprintf("%.3f  [%.3f, %.3f]", rounded(column("estimate")), \
    rounded(column("lo")), rounded(column("hi"))) : "-"

# How a row is drawn. Each kind is drawn over all rows, unseen or empty in those of other kinds: no plot is without points.
kind(x) = is_plain(0) ? "plain" : x < -END ? "left" : x > END ? "right" \
    : is_bound(0) ? "bound" : "point"
BOUNDS = ""
stats CLAIMS using (is_bound(0) ? (BOUNDS = "bound", 1) : 1) nooutput
hue_of(k) = kind(in_tolerances("estimate")) eq k ? verdict_color(text("verdict")) : UNSEEN
label_of(k, s) = kind(in_tolerances("estimate")) eq k ? s : ""

PITCH = 15
TOP = 12
LEFT = .32
RIGHT = .775
LEGEND = 56
ROW = TOP + BOTTOM + PITCH * N
HEIGHT = ROW + LEGEND
eval OPEN
set multiplot
eval place(0)
set border 1
set grid noy
set xrange [-END:END]
set yrange [N - .5:-.5]
set xtics 1
set ytics scale 0 font ",".SMALL offset .2, 0
set xlabel "(estimate - target) / tolerance"
set object 1 rectangle from -1, graph 0 to 1, graph 1 fc rgb SHADE fs solid noborder behind
set arrow 1 from 0, graph 0 to 0, graph 1 nohead lw THIN lc rgb PALE back
do for [B in BREAKS] { set arrow from -END * (1 + 2 * LEFT / (RIGHT - LEFT)), int(B) - .5 \
    to END * (1 + 2 * (1 - RIGHT) / (RIGHT - LEFT)), int(B) - .5 nohead lw .7 lc rgb PALE back }
set y2range [N - .5:-.5]
set y2tics scale 0 font ",".SMALL offset .3, 0
row(x) = $0
plot CLAIMS using (0):(row(0)):(0):(0):ytic(text("id")):y2tic(numbers(0)) axes x1y2 with vectors nohead lw 0 lc rgb SHADE, \
     CLAIMS using (0):(row(0)):(label_of("plain", text("verdict"))) with labels font ",".SMALL tc rgb GREY, \
     CLAIMS using (END - .2):(row(0)):(label_of("right", arrowed(in_tolerances("estimate")))):(hue_of("right")) \
         with labels right font ",".SMALL tc rgb variable, \
     CLAIMS using (-END + .2):(row(0)):(label_of("left", arrowed(in_tolerances("estimate")))):(hue_of("left")) \
         with labels left font ",".SMALL tc rgb variable, \
     for [k in "point bound"] CLAIMS using (clipped(in_tolerances("lo"))):(row(0)) \
         :(clipped(in_tolerances("hi")) - clipped(in_tolerances("lo"))):(0):(hue_of(k)) with vectors nohead lw LINE lc rgb variable, \
     for [k in "point bound"] CLAIMS using (clipped(in_tolerances("estimate"))):(row(0)):(hue_of(k)) \
         with points pt (k eq "bound" ? 13 : 7) ps (k eq "bound" ? .9 : .6) lc rgb variable, \
     CLAIMS using (clipped(in_tolerances("estimate"))):(row(0)):(surprise(0) ? BLACK : UNSEEN) with points pt 6 ps 1.5 lw LINE lc rgb variable
eval legend(LEGEND)
plot NaN, for [V in VERDICTS] keyentry with points pt 7 lc rgb verdict_color(V) title V, \
     for [V in (SURPRISES > 0 ? "surprise" : "")] keyentry with points pt 6 ps 1.5 lw LINE lc rgb BLACK title sprintf("not as expected: %d", SURPRISES), \
     for [B in BOUNDS] keyentry with points pt 13 ps .9 lc rgb GREY title B
eval CLOSE
