# What the figures share: colours, marks, sizes, reading of tables, writing of files.
# A figure is one script beside this one; README.md says how a script is built. `gnuplot -c NAME.gp RESULTS [pdf]`

# A script calls this with its own path and arguments.
# Once, in the first round: the arguments, the folders, the tables, the list of formats.
quoted(s) = strstrt(s, "'") ? s[1:strstrt(s, "'") - 1]."'\\''".quoted(s[strstrt(s, "'") + 1:*]) : s
in_shell(s) = "'".quoted(s)."'"
holds_in_shell(test) = system(test." && echo yes") eq "yes"
if (!exists("ROUND")) {
    if (strlen(ARG1) < 4 || ARG1[strlen(ARG1) - 2:strlen(ARG1)] ne ".gp") {
        printerr "style.gp: draws nothing by itself; run one of the scripts beside it"
        exit status 2
    }
    ROUND = 1
    NAME = ARG1[slash(ARG1, strlen(ARG1)) + 1:strlen(ARG1) - 3]
    SCRIPT = ARG1[1:1] eq "/" ? ARG1 : GPVAL_PWD."/".ARG1
    RESULTS = ARG2
    if (RESULTS eq "" || (ARG3 ne "" && ARG3 ne "pdf")) {
        printerr "usage: gnuplot -c ".NAME.".gp RESULTS_FOLDER [pdf]"
        exit status 2
    }
    if (!holds_in_shell("test -d ".in_shell(RESULTS))) {
        printerr NAME.": ".RESULTS.": no such folder"
        exit status 1
    }
    set encoding utf8 # where the locale has no UTF-8, gnuplot complains of a degree sign; nothing else comes of it
    cd RESULTS # from here on every path is short and plain
    NEEDS = system("sed -n 's/^# needs: //p' ".in_shell(SCRIPT))
    do for [TABLE in NEEDS] {
        if (!holds_in_shell("test -r ".in_shell(TABLE))) {
            printerr NAME.": ".RESULTS."/".TABLE.": no such table"
            exit status 1
        }
        if (int(system("grep -vc '^#' ".in_shell(TABLE)."; true")) < 2) {
            printerr NAME.": ".RESULTS."/".TABLE.": no rows"
            exit status 1
        }
    }
    FORMATS = "svg".(strstrt(GPVAL_TERMINALS, " pngcairo ") ? " png" : "").(ARG3 eq "pdf" ? " pdf" : "")
}
FORMAT = word(FORMATS, ROUND)

# Text and tables
reset
set datafile separator "\t"
set datafile columnheaders
set datafile missing NaN
text(name) = stringcolumn(name)
# The value in the rows that meet the condition; NaN elsewhere, which draws nothing.
when(condition, value) = condition ? value : NaN
# `stats T using (noted(text("law")))` gathers the different values of a column in SEEN; seen() asks.
SEEN = " "
noted(s) = strstrt(SEEN, " ".s." ") ? 1 : (SEEN = SEEN.s." ", 1)
seen(s) = strstrt(SEEN, " ".s." ") > 0
NO_ROWS = 'printerr NAME.": ".RESULTS."/".word(NEEDS, 1).": no rows for this figure"; exit status 1'
same(a, b) = abs(a - b) < 1e-9

# Colours: Okabe and Ito's, told apart by colour-blind readers.
BLACK = 0x000000
ORANGE = 0xE69F00
SKY = 0x56B4E9
GREEN = 0x009E73
BLUE = 0x0072B2
VERMILLION = 0xD55E00
PURPLE = 0xCC79A7
GREY = 0x777777
PALE = 0xCCCCCC
SHADE = 0xEEEEEE
UNSEEN = 0xFF000000

# A law keeps its colour, an estimator its mark, a keep its shade in every figure.
law_color(s) = s eq "gauss" ? BLUE : s eq "student" ? ORANGE : s eq "bimodal" ? GREEN : s eq "discrete" ? PURPLE \
    : s eq "relu" ? VERMILLION : s eq "relubn" ? SKY : s eq "binary" ? BLACK : GREY
law_title(s) = s eq "gauss" ? "Gaussian" : s eq "student" ? "Student t, 5 d.f." : s eq "bimodal" ? "bimodal" \
    : s eq "discrete" ? "discrete" : s eq "relu" ? "ReLU" : s eq "relubn" ? "ReLU, then BN" : s eq "binary" ? "binary" : s
