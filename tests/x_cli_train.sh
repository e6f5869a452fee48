#!/usr/bin/env bash
# iclab train from end to end: the files of a run, threads, resuming, divergence, full disks, bad input, memory.
# shellcheck disable=SC2317 # functions are called through exits and fails
. tests/cli.sh

small=(--data planted-12x12x1-3 --limit 600 --valid-limit 200 --batch 64 --epochs 2 --seed 3)
train() { iclab train --quiet "${small[@]}" "$@"; }
# body RUN: what must not depend on threads, interruptions and checkpoints.
body()
{
    local file
    for file in metrics epochs layers norms parameters; do
        echo "== $file"
        sed '/^#/d' "$1/$file.tsv"
    done
    cat "$1/histograms.npy" "$1/spec.txt" "$1/result.json"
}

# ---- a run ----------------------------------------------------------------------------------------------------------
exits "a run" 0 iclab train "${small[@]}" --threads 1 --record-steps 4 --capture --keep-initial --out "$TMP/a"
like "what came out" "$(cat "$TMP/out")" '^finished after 2 epochs: validation accuracy [01]\.[0-9]{4} \(best [01]\.[0-9]{4} in epoch [12]\), loss '
like "where it is" "$(cat "$TMP/out")" "^run: $TMP/a\$"
like "the memory is stated" "$(cat "$TMP/err")" '^iclab: memory: [0-9.]+ MiB \(program '
like "progress has a rate" "$(cat "$TMP/err")" '^training: 50 % \(6[0-9][0-9]/1200\) after [0-9]+ s, [0-9.]+ images/s, [0-9]+ s left$'
is "metrics.tsv: names" "$(names "$TMP/a/metrics.tsv")" "step epoch rate momentum loss accuracy gradient_norm weight_norm"
is "metrics.tsv: a row a step" "$(rows "$TMP/a/metrics.tsv" | cut -f 1 | tr '\n' ' ')" "$(seq -s ' ' 0 19) "
like "metrics.tsv: its header" "$(cat "$TMP/a/metrics.tsv")" '^# command: .*iclab train .*--seed 3'
like "metrics.tsv: the kernels" "$(cat "$TMP/a/metrics.tsv")" '^# kernels: [a-z0-9]+; convolutions: [a-z]+'
is "epochs.tsv: names" "$(names "$TMP/a/epochs.tsv")" \
    "epoch steps rate train_loss train_accuracy open_loss open_accuracy valid_loss valid_accuracy"
is "epochs.tsv: a row an epoch" "$(rows "$TMP/a/epochs.tsv" | cut -f 1,2 | tr '\t\n' ' ;')" "1 10;2 20;"
is "layers.tsv: names" "$(names "$TMP/a/layers.tsv")" "step epoch stage place mean sd near_zero least most"
is "layers.tsv: three places of five stages at five steps" "$(rows "$TMP/a/layers.tsv" | cut -f 1 | uniq -c | tr -s ' \n' ' ')" \
    " 15 0 15 4 15 8 15 12 15 16 "
is "norms.tsv: a row an epoch and norm" "$(rows "$TMP/a/norms.tsv" | cut -f 1,2 | tr '\t\n' ' ;')" \
    "1 stage1;1 stage2;1 stage3;1 stage4;1 stage5;2 stage1;2 stage2;2 stage3;2 stage4;2 stage5;"
is "epochs.tsv: the end is that of result.json" "$(sed -n 's/ *"valid_accuracy": \(.*\),/\1/p' "$TMP/a/result.json")" "$(cell "$TMP/a/epochs.tsv" 2 9)"
is "two sides of five dropouts" "$(find "$TMP/a/captures" -name '*.npy' | wc -l | tr -d ' ')" 10
ok "result.json is JSON" "$TMP/data" json <"$TMP/a/result.json"
# the captures are what iclab measure wants: correlations of channels fall by keep
exits "measure reads the captures" 0 iclab measure --before "$TMP/a/captures/stage2_before.npy" \
    --after "$TMP/a/captures/stage2_after.npy" --unit channel --keep .95 --pairs 0:1,2:9,4:15 -e gaussian --out "$TMP/measured"
