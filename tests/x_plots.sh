#!/usr/bin/env bash
# Every figure script on small made-up tables, in a folder with a space and a quote in its name: svg and png appear, the
# same bytes twice; without its tables a script says so in one line and writes nothing.
# shellcheck disable=SC2013 # the lines of the comments are lists of words
. tests/tap.sh
export LC_ALL=C.UTF-8 # gnuplot grumbles where there is no UTF-8
scripts=$(find plots -maxdepth 1 -name '*.gp' ! -name style.gp | sort)
claims=$(cut -f1 experiments/claims.tsv | grep '^c[0-9]' | cut -d. -f1 | sort -u)

# is_written TABLE: by a run of the claims, by iclab bench accuracy, or by iclab reproduce (a stem, and what follows it).
# shellcheck disable=SC2317 # called through ok
is_written()
{
    local base stem
    base=$(basename "$1" .tsv)
    if grep -q "\"$base\"\|%s/$1\"\|>results/$1" experiments/tables.c experiments/tables_*.c cli/bench_accuracy.c; then return 0; fi
    for stem in $(sed -n 's/.*\.stem = "\([a-z_]*\)".*/\1/p' experiments/reproduce_figures.c); do
        if [ "$base" = "$stem" ]; then return 0; fi
        case $base in "$stem"_*) if grep -q "\"${base#"$stem"_}\"" experiments/reproduce_*.c; then return 0; fi ;; esac
    done
    return 1
}

for script in $scripts; do
    name=$(basename "$script" .gp)
    is "$name: title, needs, claims, caption" "$(sed -n 's/^# \([a-z]*\): .*/\1/p' "$script" | uniq | xargs)" "title needs claims caption"
    is "$name: begins with the title" "$(head -n 1 "$script" | cut -c1-9)" "# title: "
    for claim in $(sed -n 's/^# claims: //p' "$script"); do
        [ "$claim" = all ] || [ "$claim" = - ] || like "$name: $claim is a claim" "$claims" "^$claim$"
    done
    for table in $(sed -n 's/^# needs: //p' "$script"); do
        ok "$name: $table is written by a run" is_written "$table"
    done
    ok "$name: in plots/README.md" grep -q "^| $name |" plots/README.md
done

if ! command -v gnuplot >/dev/null; then
    for script in $scripts; do skip "$(basename "$script" .gp): drawn" "gnuplot is not installed"; done
    done_testing
fi