ESTIMATORS = "decomposition plugin mesner-shalizi"
DRAWN = "plugin mesner-shalizi decomposition" # the best on top
estimator_mark(s) = s eq "decomposition" ? 7 : s eq "plugin" ? 5 : 9
estimator_open_mark(s) = estimator_mark(s) - 1
estimator_title(s) = s eq "mesner-shalizi" ? "Mesner-Shalizi" : s eq "plugin" ? "plug-in" : s
# Estimates at one keep stand side by side.
estimator_shift(s) = s eq "decomposition" ? 0 : s eq "plugin" ? -.01 : .01
keep_color(q) = q > .99 ? BLACK : q > .9 ? 0x31446B : q > .6 ? 0x958F78 : 0xE3B82B
keep_mark(q) = q > .99 ? 7 : q > .9 ? 5 : q > .6 ? 9 : 13
source_title(s) = s eq "normal8" ? "eight correlated normals" : s eq "fmnist-position-unitbn" ? "32 units of Fashion-MNIST" : s
verdict_color(s) = s eq "holds" ? GREEN : s eq "fails" ? VERMILLION : s eq "undecided" ? ORANGE : GREY

# H_b(q), the entropy of a gate in nats.
gate_entropy(q) = (q <= 0 || q >= 1) ? 0 : -q * log(q) - (1 - q) * log(1 - q)

# Lines and marks
set samples 400
set bars .5
set pointsize .75
set border 3 lc rgb 0x444444 lw 1
set tics nomirror out scale .6
set grid back lc rgb 0xE4E4E4 lw .7 lt 1
set key noautotitle Left reverse samplen 2 spacing 1.15
unset key # the legend sets it
set format '%g'
THIN = 1.2
LINE = 1.8

# The place of a panel, in parts of the picture: `eval panel(left, right, bottom, top)`.
panel(l, r, b, t) = sprintf("set lmargin at screen %g; set rmargin at screen %g; set bmargin at screen %g; set tmargin at screen %g", l, r, b, t)
# Panels in rows of COLUMNS: `eval place(i)`, i from 0. In pixels: ROW from one row to the next, TOP and BOTTOM of a row for
# titles and tics, LEGEND below all; HEAD above all; GAP, LEFT and RIGHT are parts of the width.
COLUMNS = 1; ROW = 250; TOP = 32; BOTTOM = 48; LEGEND = 40; HEAD = 0; GAP = .085; LEFT = .088; RIGHT = .985
rows(panels) = (panels + COLUMNS - 1) / COLUMNS
column_step(n) = (RIGHT - LEFT + GAP) / n
column_left(i) = LEFT + (i % COLUMNS) * column_step(COLUMNS)
row_top(i) = HEIGHT - HEAD - ROW * (i / COLUMNS)
place(i) = panel(column_left(i), column_left(i) + column_step(COLUMNS) - GAP, \
    real(row_top(i) - ROW + BOTTOM) / HEIGHT, real(row_top(i) - TOP) / HEIGHT)
# A title above the panel, from its left edge.
heading(s) = 'set label 100 "'.s.'" at graph 0, graph 1 offset 0,.8 left font ",".HEADING'
# The legend, a panel of its own below the others, of so many pixels: `eval legend(LEGEND)`, then plot NaN and keyentries.
legend(pixels) = panel(.01, .99, 2. / HEIGHT, real(pixels) / HEIGHT) \
    .'; unset border; unset tics; unset label; unset xlabel; unset ylabel; unset grid; unset logscale; unset arrow; unset object; ' \
    .'set xrange [0:1]; set yrange [0:1]; set key inside center center horizontal'

# Training runs (iclab reproduce). `eval about(T)` takes what was trained from the columns of table T and sets HEAD for it;
# `eval ABOVE` writes it above the panels, `eval BELOW` is for the next ones.
data_title(s) = s eq "mnist" ? "MNIST" : s eq "fashion-mnist" ? "Fashion-MNIST" : s eq "cifar-10" ? "CIFAR-10" : s eq "cifar-100" ? "CIFAR-100" \
    : s eq "imagenette" ? "Imagenette" : s eq "imagewoof" ? "Imagewoof" : s
net_title(s) = s[1:7] eq "xresnet" ? "XResNet-".s[8:*] : s[1:6] eq "resnet" ? "ResNet-".s[7:*] : s
number_of(n, what) = sprintf("%d %s%s", n, what, n == 1 ? "" : "s")
about(t) = 'stats "'.t.'" using (DATA = text("data"), STANDS = text("stands_for"), NET = text("net"), EPOCHS = column("epochs"), ' \
    .'SEEDS = column("seeds"), IMAGES = column("images"), 1) nooutput; HEAD = 22; ABOUT = net_title(NET)." on "' \
    .'.(IMAGES > 0 ? sprintf("%d images of ", IMAGES) : "").data_title(DATA).(STANDS eq "-" ? "" : " (in place of ".data_title(STANDS).", which was not there)")' \
    .'."; ".number_of(EPOCHS, "epoch").", ".number_of(SEEDS, "seed")'
