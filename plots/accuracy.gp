# title: How far the estimators are off
# needs: tables/accuracy.tsv
# claims: all
# caption: Mean error of estimates of mutual information whose truth is known (above each panel), against the number of
# caption: samples; points: estimators, bars: one standard deviation of a single estimate to either side, not an
# caption: interval. Open marks at the edge of a panel: the mean error is beyond it. The first six pairs have densities,
# caption: the last three are behind a dropout, where KSG1 is off by nats. Made by `iclab bench accuracy`.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

ERRORS = word(NEEDS, 1)
stats ERRORS using (text("what") eq "error" ? noted(text("task")) : 1) nooutput
TASKS = ""
do for [T in "binormal normal-cdf half-cube student-1 additive-75 additive-10 binormal+gates50 binormal+shared50 binormal+relu+gates80"] {
    if (seen(T)) { TASKS = TASKS." ".T }
}
N = words(TASKS)
if (N == 0) { eval NO_ROWS }
task_title(s) = s eq "binormal" ? "Gaussian pair" : s eq "normal-cdf" ? "its image under Φ" : s eq "half-cube" ? "its image under t √|t|" \
    : s eq "student-1" ? "Student t, 1 d.f." : s eq "additive-75" ? "uniform noise ±.75" : s eq "additive-10" ? "uniform noise ±.10" \
    : s eq "binormal+gates50" ? "independent gates .5" : s eq "binormal+shared50" ? "shared gate .5" : "ReLU, gates .8"
is_row(T, E) = text("what") eq "error" && text("task") eq T && text("estimator") eq E

METHODS = "auto ksg1 mesner-shalizi plugin"
METHODS_DRAWN = "plugin mesner-shalizi ksg1 auto" # the one that is used on top
method_mark(s) = s eq "ksg1" ? 13 : s eq "auto" ? estimator_mark("decomposition") : estimator_mark(s)
method_color(s) = s eq "auto" ? BLUE : s eq "ksg1" ? GREEN : s eq "plugin" ? ORANGE : VERMILLION
method_title(s) = s eq "auto" ? "auto" : s eq "ksg1" ? "KSG1" : estimator_title(s)
# Estimates at one n stand side by side, on a logarithmic axis.
method_shift(s) = s eq "auto" ? .97 : s eq "ksg1" ? 1.09 : s eq "plugin" ? .87 : 1.22

LOW = -.16
HIGH = .1
AWAY = 1e6 # drawn nowhere
array TRUTH[N]
do for [i = 1:N] {
    stats ERRORS using (text("what") eq "error" && text("task") eq word(TASKS, i) ? (TRUTH[i] = column("truth"), 1) : 1) nooutput
}

COLUMNS = 3
ROW = 235
GAP = .03
LEFT = .08
HEIGHT = ROW * rows(N) + LEGEND
outside(e) = e < LOW || e > HIGH
edge(e) = e < LOW ? LOW + .006 : HIGH - .006
eval OPEN
set multiplot
set logscale x
set xrange [70:16000]
set xtics (100, "" 200 1, "" 500, 1000, "" 3000, "" 5000, 10000)
set yrange [LOW:HIGH]
set ytics .05
do for [i = 1:N] {
    T = word(TASKS, i)
    eval place(i - 1)
    if ((i - 1) % COLUMNS == 0) { set ylabel "mean error ± sd (nats)" offset 1; set format y "%g" } else { unset ylabel; set format y "" }
    if (i + COLUMNS > N) { set xlabel "samples" } else { unset xlabel }
    eval heading(task_title(T).sprintf(": I = %.3f", TRUTH[i]))
    set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead lw THIN lc rgb GREY back
    plot for [E in METHODS_DRAWN] ERRORS using (when(is_row(T, E), column("n") * method_shift(E))) \
             :(outside(column("mean_error")) ? AWAY : column("mean_error")):(column("sd")) with yerrorbars pt method_mark(E) ps .6 lw THIN lc rgb method_color(E), \
         for [E in METHODS_DRAWN] ERRORS using (when(is_row(T, E), column("n") * method_shift(E))) \
             :(outside(column("mean_error")) ? edge(column("mean_error")) : AWAY) with points pt method_mark(E) - 1 ps .6 lw THIN lc rgb method_color(E)
}
eval legend(LEGEND)
plot NaN, for [E in METHODS] keyentry with points pt method_mark(E) lc rgb method_color(E) title method_title(E), \
     keyentry with points pt 6 lc rgb GREY title "beyond the edge"
eval CLOSE
