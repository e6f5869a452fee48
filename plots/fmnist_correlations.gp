# title: Correlations of real units after the dropout
# needs: tables/fmnist_correlations.tsv
# claims: c02
# caption: Correlation of every pair of Fashion-MNIST units after the dropout, at three keeps; the line is equality.
# caption: First row: batch norm of the channel, against keep times the correlation before: it does not centre a unit,
# caption: and correlations fall short. Second row: the same against the full formula with the measured means. Third
# caption: row: batch norm of every unit, against keep times the correlation before.
slash(s, n) = n < 1 || s[n:n] eq "/" ? n : slash(s, n - 1)
call ARG0[1:slash(ARG0, strlen(ARG0))]."style.gp" ARG0 ARG1 ARG2

CORR = word(NEEDS, 1)
stats CORR using (noted(text("panel"))) nooutput
# A row of panels: whose pairs, against which column.
SHOWN = ""
if (seen("fmnist-position-bn")) { SHOWN = SHOWN." fmnist-position-bn:corr_linear fmnist-position-bn:corr_law" }
if (seen("fmnist-position-unitbn")) { SHOWN = SHOWN." fmnist-position-unitbn:corr_linear" }
N = words(SHOWN)
if (N == 0) { eval NO_ROWS }
panel_of(s) = s[1:strstrt(s, ":") - 1]
column_of(s) = s[strstrt(s, ":") + 1:*]
KEEPS = ".95 .8 .5"
is_row(P, q) = text("panel") eq P && same(column("keep"), real(q))

COLUMNS = 3
ROW = 300
GAP = .065
HEIGHT = ROW * N + 12
eval OPEN
set multiplot
set xtics .2
set ytics .2
do for [k = 0:2] {
    q = word(KEEPS, k + 1)
    stats CORR using (when(same(column("keep"), real(q)), column("corr_linear"))) name "C" nooutput
    set xrange [C_min - .03:C_max + .03]
    set yrange [C_min - .03:C_max + .03]
    do for [r = 0:N - 1] {
        S = word(SHOWN, r + 1)
        eval place(3 * r + k)
        eval heading((panel_of(S) eq "fmnist-position-bn" ? "BN of the channel" : "BN of every unit").", keep ".q)
        if (k == 0) { set ylabel "correlation after" } else { unset ylabel }
        set xlabel (column_of(S) eq "corr_linear" ? "keep × correlation before" : "full formula")
        plot x with lines lw THIN lc rgb GREY, \
             CORR using (when(is_row(panel_of(S), q), column(column_of(S)))):(column("corr_after")) \
                 with points pt 7 ps .3 lc rgb (panel_of(S) eq "fmnist-position-bn" ? SKY : GREEN)
    }
}
eval CLOSE