# The tables: made-up numbers of the right size. `table` puts the # lines and the names first.
here="$TMP/a run's folder"
table() # NAME COLUMN...
{
    printf '# made up\n# units: nats\n' >"$here/$1"
    (
        IFS=$'\t'
        printf '%s\n' "${*:2}"
    ) >>"$here/$1"
    awk -F '\t' -v OFS='\t' "$common"'{ rows() }'"$(cat)" <<<"" >>"$here/$1"
}
# shellcheck disable=SC2016 # awk's own variables
common='
function keeps(list) { return split(list == "" ? "1 .97 .8 .5 .1" : list, keep, " ") }
function laws() { return split("gauss student bimodal discrete relu binary relubn", law, " ") }
function estimators() { return split("decomposition plugin mesner-shalizi", est, " ") }
function gate_of(g) { return g == 1 ? "independent" : g == 2 ? "shared" : "gaussian" }
function has(l, g) { return g == 1 || (g == 2 && l ~ /gauss|bimodal|discrete/) || (g == 3 && l == "gauss") }
function hb(q) { return q >= 1 ? 0 : -q * log(q) - (1 - q) * log(1 - q) }
function mi(g, q) { return g == 2 ? hb(q) + q * .4 : .4 * q * q }
'
# shellcheck disable=SC2016
tables() # makes all of them
{
    mkdir -p "$here/tables"
    local sweep='function rows(    l, g, k, e) { nl = laws(); nk = keeps(""); ne = estimators()
        for (l = 1; l <= nl; l++) for (g = 1; g <= 3; g++) if (has(law[l], g)) for (k = 1; k <= nk; k++) '
    local each_estimator='for (e = 1; e <= ne; e++) { q = keep[k]; v = mi(g, q) * (1 + .01 * e); '
    table tables/mi.tsv law gate keep estimator mi se lo hi mi_law <<<"$sweep$each_estimator"'
        print law[l], gate_of(g), q, est[e], v, .002, v - .004, v + .004, g == 3 ? "nan" : mi(g, q) } }'
    table tables/mi_ratio.tsv law gate keep estimator ratio se lo hi ratio_law <<<"$sweep$each_estimator"'
        v /= .4; print law[l], gate_of(g), q, est[e], v, .002, v - .004, v + .004, g == 3 ? "nan" : v } }'
    table tables/exponent_curve.tsv law gate keep estimator mi mi_se fit fit_lo fit_hi <<<"$sweep"'if (g == 1) '"$each_estimator"'
        print law[l], gate_of(g), q, est[e], v, .002, v, v - .001, v + .001 } }'
    table tables/exponent.tsv law gate estimator exponent exponent_se exponent_lo exponent_hi amplitude amplitude_se \
        amplitude_lo amplitude_hi <<<'function rows(    l, e) { nl = laws(); ne = estimators()
        for (l = 1; l <= nl; l++) for (e = 1; e <= ne; e++) { b = law[l] ~ /^(relu|binary)$/ ? 3 : 2
            print law[l], "independent", est[e], b, .01, b - .02, b + .02, .4, .01, .38, .42 } }'
    table tables/correlation.tsv law gate keep corr se lo hi corr_law <<<"$sweep"'{ c = .7 * (g == 2 ? 1 : keep[k])
        print law[l], gate_of(g), keep[k], c, .001, c - .002, c + .002, c } }'
    table tables/law_curves.tsv law gate keep mi_law mi_ratio_law corr_law <<<"$sweep"'{ q = keep[k]
        print law[l], gate_of(g), q, g == 3 ? "nan" : mi(g, q), g == 3 ? "nan" : mi(g, q) / .4, .7 * (g == 2 ? 1 : q) } }'
    table tables/entropy.tsv law gate keep entropy se lo hi entropy_law entropy_mix <<<"$sweep"'if (g == 1) {
        h = keep[k] * 1.4 + hb(keep[k]); print law[l], "independent", keep[k], h, .001, h - .002, h + .002, h, h } }'
    table tables/total_correlation.tsv keep estimator total se lo hi total_law <<<'function rows(    k, e) { nk = keeps("")
        ne = estimators(); for (k = 1; k <= nk; k++) for (e = 1; e <= ne; e++) { t = .6 * keep[k] ^ 2
            print keep[k], est[e], t, .002, t - .004, t + .004, t } }'
    local spectra='function rows(    s, k, r) { split("normal8 fmnist-position-unitbn", source, " "); nk = keeps("1 .95 .8 .5")
        for (s = 1; s <= 2; s++) for (k = 1; k <= nk; k++) '
    table tables/eigenvalues.tsv source keep rank eigenvalue se lo hi eigenvalue_law <<<"$spectra"'for (r = 1; r <= 4; r++) {
            v = keep[k] * (r == 1 ? 3.1 : .3) + 1 - keep[k]; print source[s], keep[k], r, v, .01, v - .02, v + .02, v } }'
    table tables/condition.tsv source keep condition se lo hi condition_law condition_bound <<<"$spectra"'{
            q = keep[k]; v = (q * 3.1 + 1 - q) / (q * .3 + 1 - q); print source[s], q, v, .1, v - .2, v + .2, v, q < 1 ? v / (1 - q) : "inf" } }'
    table tables/fmnist_units.tsv column channel row col activity <<<'function rows(    j) {
        for (j = 0; j < 5; j++) print j, (j * 2) % 3, j, 2 * j, .5 }'
    local pairs='function rows(    p, k, i, j, e) { np = split("channel-bn channel-relu position-bn position-relu position-unitbn", panel, " ")
        nk = keeps(".95 .8 .5"); for (p = 1; p <= np; p++) for (k = 1; k <= nk; k++) for (i = 0; i < 4; i++) for (j = i + 1; j < 5; j++) '
    table tables/fmnist_pairs.tsv panel keep i j estimator mi_before mi_after mi_law <<<"$pairs"'if (panel[p] !~ /unitbn/)
        for (e = 1; e <= 2; e++) { m = .02 * (i + j) - .01; print "fmnist-" panel[p], keep[k], i, j, e == 1 ? "decomposition" : "plugin", m, m * keep[k] ^ 2, m * keep[k] ^ 2 } }'
    table tables/fmnist_correlations.tsv panel keep i j corr_before corr_after corr_linear corr_law <<<"$pairs"'{
        c = .1 * (i - j) + .2; print "fmnist-" panel[p], keep[k], i, j, c, keep[k] * c, keep[k] * c, keep[k] * c } }'
    table tables/accuracy.tsv what task n estimator truth mean_error sd <<<'function rows(    t, n, e) {
        nt = split("binormal additive-10 binormal+gates50 dense-2", task, " "); split("auto ksg1 mesner-shalizi plugin", est, " ")
        for (t = 1; t <= nt; t++) for (n = 100; n <= 10000; n *= 10) for (e = 1; e <= 4; e++) {
            print "error", task[t], n, est[e], .4, (e - 2) * 6 / n, 1 / sqrt(n)
            print "coverage", task[t], n, est[e], .4, 7, 7 } }'
    # Training runs: arms, runs and curves of every figure.
    local figure arms run='function rows(    n, a, s, e) { n = split(arms, arm, ";"); for (a = 1; a <= n; a++) '
    while IFS=: read -r figure arms; do
        table "tables/$figure.tsv" arm x seeds diverged mean sd se lo hi median lowest highest difference difference_lo difference_hi \
            data stands_for net epochs images <<<"BEGIN { arms = \"$arms\" } $run"'{ m = .8 + .01 * a
            print arm[a], .03 * (a - 1), 3, a == 2, m, .01, .006, m - .02, m + .02, m, m - .01, m + .01, .01 * a, .01 * a - .02, .01 * a + .02,
                "fashion-mnist", a % 2 ? "mnist" : "-", "thread07", 4, 3000 } }'
        table "tables/${figure}_runs.tsv" arm x seed outcome valid_accuracy <<<"BEGIN { arms = \"$arms\" } $run"'for (s = 1; s <= 3; s++)
            print arm[a], .03 * (a - 1), s, a == 2 && s == 3 ? "diverged" : "finished", a == 2 && s == 3 ? "nan" : .79 + .01 * a + .005 * s }'
        table "tables/${figure}_curves.tsv" arm x epoch seeds valid_accuracy valid_accuracy_lowest valid_accuracy_highest open_accuracy \
            open_accuracy_lowest open_accuracy_highest <<<"BEGIN { arms = \"$arms\" } $run"'for (e = 1; e <= 4; e++) { v = .8 + .01 * a - .1 / e
            print arm[a], .03 * (a - 1), e, 3, v, v - .01, v + .015, v + .02, v, v + .03 } }'
    done <<'FIGURES'
