#!/usr/bin/env bash
# Runs under mpirun: four ranks give the tables of one process; a killed rank ends the job, and the same command goes on.
# shellcheck disable=SC2317 # functions are called through exits
. tests/cli.sh

command -v mpirun >/dev/null || { skip "runs under mpirun" "mpirun is not installed" && done_testing; }
export ICLAB_PLOTS="$TMP/none" # no figures

arguments=(reproduce drop-rates --data planted-12x12x1-3 --limit 600 --epochs 12 --seeds 2 --threads 1)
ranks() { mpirun --allow-run-as-root --oversubscribe --bind-to none "$@"; }
ranks -n 1 "$program" reproduce nothing >"$TMP/probe" 2>&1 || true
if grep -q 'built without MPI' "$TMP/probe"; then skip "runs under mpirun" "built without MPI" && done_testing; fi
bare()
{
    local file
    for file in "$1"/tables/*.tsv; do
        echo "== ${file#"$1"/}"
        sed '/^#/d' "$file"
    done
}

exits "one process" 0 iclab "${arguments[@]}" --out "$TMP/one"
exits "four ranks" 0 ranks -n 4 "$program" "${arguments[@]}" --out "$TMP/four"
is "one rank speaks" "$(grep -c '^drop-rates: ' "$TMP/out")" 1
ok "the same tables" diff <(bare "$TMP/one") <(bare "$TMP/four")
is "every run once" "$(find "$TMP/four/runs" -mindepth 1 -maxdepth 1 | wc -l)" 12
is "no lock is left" "$(find "$TMP/four/runs" -name '*.lock' | wc -l)" 0

# A rank that dies: its process is known by the file it writes.
cat >"$TMP/rank" <<'RANK'
#!/bin/sh
echo $$ >"$1/pid$OMPI_COMM_WORLD_RANK"
shift
exec "$@"
RANK
chmod +x "$TMP/rank"
mkdir "$TMP/pids"
(ranks -n 4 "$TMP/rank" "$TMP/pids" "$program" "${arguments[@]}" --epochs 25 --out "$TMP/killed" >"$TMP/killed.out" 2>"$TMP/killed.err") &
job=$!
for _ in $(seq 400); do
    if [ -n "$(find "$TMP/killed/runs" -name epochs.tsv -size +1 2>/dev/null)" ]; then break; fi
    sleep .05
done
kill -KILL "$(cat "$TMP/pids/pid2")"
status=0
wait $job || status=$?
not_ok "a killed rank ends the job" test "$status" = 0
ok "no tables then" test ! -e "$TMP/killed/tables"
exits "the same command goes on" 0 ranks -n 4 "$program" "${arguments[@]}" --epochs 25 --out "$TMP/killed"
exits "one process, as long" 0 iclab "${arguments[@]}" --epochs 25 --out "$TMP/whole"
ok "the tables of runs without a death" diff <(bare "$TMP/killed") <(bare "$TMP/whole")

# A failure of one is the end of all, with its exit status.
exits "data that is not there" 2 ranks -n 2 -x ICLAB_DATA="$TMP" "$program" reproduce synergy --data mnist --out "$TMP/nothing"
like "data that is not there: the line" "$(cat "$TMP/err")" '^iclab: .*mnist.*iclab data fetch'
done_testing
