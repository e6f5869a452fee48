#!/usr/bin/env bash
# iclab reproduce on planted images: runs, tables, figures; used again, stopped and resumed; what is missing.
# shellcheck disable=SC2317 # functions are called through exits and fails
. tests/cli.sh
export LC_ALL=C.UTF-8 # gnuplot grumbles where there is no UTF-8

planted="planted-12x12x1-3"
reproduce() { iclab reproduce "$@" --data "$planted" --limit 300 --threads 1; }
# The tables without their `#` lines.
bare()
{
    local file
    for file in "$1"/tables/*.tsv; do
        echo "== ${file#"$1"/}"
        sed '/^#/d' "$file"
    done
}

# ---- the list, bad usage -------------------------------------------------------------------------------------------
exits "--list" 0 iclab reproduce --list
is "--list: the columns" "$(sed -n 1p "$TMP/out")" "figure	source	data	title"
figures=$(sed 1d "$TMP/out" | cut -f 1)
is "--list: the figures" "$(echo "$figures" | xargs)" \
    "thread-comparison thread-statistics drop-rates synergy skip-places xresnet-conversion curves trained-pairs conditioning"
for figure in $figures; do
    ok "$figure is in the guide" grep -q "^| $figure |" docs/guide.md
done
fails "no figure" 2 'FIGURE is missing' iclab reproduce --out "$TMP/none"
fails "unknown figure" 2 "unknown figure 'mona-lisa'" iclab reproduce mona-lisa --out "$TMP/none"
fails "two figures" 2 "unexpected argument" iclab reproduce synergy curves --out "$TMP/none"
fails "quick and full" 2 '--quick and --full' iclab reproduce synergy --quick --full --out "$TMP/none"
fails "unknown network" 2 "--net: no network 'nothing'" iclab reproduce synergy --net nothing --out "$TMP/none"
fails "no such data" 2 ".*nowhere" iclab reproduce synergy --data nowhere --out "$TMP/none"
fails "data that is not there" 2 ".*mnist.*iclab data fetch" env ICLAB_DATA="$TMP" "$program" reproduce synergy --data mnist --out "$TMP/none"
fails "an empty folder name" 2 '--out: the name' iclab reproduce synergy --data "$planted" --limit 300 --epochs 1 --seeds 1 --out ""
ok "nothing was written" test ! -e "$TMP/none"

# ---- every figure ---------------------------------------------------------------------------------------------------
for figure in thread-comparison thread-statistics drop-rates synergy; do
    exits "$figure" 0 reproduce "$figure" --epochs 2 --seeds 2 --out "$TMP/a" --quiet
    is "$figure: nothing on standard error" "$(cat "$TMP/err")" ""
    like "$figure: what it was" "$(cat "$TMP/out")" "^$figure: thread07, $planted, 2 epochs, 2 seeds\$"
    stem=$(echo "$figure" | tr - _)
    for table in "$stem" "${stem}_runs" "${stem}_curves"; do
        like "$table.tsv: seeds, size, version" "$(sed -n '/^#/p' "$TMP/a/tables/$table.tsv")" '^# seeds 1 to 2, quick run, iclab [0-9.]+$'
        like "$table.tsv: the data" "$(sed -n '/^#/p' "$TMP/a/tables/$table.tsv")" "^# data: $planted\$"
    done
    if command -v gnuplot >/dev/null; then
        like "$figure: its figure" "$(cat "$TMP/out")" "^figure: $TMP/a/figures/$stem"
        is "$figure: no figure is left out" "$(grep -c 'left out' "$TMP/out")" 0
    fi
done
# Residual networks are slow: one epoch of one seed, few images.
for figure in skip-places xresnet-conversion curves; do
    net=resnet20
    [ "$figure" != xresnet-conversion ] || net=xresnet18
    exits "$figure" 0 iclab reproduce "$figure" --data "$planted" --limit 48 --epochs 1 --seeds 1 --out "$TMP/a" --quiet
    like "$figure: what it was" "$(cat "$TMP/out")" "^$figure: $net, $planted, 1 epoch, 1 seed\$"
done
is "arms of the comparison" "$(rows "$TMP/a/tables/thread_comparison.tsv" | cut -f 1 | xargs)" "conv-bn-relu ic bn-after drop-only none"
is "rates of the sweep" "$(rows "$TMP/a/tables/drop_rates.tsv" | cut -f 2 | xargs)" "0 0.01 0.03 0.05 0.1 0.2"
is "places of the shortcut" "$(rows "$TMP/a/tables/skip_places.tsv" | cut -f 1 | xargs)" "conv relu between ic"
# The tables are those of the runs.
run=$(rows "$TMP/a/tables/synergy_runs.tsv" | sed -n 8p | cut -f 15)
is "the last accuracy of a run" "$(rows "$TMP/a/tables/synergy_runs.tsv" | sed -n 8p | cut -f 7)" "$(rows "$TMP/a/runs/$run/epochs.tsv" | tail -n 1 | cut -f 9)"
near "a mean of two seeds" "$(rows "$TMP/a/tables/synergy.tsv" | sed -n 4p | cut -f 5)" \
    "$(rows "$TMP/a/tables/synergy_runs.tsv" | awk -F '\t' '$1 == "both" { s += $7 } END { printf "%.17g", s / 2 }')" 1e-12
is "moments of every step and place" "$(rows "$TMP/a/tables/thread_statistics_layers.tsv" | wc -l)" \
    "$(cat "$TMP"/a/runs/*-s1-*every1/layers.tsv | sed '/^#/d; /^step/d' | grep -c "$(printf '\t')stage")"
like "two figures share runs" "$(rows "$TMP/a/tables/thread_comparison_runs.tsv" | cut -f 15)" "^$run\$"

# ---- used again -----------------------------------------------------------------------------------------------------
find "$TMP/a/runs" -type f -exec stat -c '%n %Y %i' {} + | sort >"$TMP/before"
bare "$TMP/a" >"$TMP/tables"
exits "again" 0 reproduce synergy --epochs 2 --seeds 2 --out "$TMP/a"
is "again: no run is trained" "$(grep -c 'iclab: run ' "$TMP/err")" 0
ok "again: the runs are not touched" diff <(find "$TMP/a/runs" -type f -exec stat -c '%n %Y %i' {} + | sort) "$TMP/before"
ok "again: the same tables" diff <(bare "$TMP/a") "$TMP/tables"
rm -r "${TMP:?}/a/runs/$run"
exits "one run is missing" 0 reproduce synergy --epochs 2 --seeds 2 --out "$TMP/a"
is "only that is trained" "$(grep -c 'iclab: run ' "$TMP/err")" 1
ok "the same tables" diff <(bare "$TMP/a") "$TMP/tables"
exits "on two threads in another folder" 0 iclab reproduce synergy --data "$planted" --limit 300 --epochs 2 --seeds 2 --threads 2 --quiet --out "$TMP/b"
ok "the same bytes on 1 and 2 threads" diff <(bare "$TMP/b") <(sed -n '/^== tables.synergy.tsv/,/^== tables.thread/p' "$TMP/tables" | sed '$d')

# ---- stopped --------------------------------------------------------------------------------------------------------
long() { exec "$program" reproduce synergy --data "$planted" --limit 600 --epochs 60 --seeds 1 --threads 1 --out "$TMP/$1"; }
exits "without a stop" 0 long whole
(long stopped >"$TMP/stopped.out" 2>"$TMP/stopped.err") &
pid=$!
for _ in $(seq 600); do
    if [ -s "$TMP/stopped.err" ]; then break; fi
    sleep .05
done
kill -INT $pid 2>/dev/null || true
status=0
wait $pid || status=$?
is "Ctrl-C: exit status" "$status" 3
like "Ctrl-C: how to go on" "$(cat "$TMP/stopped.err")" '^iclab: stopped; the same command goes on: iclab reproduce synergy'
ok "Ctrl-C: no tables" test ! -e "$TMP/stopped/tables"
is "Ctrl-C: no lock is left" "$(find "$TMP/stopped/runs" -name '*.lock' | wc -l)" 0
exits "the same command" 0 long stopped
ok "the tables of a run without a stop" diff <(bare "$TMP/stopped") <(bare "$TMP/whole")
done_testing