is "measure: no ratio is far from keep" "$(rows "$TMP/measured" | awk -F '\t' '$8 * $8 > .04 && ($10 < .85 || $10 > 1.05)')" ""
ok "spec.txt is a specification" grep -qx 'net thread07' "$TMP/a/spec.txt"

# numpy and pandas read all of it as it is
python=
for candidate in python3 /usr/bin/python3; do
    [ -n "$python" ] || ! "$candidate" -c 'import numpy, pandas' 2>/dev/null || python=$candidate
done
if [ -z "$python" ]; then
    skip "numpy and pandas read a run" "no Python with NumPy and pandas"
else
    ok "numpy and pandas read a run" "$python" - "$TMP/a" <<'P'
import sys, numpy, pandas
run = sys.argv[1]
for name, rows in (("metrics", 20), ("epochs", 2), ("layers", 75), ("norms", 10), ("parameters", 17)):
    table = pandas.read_csv(f"{run}/{name}.tsv", sep="\t", comment="#")
    assert len(table) == rows, (name, len(table))
histograms = numpy.load(f"{run}/histograms.npy")
assert histograms.shape == (5, 5, 40) and histograms.dtype == numpy.int64, histograms.shape
assert sorted(numpy.load(f"{run}/order.npy")[1]) == list(range(600))
parameters = pandas.read_csv(f"{run}/parameters.tsv", sep="\t", comment="#")
assert numpy.load(f"{run}/initial.npy").shape == (parameters["count"].sum(),)
assert numpy.load(f"{run}/captures/stage1_before.npy").shape == (200, 8, 6, 6)
P
fi

# ---- the same bytes -------------------------------------------------------------------------------------------------
exits "two threads, other checkpoints" 0 train --threads 2 --record-steps 4 --checkpoint-steps 3 --out "$TMP/b"
ok "the same bytes" cmp <(body "$TMP/a") <(body "$TMP/b")
exits "another seed" 0 train --record-steps 4 --seed 4 --out "$TMP/c"
not_ok "other bytes" cmp <(sed '/^#/d' "$TMP/a/metrics.tsv") <(sed '/^#/d' "$TMP/c/metrics.tsv")
fails "a folder that holds a run" 2 "$TMP/a: holds a run already" train --record-steps 4 --out "$TMP/a"
stamp=$(find "$TMP/a" -type f -printf '%p %T@\n' | sort)
exits "--resume of a finished run" 0 train --record-steps 4 --resume --out "$TMP/a"
like "it says so" "$(cat "$TMP/out")" '^was finished already after 2 epochs'
is "nothing is touched" "$(find "$TMP/a" -type f -printf '%p %T@\n' | sort)" "$stamp"
fails "--resume of another run" 2 "$TMP/a/spec.txt: is of another specification: 'seed 3' there, 'seed 5' here" \
    train --seed 5 --resume --out "$TMP/a"
exits "the default folder" 0 env -C "$TMP" "$program" train --quiet "${small[@]}" --epochs 1
like "is named by the specification" "$(cat "$TMP/out")" '^run: runs/thread07-ic-drop05-s3-[0-9a-f]{12}$'
ok "and made" test -s "$TMP/$(sed -n 's/^run: //p' "$TMP/out")/result.json"

