# title: MI of real units before and after the dropout
# needs: tables/fmnist_pairs.tsv tables/fmnist_units.tsv
# claims: c01
# caption: Mutual information of every pair of the Fashion-MNIST units, ordered by channel: before the dropout, behind
# caption: gates of keep .5, and the latter over keep². The first and the last agree. One logarithmic scale; values
# caption: below its least end have its colour.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

PAIRS = word(NEEDS, 1)
UNITS = word(NEEDS, 2)
stats PAIRS using (same(column("keep"), .5) && text("estimator") eq "decomposition" ? noted(text("panel")) : 1) nooutput
P = ""
do for [CANDIDATE in "fmnist-position-gaussian fmnist-position-shared fmnist-position-relu fmnist-position-bn"] {
    if (seen(CANDIDATE)) { P = CANDIDATE }
}
if (P eq "") { eval NO_ROWS }
KEEP = .5
is_row(q) = text("panel") eq P && same(column("keep"), q) && text("estimator") eq "decomposition"

# The place of a unit: by channel, then by column of the table.
stats UNITS using "column" name "COLUMN" nooutput
N = int(COLUMN_max) + 1
array CHANNEL[N]
array PLACE[N]
stats UNITS using (CHANNEL[int(column("column")) + 1] = int(column("channel")), 1) nooutput
do for [i = 1:N] {
    PLACE[i] = sum [j = 1:N] (CHANNEL[j] < CHANNEL[i] || (CHANNEL[j] == CHANNEL[i] && j < i) ? 1 : 0)
}
at(name) = PLACE[int(column(name)) + 1]
CHANNELS = 0
do for [i = 1:N] { CHANNELS = CHANNELS > CHANNEL[i] ? CHANNELS : CHANNEL[i] }
before(c) = sum [i = 1:N] (CHANNEL[i] < c ? 1 : 0)
size(c) = sum [i = 1:N] (CHANNEL[i] == c ? 1 : 0)

COLUMNS = 3
LEFT = .07
RIGHT = .985
GAP = .03
TOP = 35
ROW = TOP + BOTTOM + 229
HEIGHT = ROW + 60
LOW = .003
mi(k) = shown(k == 0 ? column("mi_before") : k == 1 ? column("mi_after") : column("mi_after") / KEEP**2)
shown(x) = x < LOW ? LOW : x
eval OPEN
set multiplot
unset grid
set border 15
set xrange [-.5:N - .5]
set yrange [N - .5:-.5]
set logscale cb
set cbrange [LOW:1]
set palette defined (0 "#00204D", 1 "#00336F", 2 "#39486B", 3 "#575C6D", 4 "#707173", 5 "#8A8779", 6 "#A69D75", 7 "#C4B56C", 8 "#E4CF5B", 9 "#FFEA46")
unset colorbox
set xtics scale 0 () offset 0, .4
set ytics scale 0 () offset .5, 0
do for [c = 0:CHANNELS] {
    if (size(c) > 0) {
        set xtics add (sprintf("%d", c) before(c) + (size(c) - 1) / 2.)
        set ytics add (sprintf("%d", c) before(c) + (size(c) - 1) / 2.)
        if (before(c) > 0) {
            set arrow from before(c) - .5, graph 0 to before(c) - .5, graph 1 nohead lw .6 lc rgb "white" front
            set arrow from graph 0, first before(c) - .5 to graph 1, first before(c) - .5 nohead lw .6 lc rgb "white" front
        }
    }
}
set xlabel "units by channel" offset 0, .4
do for [k = 0:2] {
    eval place(k)
    eval heading(k == 0 ? "before" : k == 1 ? "after, keep .5" : "after / keep²")
    if (k == 0) { set ylabel "units by channel" offset .3, 0 } else { unset ylabel }
    if (k == 2) {
        set colorbox horizontal user origin screen .3, screen 45. / HEIGHT size screen .4, screen 10. / HEIGHT
        set cbtics (".003" .003, ".01" .01, ".03" .03, ".1" .1, ".3" .3, "1" 1) offset 0, .5
        set cblabel "mutual information (nats)" offset 0, .7
    }
    plot PAIRS using (when(is_row(KEEP), at("i"))):(at("j")):(.5):(.5):(mi(k)) with boxxyerror fs solid noborder lc palette, \
         PAIRS using (when(is_row(KEEP), at("j"))):(at("i")):(.5):(.5):(mi(k)) with boxxyerror fs solid noborder lc palette
}
eval CLOSE
