#!/usr/bin/env bash
# Runs in folders and with streams that somebody has broken: one line and an unchanged folder, or the right bytes.
# shellcheck disable=SC2317 # functions are called through exits and fails
. tests/cli.sh

small=(--data planted-8x8x1-3 --limit 100 --valid-limit 20 --batch 16 --epochs 2 --seed 3 --threads 1)
train() { iclab train --quiet "${small[@]}" "$@"; }
body()
{
    local file
    for file in metrics epochs layers norms parameters; do
        echo "== $file"
        sed '/^# command/d' "$1/$file.tsv"
    done
    cat "$1/histograms.npy" "$1/spec.txt" "$1/result.json"
}
# sums RUN: every plain file, and what else is there.
sums() { (cd "$1" && ls -l --time-style=+ && find . -type f ! -name lock -exec md5sum {} + | sort); }

exits "a run" 0 train --out "$TMP/whole"
# begun DIR: a run that has a checkpoint and no result.
begun() { rm -rf "$1" && cp -r "$TMP/whole" "$1" && rm "$1/result.json"; }

# ---- streams that are closed: their numbers must not become those of a table ------------------------------------------
closed() { bash -c "\"\$0\" \"\$@\" $1" "$program" train "${small[@]}" --out "$2" >"$TMP/out" 2>"$TMP/err"; }
for what in '0<&-' '2>&-' '0<&- 2>&-'; do
    rm -rf "$TMP/closed"
    ok "$what: a run" closed "$what" "$TMP/closed"
    ok "$what: the same bytes" cmp <(body "$TMP/whole") <(body "$TMP/closed")
    ok "$what: nothing in the lock" test ! -s "$TMP/closed/lock"
done
for what in '1>&-' '1>&- 2>&-' '0<&- 1>&- 2>&-'; do
    rm -rf "$TMP/closed"
    status=0
    closed "$what" "$TMP/closed" || status=$?
    is "$what: the result cannot be told" "$status" 3
    ok "$what: the same bytes" cmp <(body "$TMP/whole") <(body "$TMP/closed")
done

# ---- not a plain file -------------------------------------------------------------------------------------------------
for file in spec.txt checkpoint.bin result.json metrics.tsv epochs.tsv layers.tsv norms.tsv histograms.npy; do
    begun "$TMP/pipe"
    rm -f "$TMP/pipe/$file"
    mkfifo "$TMP/pipe/$file"
    fails "$file: a pipe" 2 "$TMP/pipe/$file: is no plain file" timeout 20 "$program" train --quiet "${small[@]}" --resume --out "$TMP/pipe"
done
rm "$TMP/pipe/histograms.npy"
mkfifo "$TMP/pipe/result.json"
fails "compare: a pipe" 2 "$TMP/pipe/result.json: is no plain file" timeout 20 "$program" compare "$TMP/whole" "$TMP/pipe"

# ---- tables that somebody has edited ----------------------------------------------------------------------------------
for file in metrics.tsv epochs.tsv layers.tsv norms.tsv histograms.npy; do
    begun "$TMP/edited"
    tr '[:print:]' x <"$TMP/whole/$file" >"$TMP/edited/$file"
    before=$(sums "$TMP/edited")
    fails "$file: other content" 2 "$TMP/edited/$file: is not what was written" train --resume --out "$TMP/edited"
    is "$file: other content: nothing is touched" "$(sums "$TMP/edited")" "$before"
done
begun "$TMP/edited"
sed -i '$s/^/1/' "$TMP/edited/metrics.tsv" # a byte more in the middle: what the checkpoint knows ends within a row
fails "a row longer" 2 "$TMP/edited/metrics.tsv: is not what was written" train --resume --out "$TMP/edited"

# ---- spec.txt is gone -------------------------------------------------------------------------------------------------
begun "$TMP/gone"
rm "$TMP/gone/spec.txt"
exits "the checkpoint has it" 0 train --resume --out "$TMP/gone"
ok "the checkpoint has it: the same bytes" cmp <(body "$TMP/whole") <(body "$TMP/gone")
for kept in metrics.tsv epochs.tsv layers.tsv norms.tsv histograms.npy result.json; do
    mkdir "$TMP/only"
    cp "$TMP/whole/$kept" "$TMP/only/"
    before=$(sums "$TMP/only")
    fails "only $kept" 2 "$TMP/only: holds a run already" train --out "$TMP/only"
    fails "only $kept: --resume" 2 "$TMP/only: holds $kept, but no spec.txt" train --resume --out "$TMP/only"
    is "only $kept: nothing is touched" "$(sums "$TMP/only")" "$before"
    rm -r "$TMP/only"
done

done_testing