# ---- Ctrl-C ---------------------------------------------------------------------------------------------------------
long=(--data planted-12x12x1-3 --limit 4000 --valid-limit 200 --batch 20 --epochs 3 --seed 3)
exits "a longer run" 0 iclab train --quiet "${long[@]}" --out "$TMP/whole"
for signal in INT TERM; do
    "$program" train --quiet "${long[@]}" --out "$TMP/$signal" >"$TMP/out" 2>"$TMP/err" &
    pid=$!
    for _ in $(seq 400); do
        [ ! -s "$TMP/$signal/metrics.tsv" ] || [ "$(wc -l <"$TMP/$signal/metrics.tsv")" -lt 30 ] || break
        sleep 0.02
    done
    kill -s "$signal" "$pid"
    status=0
    wait "$pid" || status=$?
    is "SIG$signal: exit status" "$status" 3
    like "SIG$signal: how to go on" "$(cat "$TMP/err")" "^iclab: stopped after step [0-9]+; to go on: .*--out $TMP/$signal --resume\$"
    ok "SIG$signal: a checkpoint, no result" test -s "$TMP/$signal/checkpoint.bin" -a ! -e "$TMP/$signal/result.json"
    exits "SIG$signal: --resume" 0 iclab train --quiet "${long[@]}" --out "$TMP/$signal" --resume
    ok "SIG$signal: the same bytes" cmp <(body "$TMP/whole") <(body "$TMP/$signal")
done

# ---- divergence -----------------------------------------------------------------------------------------------------
exits "a rate of 1e6" 0 train --schedule constant --rate 1e6 --out "$TMP/d"
like "it says so" "$(cat "$TMP/out")" '^diverged at step [0-9]+: '
like "so does result.json" "$(cat "$TMP/d/result.json")" '"outcome": "diverged"'
step=$(sed -n 's/ *"steps": \(.*\),/\1/p' "$TMP/d/result.json")
is "the last row is that step" "$(rows "$TMP/d/metrics.tsv" | tail -n 1 | cut -f 1)" "$step"
is "its loss, gradient or weights are not finite, those before are" \
    "$(rows "$TMP/d/metrics.tsv" | awk -F '\t' '($5 $7 $8) ~ /nan|inf/ { print $1 }')" "$step"
exits "--resume of it" 0 train --schedule constant --rate 1e6 --resume --out "$TMP/d"
like "the same answer" "$(cat "$TMP/out")" "^diverged at step $step: "

# ---- full disks, places that cannot be written ----------------------------------------------------------------------
limited() { (ulimit -f "$1" && shift && train "$@"); } # KIB OPTION...
for kib in 1 4 60 240; do
    fails "files of at most $kib KiB" 3 "$TMP/full$kib/.*: writing failed: File too large" limited "$kib" --record-steps 1 --out "$TMP/full$kib"
    exits "$kib KiB: then room, --resume" 0 train --record-steps 1 --resume --out "$TMP/full$kib"
done
exits "without a limit" 0 train --record-steps 1 --out "$TMP/free"
for kib in 1 4 60 240; do
    ok "$kib KiB: the same bytes" cmp <(body "$TMP/free") <(body "$TMP/full$kib")
done
: >"$TMP/plain"
fails "a file as folder" 2 "$TMP/plain: exists and is not a folder" train --out "$TMP/plain"
fails "a folder that cannot be made" 3 '/proc/nothing: the folder cannot be made' train --out /proc/nothing
if [ "$(id -u)" != 0 ]; then
    mkdir -m 555 "$TMP/closed"
    fails "a folder that cannot be written" 3 "$TMP/closed" train --out "$TMP/closed"
fi

