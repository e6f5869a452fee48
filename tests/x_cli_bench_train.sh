#!/usr/bin/env bash
# `iclab bench train` on a small network: both tables, bad usage. How fast it is is no test.
# shellcheck disable=SC2016 # awk's own variables
. tests/cli.sh

rates='net order batch threads images_per_second best forward forward_best convolutions convolutions_best percent_of_convolutions gflops'
exits "one network" 0 iclab bench train --net thread06 --batch 24 --threads 2
cp "$TMP/out" "$TMP/table"
is "silent" "$(cat "$TMP/err")" ""
like "the library of convolutions" "$(cat "$TMP/table")" '^# convolutions: .'
is "names" "$(grep '^net' "$TMP/table" | head -n 1 | xargs)" "$rates"
is "names of the second table" "$(grep '^net' "$TMP/table" | tail -n 1 | xargs)" "net order batch threads operation percent"
is "a row an order" "$(awk -F '\t' 'NF == 12 && $1 != "net" { print $1, $2, $3, $4 }' "$TMP/table" | xargs)" \
    "thread06 conv-bn-relu 24 2 thread06 ic 24 2"
ok "numbers, the best no less than the median" awk -F '\t' 'NF == 12 && $1 != "net" {
    for (i = 5; i <= 12; i++) if (!($i > 0)) exit 1
    if ($6 < $5 || $8 < $7 || $10 < $9) exit 1 }' "$TMP/table"
# Two printed numbers, each rounded by up to half of its last digit.
ok "the share is what the rates say" awk -F '\t' 'NF == 12 && $1 != "net" { d = $11 - 100 * $5 / $9; if (d > .1 || d < -.1) exit 1 }' "$TMP/table"
ok "the shares of an order sum to 100" awk -F '\t' 'NF == 6 && $1 != "net" { sum[$2] += $6; kinds[$2]++ }
    END { for (o in sum) { n++; d = sum[o] - 100; if (d > .06 * kinds[o] || d < -.06 * kinds[o]) exit 1 } exit n != 2 }' "$TMP/table"
like "convolutions take time" "$(cat "$TMP/table")" $'^thread06\tic\t24\t2\tconvolution backward, weights\t'

exits "one order" 0 iclab bench train --net thread06 --order none --batch 8 --threads 1
is "one row" "$(awk -F '\t' 'NF == 12 && $1 != "net" { print $2 }' "$TMP/out" | xargs)" "none"

fails "unknown network" 2 "--net: no network 'thread08'" iclab bench train --net thread08
fails "a very long name" 2 '--net: no network' iclab bench train --net "$(printf 'n%.0s' {1..200})"
fails "unknown order" 2 "--order: no order 'ci'" iclab bench train --order ci
fails "bad batch" 2 '--batch' iclab bench train --batch many
fails "a network for another part" 2 '--net goes with bench train' iclab bench kernels --net thread06
fails "an order for all" 2 '--order goes with bench train' iclab bench --order ic
fails "a batch for another part" 2 '--batch goes with bench train' iclab bench mi --batch 8
fails "further names" 2 'bench train takes no further names' iclab bench train thread06
like "listed" "$(iclab bench --help)" 'kernels\|mi\|train\|verify'
done_testing
