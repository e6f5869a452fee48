#!/usr/bin/env bash
# enclose: bad usage in one line, the same seed the same bytes, other seeds and precisions the same verdicts.
. tests/tap.sh
. tests/enclose.sh

# refuses NAME WORDS...: status 2, nothing on standard output, one line on standard error.
refuses()
{
    local name=$1
    shift
    exits "$name" 2 "$ENCLOSE" "$@"
    is "$name: one line" "$(wc -l <"$TMP/err") $(wc -c <"$TMP/out")" "1 0"
}
refuses "no command"
refuses "a command that does not exist" verify
refuses "a check that does not exist" check c01_mi_quadratic c01_mi_cubic
like "it is named" "$(cat "$TMP/err")" 'c01_mi_cubic'
refuses "a claim that does not exist" check c0
refuses "an empty name" check ""
refuses "an option that does not exist" check --law 5
refuses "no value" check --laws
refuses "no laws" check --laws 0
refuses "a fraction of laws" check --laws 1.5
refuses "a negative seed" check --seed -1
refuses "too large a seed" check --seed 18446744073709551616
refuses "too few bits" check --bits 8
refuses "words behind list" list c01
refuses "words behind table" table c01
exits "enclose --help" 0 "$ENCLOSE" --help
like "it names the commands" "$(cat "$TMP/out")" 'list.*check.*table'
# shellcheck disable=SC2016 # the inner shell expands it
exits "standard output that takes nothing" 3 sh -c '"$1" list >/dev/full' - "$ENCLOSE"

exits "one check" 0 "$ENCLOSE" check --laws 5 c02_corr_formula
is "it alone ran" "$(sed '/^#/d' "$TMP/out" | cut -f1,3,4,9)" "name	cases	certain	verdict
c02_corr_formula	5	5	holds"
like "the header names what it depends on" "$(head -n 1 "$TMP/out")" '^# .*--laws 5 --seed 1 --bits 128.*FLINT [0-9].*Arb [0-9]'
cp "$TMP/out" "$TMP/alone"
exits "the checks of a claim" 0 "$ENCLOSE" check --laws 5 c08
is "they alone ran" "$(sed '/^#/d' "$TMP/out" | cut -f1 | sed 1d)" "$("$ENCLOSE" list | cut -f1 | grep ^c08_)"
exits "two checks" 0 "$ENCLOSE" check --laws 5 c02_corr_centred c02_corr_formula
is "with another it is the same" "$(grep c02_corr_formula "$TMP/out")" "$(grep c02_corr_formula "$TMP/alone")"

finite="c01_mi_quadratic c02_corr_formula c03_entropy_bound c04_mi_ic_layer c05_mi_bound c05_mi_local_exponent c06_mi_shared
    c07_corr_noise c08_tc_bound c09_condition_bound mixed_information"
for seed in 2 3 18446744073709551615; do
    # shellcheck disable=SC2086 # words
    exits "seed $seed" 0 "$ENCLOSE" check --laws 40 --seed $seed $finite
    cp "$TMP/out" "$TMP/$seed"
done
not_ok "another seed, other laws" cmp -s <(sed 1d "$TMP/2") <(sed 1d "$TMP/3")
# shellcheck disable=SC2086
exits "seed 2 again" 0 "$ENCLOSE" check --laws 40 --seed 2 $finite
ok "the same seed, the same bytes" cmp "$TMP/out" "$TMP/2"
# shellcheck disable=SC2086
exits "a first precision too low" 0 "$ENCLOSE" check --laws 10 --bits 32 $finite
is "equalities were retried" "$(awk -F '\t' '$1 == "c02_corr_formula" { print ($7 > 5) }' "$TMP/out")" 1
# shellcheck disable=SC2086
exits "a high one" 0 "$ENCLOSE" check --laws 10 --bits 1024 $finite
is "nothing was retried" "$(awk -F '\t' 'NR > 2 { sum += $7 } END { print sum }' "$TMP/out")" 0
done_testing