thread_comparison:conv-bn-relu;ic;bn-after;drop-only;none
thread_statistics:conv-bn-relu;ic
drop_rates:drop 0;drop .01;drop .03
synergy:neither;dropout;batch norm;both
skip_places:conv;relu;between;ic
xresnet_conversion:baseline;naive;full
curves:conv-bn-relu;ic
pairs:ic
conditioning:ic
FIGURES
    local layers='function rows(    a, l, s, b, k) { split("conv-bn-relu ic", arm, " "); nk = keeps("1 .95 .8 .5"); '
    table tables/thread_statistics_layers.tsv arm step epoch stage place mean sd near_zero <<<"$layers"'
        for (a = 1; a <= 2; a++) for (s = 0; s < 30; s++) for (l = 1; l <= 3; l++) for (b = 1; b <= 3; b++)
            print arm[a], s, 1, "stage" l, b == 1 ? "input" : b == 2 ? "relu" : "output", .1 * l - .01 * s, 1 + .1 * a + .01 * s, .2 + .1 * l }'
    table tables/thread_statistics_histograms.tsv arm stage step value log_count <<<"$layers"'
        for (a = 1; a <= 2; a++) for (l = 1; l <= 3; l++) for (s = 0; s < 30; s += 2) for (b = 0; b < 40; b++)
            print arm[a], l, s, -7 + 14 * (b + .5) / 40, b < 17 ? 0 : log(1 + 9000 / (b - 16)) }'
    table tables/trained_means.tsv panel keep quantity estimator estimate se lo hi <<<"$layers"'
        for (l = 1; l <= 3; l++) for (k = 2; k <= nk; k++) { print "trained-unit" l, keep[k], "mi-ratio", "decomposition", 1.01, .01, .99, 1.03
            print "trained-unit" l, keep[k], "slope", "pearson", .96, .01, .94, .98
            print "trained-unit" l, keep[k], "formula-slope", "pearson", 1, .01, .98, 1.02 } }'
    table tables/trained_pairs.tsv panel keep i j estimator mi_before mi_after mi_law <<<"$layers"'
        for (l = 1; l <= 3; l++) for (k = 2; k <= nk; k++) for (b = 1; b <= 9; b++)
            print "trained-unit" l, keep[k], 0, b, "decomposition", .1 * b, .1 * b * keep[k] ^ 2 + .01, .1 * b * keep[k] ^ 2 }'
    table tables/training_gradients.tsv word layer weights quantity estimate se lo hi <<<"$layers"'
        for (a = 1; a <= 2; a++) for (l = 2; l <= 4; l++) for (b = 1; b <= 2; b++) { v = (b == 1 ? .5 : 0) + .1 * a + .02 * l
            print a == 1 ? "ic" : "baseline", "conv" l, 72, b == 1 ? "sign-agreement" : "mean-shift", v, .01, v - .02, v + .02 } }'
    table tables/training_variance.tsv stage name behind_drop ratio se lo hi <<<"$layers"'
        for (l = 1; l <= 4; l++) { v = 1 + .02 * l; print l, "stage" l, (l > 1), v, .004, v - .008, v + .008 } }'
    local trained='function rows(    c, s, e, n, part) { n = split("thread07:ic thread07:baseline thread07:drop03 thread07-constant:none thread07-constant:both resnet20:conv resnet20:ic xresnet18:naive xresnet18:full thread07-rates:none thread07-rates:ic", all, " ")
        for (c = 1; c <= n; c++) { split(all[c], part, ":"); for (s = 1; s <= 3; s++) '
    table tables/training_runs.tsv law word rate seed outcome steps valid_accuracy train_accuracy open_accuracy mean sd spread early_spread run <<<"$trained"'
            print part[1], part[2], .4 * 4 ^ s, s, (c > 9 && s == 3 ? "diverged" : "finished"), 100, .8 + .01 * c + .002 * s, .9, .9, 1, 1, .3, .1 * s, "run" c "-" s } }'
    table tables/training_curves.tsv law word rate seed epoch valid_accuracy <<<"$trained"'for (e = 1; e <= 4; e++)
            print part[1], part[2], 2, s, e, .9 - .1 / e + .001 * c + .002 * s } }'
    table tables/trained_condition.tsv panel keep condition se lo hi law bound largest_eigenvalue <<<"$layers"'
        for (l = 1; l <= 3; l++) for (k = 1; k <= nk; k++) { q = keep[k]; v = (8 * q + 1 - q) / (.2 * q + 1 - q)
            print "trained-unit" l, q, v, .1, v - .2, v + .2, v, q < 1 ? v / (1 - q) : "inf", 8 } }'
    table claims.tsv id verdict expected estimate lo hi n se target tolerance effect estimator <<<'function rows() {
        print "c01.a.ratio", "holds", "holds", 1.01, .99, 1.03, 1000, .01, 1, .06, .17, "decomposition"
        print "c01.b.ratio", "undecided", "holds", 1.05, .99, 1.11, 1000, .03, 1, .06, .83, "decomposition"
        print "c05.a.exponent", "fails", "fails", 3.05, 3.01, 3.09, 1000, .02, 2, .06, 17.5, "decomposition"
        print "c05.a.bound", "holds", "holds", .6, .58, .62, 1000, .01, 1, 0, -.4, "decomposition"
        print "c05.b.ratio", "fails", "holds", .5, .49, .51, 1000, .01, 1, .06, -8.3, "decomposition"
        print "c05.a.local", "measured", "measured", 4.1, 4, 4.2, 1000, .05, "nan", 0, "nan", "decomposition"
        print "c09.a.ratio", "skipped", "holds", "nan", "nan", "nan", 0, "nan", 1, .06, "nan", "-" }'
}
tables

