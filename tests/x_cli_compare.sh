#!/usr/bin/env bash
# iclab compare: two runs side by side, each number that of its file.
# shellcheck disable=SC2317 # functions are called through exits and fails
. tests/cli.sh

train() { iclab train --quiet --data planted-12x12x1-3 --limit 600 --valid-limit 200 --batch 64 --rate .3 --rate-start .1 --rate-end .05 "$@"; }
exits "a run" 0 train --epochs 3 --out "$TMP/a"
exits "another" 0 train --epochs 2 --order conv-bn-relu --out "$TMP/b"
exits "one without norms" 0 train --epochs 2 --order none --rate .05 --schedule constant --out "$TMP/c"
exits "one that diverges" 0 train --epochs 2 --schedule constant --rate 1e9 --out "$TMP/d"
cd "$TMP" || exit 1
iclab compare a b c d >side.tsv
# value QUANTITY RUN: the cell
value() { rows side.tsv | awk -F '\t' -v q="$1" -v c="$(($(names side.tsv | tr ' ' '\n' | grep -nx "$2" | cut -d: -f1)))" '$1 == q { print $c }'; }
is "the names" "$(names side.tsv)" "quantity a b c d"
is "what differs" "$(rows side.tsv | sed -n 's/^spec\.\([a-z-]*\).*/\1/p' | tr '\n' ' ')" "order drop epochs schedule rate rate-start rate-end "
is "orders" "$(value spec.order a) $(value spec.order b) $(value spec.order c)" "ic conv-bn-relu none"
is "outcomes" "$(value outcome a) $(value outcome d)" "finished diverged"
is "epochs" "$(value epochs a) $(value epochs b) $(value epochs d)" "3 2 0"
for run in a b c; do
    last=$(rows $run/epochs.tsv | wc -l)
    is "$run: the last epoch" \
        "$(value last.train_loss $run) $(value last.train_accuracy $run) $(value last.open_loss $run) $(value last.open_accuracy $run) $(value last.valid_loss $run) $(value last.valid_accuracy $run)" \
        "$(rows $run/epochs.tsv | sed -n "${last}p" | cut -f 4- | tr '\t' ' ')"
    is "$run: the best epoch" "$(value best.epoch $run) $(value best.valid_accuracy $run) $(value best.valid_loss $run)" \
        "$(rows $run/epochs.tsv | awk -F '\t' 'NR == 1 || $9 > best { best = $9; line = $1 " " $9 " " $8 } END { print line }')"
    is "$run: stage 2" "$(value stage2.mean $run) $(value stage2.sd $run) $(value stage2.near_zero $run)" \
        "$(rows $run/layers.tsv | awk -F '\t' '$3 == "stage2" && $4 == "relu" { line = $5 " " $6 " " $7 } END { print line }')"
done
is "the norm of stage 3" "$(value stage3.variance_ratio a)" "$(rows a/norms.tsv | awk -F '\t' '$2 == "stage3" { r = $6 } END { print r }')"
is "no norm, no epoch: nothing" "$(value stage3.variance_ratio c) $(value last.valid_loss d) $(value best.epoch d)" "- - -"
level=$(sed -n 's/^# level: //p' side.tsv)
is "the level: the lowest of the best" "$level" "$(for r in a b c; do value best.valid_accuracy $r; done | sort -g | head -n 1)"
to() { rows "$1/epochs.tsv" | awk -F '\t' -v l="$2" '$9 >= l { print $1; exit }'; }
is "epochs to it" "$(value epochs_to_level a) $(value epochs_to_level b) $(value epochs_to_level c)" "$(to a "$level") $(to b "$level") $(to c "$level")"
iclab compare a b --level 1 --all >side.tsv
is "a level that nobody reaches" "$(value epochs_to_level a) $(value epochs_to_level b)" "- -"
is "--all: every line of the specification" "$(rows side.tsv | grep -c '^spec\.')" "$(grep -c . a/spec.txt)"
exits "JSON" 0 iclab compare a d --format json
ok "JSON: it is" "$TMP/data" json <"$TMP/out"
like "JSON: what is missing is null" "$(cat "$TMP/out")" '"quantity":"last.valid_loss","a":[0-9.]+,"d":null'
exits "into a file" 0 iclab compare a b --out both.tsv
is "nothing on standard output" "$(cat "$TMP/out")" ""
ok "the file" grep -q '^epochs_to_level' both.tsv

fails "one run" 2 'RUN RUN .* is missing' iclab compare a
mkdir empty
fails "no run" 2 'empty: is no run: it has no spec.txt' iclab compare a empty
cp -r a broken
sed -i 's/^net .*/net/' broken/spec.txt
fails "a broken specification" 2 'broken/spec.txt: ' iclab compare a broken
cp a/spec.txt broken/
printf '1\t2\n' >>broken/epochs.tsv
fails "a broken table" 2 'broken/epochs.tsv: line [0-9]+: 2 cells, the line of names has 9' iclab compare broken a
cp a/epochs.tsv broken/
sed -i 's/valid_accuracy/accuracy/' broken/epochs.tsv
fails "a table without a column" 2 "broken/epochs.tsv: has no column 'valid_accuracy'" iclab compare broken a
fails "a bad level" 2 '--level: 2 is out of range' iclab compare a b --level 2
cd "$OLDPWD" || exit 1
done_testing