# ---- bad input ------------------------------------------------------------------------------------------------------
none=$TMP/none
fails "unknown data" 2 '.*no-such-data' train --data no-such-data --out "$none"
fails "unknown network" 2 ".*thread99.*thread07" train --net thread99 --out "$none"
fails "a drop without a dropout" 2 '--drop: the order conv-bn-relu has no dropout' train --order conv-bn-relu --drop .1 --out "$none"
fails "a drop of 1" 2 '--drop: 1 is out of range' train --drop 1 --out "$none"
fails "bad milestones" 2 "--milestones: 'x' is not a whole number" train --schedule step --milestones 1,x --out "$none"
fails "too many milestones" 2 '--milestones: more than 8' train --schedule step --milestones 1,2,3,4,5,6,7,8,9 --out "$none"
fails "falling milestones" 2 '--milestones: ' train --schedule step --epochs 9 --milestones 4,2 --out "$none"
fails "no epochs" 2 '--epochs: 0 is out of range' train --epochs 0 --out "$none"
fails "an argument" 2 "unexpected argument 'now'" train now
ok "no folder is made of them" test ! -e "$none"
exits "a drop of 0 without a dropout" 0 train --order conv-bn-relu --drop 0 --epochs 1 --out "$TMP/zero"
cp -r "$TMP/INT" "$TMP/cut"
rm "$TMP/cut/result.json"
truncate -s -1 "$TMP/cut/checkpoint.bin"
sum=$(md5sum "$TMP"/cut/*.*)
fails "a checkpoint cut short" 2 "$TMP/cut/checkpoint.bin: is cut short" iclab train --quiet "${long[@]}" --resume --out "$TMP/cut"
cp "$TMP/a/checkpoint.bin" "$TMP/cut/"
fails "a checkpoint of another run" 2 "$TMP/cut/checkpoint.bin: is of another specification" iclab train --quiet "${long[@]}" --resume --out "$TMP/cut"
cp "$TMP/a/metrics.tsv" "$TMP/cut/checkpoint.bin"
fails "no checkpoint" 2 "$TMP/cut/checkpoint.bin: is no checkpoint" iclab train --quiet "${long[@]}" --resume --out "$TMP/cut"
rm "$TMP/cut/checkpoint.bin"
is "earlier results are untouched" "$(md5sum "$TMP"/cut/*.*)" "$(grep -v checkpoint <<<"$sum")"

# ---- the network ----------------------------------------------------------------------------------------------------
exits "--describe" 0 iclab train --data planted-28x28x1-10 --describe
like "its parameters" "$(cat "$TMP/out")" '62[, ]?274'
for order in conv-bn-relu bn-after drop-only none; do
    exits "order $order" 0 train --order "$order" --schedule constant --rate .1 --epochs 1 --out "$TMP/$order"
done
is "orders without a norm: norms.tsv has no rows" "$(rows "$TMP/drop-only/norms.tsv")" ""
exits "everything at once" 0 train --net resnet20 --data planted-16x16x3-4 --limit 150 --valid-limit 60 --batch 32 --skip between \
    --general-relu --drop .1 --gate shared --optimiser adam --momentum .9 --beta2 .98 --epsilon 1e-6 --decay .01 --decoupled \
    --schedule cosine --rate .003 --rate-start .001 --rate-end 1e-5 --warm .4 --momentum-low .8 --smoothing .1 --flip --pad 2 \
    --capture --capture-images 10 --checkpoint-steps 2 --out "$TMP/all"
is "momentum goes down and back" "$(rows "$TMP/all/metrics.tsv" | awk -F '\t' '{ if ($4 < low || NR == 1) low = $4 } END { print ($4 > low), (low >= .8) }')" "1 1"

# ---- memory ---------------------------------------------------------------------------------------------------------
exits "a run that takes memory" 0 iclab train --data planted-28x28x1-10 --limit 12000 --valid-limit 2000 --epochs 1 --out "$TMP/memory"
stated=$(sed -n 's/^iclab: memory: \([0-9.]*\) MiB (.*/\1/p' "$TMP/err")
taken=$(sed -n 's/^iclab: memory: \([0-9.]*\) MiB at most$/\1/p' "$TMP/err")
case ${TEST_CFLAGS:-} in
*sanitize*) like "memory is stated (a sanitizer takes more)" "$stated" '^[0-9.]+$' ;;
*) near "memory taken over memory stated" "$(awk -v a="$taken" -v b="$stated" 'BEGIN { print a / b }')" 1 .1 ;;
esac
done_testing