ABOVE = 'set label 99 ABOUT at screen .012, screen 1 - 13. / HEIGHT left font ",".HEADING tc rgb 0x333333'
BELOW = 'unset label 99'
# An arm keeps its colour.
arm_color(s) = s eq "conv-bn-relu" || s eq "baseline" ? BLACK : s eq "ic" || s eq "both" || s eq "full" ? VERMILLION \
    : s eq "bn-after" || s eq "batch norm" || s eq "relu" ? BLUE : s eq "drop-only" || s eq "dropout" || s eq "between" ? ORANGE : s eq "naive" || s eq "conv" ? SKY : GREEN
arm_title(s) = s eq "conv-bn-relu" ? "conv-BN-ReLU" : s eq "ic" ? "IC: ReLU-BN-dropout" : s eq "bn-after" ? "ReLU-BN" : s eq "drop-only" ? "ReLU-dropout" : s eq "none" ? "ReLU alone" : s
# The arms of a table in its order: `eval arms(T)` sets ARMS, N, and the arrays ARM and GONE (runs that diverged).
arms(t) = 'ARMS = ""; N = 0; array ARM[8]; array GONE[8]; stats "'.t.'" using (ARMS = ARMS." ".text("arm"), N = N + 1, ARM[N] = text("arm"), GONE[N] = column("diverged"), 1) nooutput'
arm_place(s) = sum [i = 1:N] (ARM[i] eq s ? i : 0)
# Arms side by side: every seed a dot, the mean and its 95 % interval to the right of them; in per cent.
set_arms(title) = 'unset xlabel; set xtics scale 0 (); do for [i = 1:N] { set xtics add ('.title.'(ARM[i]) i) }; set xrange [.4:N + .6]; ' \
    .'do for [i = 1:N] { if (GONE[i] > 0) { set label i sprintf("%d diverged", GONE[i]) at first i, graph .03 center font ",".SMALL } }'
seeds_and_means = 'plot RUNS using (arm_place(text("arm"))):(100 * column("valid_accuracy")):(arm_color(text("arm"))) with points pt 6 ps .8 lw THIN lc rgb variable, ' \
    .'TABLE using (arm_place(text("arm")) + .18):(100 * column("mean")):(100 * column("lo")):(100 * column("hi")):(arm_color(text("arm"))) with yerrorbars pt 7 lw LINE lc rgb variable'
differences = 'plot 0 with lines lw THIN lc rgb GREY, ' \
    .'TABLE using (when(arm_place(text("arm")) > 1, arm_place(text("arm")))):(100 * column("difference")):(100 * column("difference_lo")):(100 * column("difference_hi")):(arm_color(text("arm"))) with yerrorbars pt 7 lw LINE lc rgb variable'
# By epoch: the median over the seeds, and their range for the arms in BANDS (all of them where it is empty).
BANDS = ""
by_epoch(what) = 'plot for [b in BANDS eq "" ? ARMS : BANDS] CURVES using (when(text("arm") eq b, column("epoch"))):(100 * column("'.what.'_lowest")):(100 * column("'.what.'_highest")) ' \
    .'with filledcurves fs transparent solid .18 noborder lc rgb arm_color(b), ' \
    .'for [i = 1:N] CURVES using (when(text("arm") eq ARM[i], column("epoch"))):(100 * column("'.what.'")) with linespoints pt 7 ps (EPOCHS > 20 ? 0 : .6) lw LINE lc rgb arm_color(ARM[i])'

# Layers of a network, in a row of shades: early dark, late light.
stage_color(k) = word("#1B2A6B #2F63B0 #3A9FB5 #6DBE6D #E3B82B #E9803A #C73E3A #7A1F3D", k > 8 ? 8 : k)

# `eval OPEN` after the checks and before the first plot, `eval CLOSE` after the last: the file appears whole or not at all.
# The script is then read again for the next format.
WIDTH = 800
HEIGHT = 500
PIXELS = 2 # the png has twice the pixels, for sharp screens
FONT = FORMAT eq "svg" ? "sans-serif" : "DejaVu Sans"
HEADING = FORMAT eq "svg" ? "13.5" : "10"
SMALL = FORMAT eq "svg" ? "10.5" : "8"
FILE = "figures/".NAME.".".FORMAT
OPEN = 'system("mkdir -p figures"); ' \
    .(FORMAT eq "svg" ? 'set terminal svg enhanced background "white" size WIDTH,HEIGHT font FONT.",12"; ' \
    : FORMAT eq "png" ? 'set terminal pngcairo enhanced background "white" size PIXELS*WIDTH,PIXELS*HEIGHT font FONT.",9" fontscale PIXELS linewidth PIXELS pointscale PIXELS; ' \
    : 'set terminal pdfcairo enhanced background "white" size WIDTH/96.,HEIGHT/96. font FONT.",9" linewidth .75 pointscale .5; ') \
    .'set output FILE.".part"'
CLOSE = 'unset multiplot; unset output; ' \
    .'if (!holds_in_shell("mv -f ".FILE.".part ".FILE)) { exit status 1 }; ' \
    .'ROUND = ROUND + 1; if (ROUND <= words(FORMATS)) { load SCRIPT }'