formats=svg
! gnuplot -e 'print GPVAL_TERMINALS' 2>&1 | grep -q ' pngcairo ' || formats="svg png"
drawn() { (cd "$here/figures" 2>/dev/null && find . -type f | sort | xargs); }
# shellcheck disable=SC2317 # called through exits
draw() { gnuplot -c "$@"; }

for script in $scripts; do
    name=$(basename "$script" .gp)
    rm -rf "$here/figures"
    exits "$name: drawn" 0 draw "$script" "$here"
    is "$name: silent" "$(cat "$TMP/out" "$TMP/err")" ""
    for format in $formats; do ok "$name.$format is there" test -s "$here/figures/$name.$format"; done
    # shellcheck disable=SC2086 # one word a format
    is "$name: nothing else" "$(drawn)" "$(printf "./$name.%s\n" $formats | sort | xargs)"
    like "$name.svg: whole" "$(tail -n 3 "$here/figures/$name.svg" 2>/dev/null)" '</svg>'
    rm -rf "$TMP/first"
    mv "$here/figures" "$TMP/first"
    # From another folder, by another way: the same bytes.
    exits "$name: drawn again" 0 env -C "$here" gnuplot -c "$PWD/$script" .
    ok "$name: the same bytes" diff -r "$TMP/first" "$here/figures"
    rm -rf "$here/figures"

    for table in $(sed -n 's/^# needs: //p' "$script"); do
        mv "$here/$table" "$TMP/away.tsv"
        exits "$name without $table" 1 draw "$script" "$here"
        is "$name without $table: one line" "$(cat "$TMP/out" "$TMP/err")" "$name: $here/$table: no such table"
        sed '/^[^#]/q' "$TMP/away.tsv" >"$here/$table"
        exits "$name, $table without rows" 1 draw "$script" "$here"
        is "$name, $table without rows: one line" "$(cat "$TMP/out" "$TMP/err")" "$name: $here/$table: no rows"
        mv "$TMP/away.tsv" "$here/$table"
    done
    ok "$name: nothing written" test ! -e "$here/figures"
done

# What a run of other claims leaves: tables with rows, none of them for the figure.
mkdir "$TMP/other"
cp -r "$here/." "$TMP/other"
sed -i '/^[^#l]/s/independent/none/' "$TMP/other/tables/mi.tsv"
exits "no row for the figure" 1 draw plots/c01_mi_against_keep.gp "$TMP/other"
is "no row for the figure: one line" "$(cat "$TMP/out" "$TMP/err")" \
    "c01_mi_against_keep: $TMP/other/tables/mi.tsv: no rows for this figure"
# One law of many.
for table in mi mi_ratio exponent exponent_curve correlation entropy law_curves; do
    sed -i '/^\(student\|bimodal\|discrete\|relu\|binary\|relubn\)\t/d' "$here/tables/$table.tsv"
done
for name in c01_mi_against_keep c01_mi_loglog c01_exponents c02_correlation_against_keep c03_entropy_against_keep c06_shared_gate c07_gaussian_noise; do
    exits "$name: one law" 0 draw "plots/$name.gp" "$here"
    is "$name: one law: silent" "$(cat "$TMP/out" "$TMP/err")" ""
done

if gnuplot -e 'print GPVAL_TERMINALS' 2>&1 | grep -q ' pdfcairo '; then
    exits "pdf" 0 draw plots/verdicts.gp "$here" pdf
    ok "pdf: there" test -s "$here/figures/verdicts.pdf"
fi
exits "no folder" 1 draw plots/verdicts.gp "$TMP/nowhere"
is "no folder: one line" "$(cat "$TMP/out" "$TMP/err")" "verdicts: $TMP/nowhere: no such folder"
exits "no argument" 2 draw plots/verdicts.gp
like "no argument: usage" "$(cat "$TMP/err")" '^usage: gnuplot -c verdicts.gp RESULTS_FOLDER'
exits "another format" 2 draw plots/verdicts.gp "$here" gif
exits "style.gp by itself" 2 draw plots/style.gp "$here"
done_testing
