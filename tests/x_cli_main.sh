#!/usr/bin/env bash
# The program itself: version, help with live defaults, bad usage, exit status.
. tests/cli.sh

exits "--version" 0 iclab --version
like "--version: the text" "$(cat "$TMP/out")" '^iclab [0-9]+\.[0-9]+\.[0-9]+$'
exits "--help" 0 iclab --help
for command in verify claims train compare mi tc corr entropy measure drop reproduce data bench; do
    like "--help names $command" "$(cat "$TMP/out")" "^  $command "
done
for command in verify claims train compare mi tc corr entropy measure drop reproduce data bench; do
    exits "$command --help" 0 iclab "$command" --help
    like "$command --help: usage" "$(cat "$TMP/out")" "^Usage: iclab $command"
    is "$command --help: nothing on standard error" "$(cat "$TMP/err")" ""
    # The section of the manual, or the options common to all, has each option.
    awk -v want="$command" '/^\.S[SH]/ { on = $0 == ".SS iclab " want || $0 == ".SS Common options" } on' docs/iclab.1 |
        sed 's/\\-/-/g' >"$TMP/section"
    # shellcheck disable=SC2013 # one word a line
    for option in $(sed -nE 's/^ +(-., )?--([a-z][a-z0-9-]*).*/\2/p' "$TMP/out"); do
        like "$command --$option is in the manual" "$(cat "$TMP/section")" "--$option\>"
    done
done
iclab mi --help >"$TMP/help"
like "defaults: estimator" "$(tr -s ' \n' ' ' <"$TMP/help")" 'estimator auto\|.*\(default auto\)'
like "defaults: seed" "$(cat "$TMP/help")" '--seed S .*\(default 1\)'
like "defaults: pairs" "$(cat "$TMP/help")" '--pairs .*\(default all\)'
like "defaults: units" "$(cat "$TMP/help")" '--units nats\|bits .*\(default nats\)'
is "no default is nan" "$(iclab drop --help | grep -c 'default nan')" 0

fails "no command" 2 'which command' iclab
fails "unknown command" 2 "unknown command 'mii'" iclab mii
fails "unknown option" 2 "unknown option '--nothing'" iclab --nothing
fails "unknown option of a command" 2 "unknown option '--nothing'" iclab mi --nothing x.npy
fails "no file" 2 'FILE is missing' iclab mi
fails "two files" 2 "unexpected argument 'b'" iclab mi a b
fails "tc: no file" 2 'FILE is missing' iclab tc
fails "corr: no file" 2 'FILE is missing' iclab corr
fails "drop: no file" 2 'FILE.npy is missing' iclab drop --keep .5
fails "drop: no keep" 2 '--keep is missing' iclab drop x.npy
fails "measure: no before" 2 '--before is missing' iclab measure --after x.npy
fails "measure: no after" 2 '--after is missing' iclab measure --before x.npy
fails "bench: bad threads" 2 "..threads: .x. is not a whole number" iclab bench kernels --threads x
fails "bench verdicts: bad threads" 2 "..threads: .x. is not a whole number" iclab bench verdicts --threads x
fails "bench verdicts: quick and full" 2 '--quick and --full' iclab bench verdicts --quick --full
iclab bench --help >"$TMP/help"
like "bench --help: verdicts" "$(cat "$TMP/help")" '^Usage: iclab bench .*\|verdicts'
fails "bench: unknown" 2 "nothing to time is called 'all-of-it'" iclab bench all-of-it

fails "verify: unknown claim" 2 "unknown claim 'c99'" iclab verify c99 --out "$TMP/results"
ok "verify: nothing is written then" test ! -e "$TMP/results"
fails "verify: quick and full" 2 '--quick and --full' iclab verify --quick --full --out "$TMP/results"
exits "claims" 0 iclab claims
like "claims: the columns" "$(cat "$TMP/out")" '^id	name	source	statement	law	quantity	rule	tolerance	expected	theorem	enclosure$'
like "claims: a row" "$(cat "$TMP/out")" '^c01\.gauss\.exponent	.*	holds	'
exits "claims as JSON" 0 iclab claims --format json
ok "claims: it is JSON" "$TMP/data" json <"$TMP/out"
exits "bench kernels" 0 iclab bench kernels
for key in cpu kernels blas; do
    like "bench: $key" "$(cat "$TMP/out")" "^# $key: ."
done
like "bench: the core name" "$(cat "$TMP/out")" '^# blas: .*, core .'
like "bench: a kernel" "$(cat "$TMP/out")" '^mask_f32 independent	'

if [ -e /dev/full ]; then
    # shellcheck disable=SC2317 # called through fails
    full() { iclab "$@" >/dev/full; }
    data gauss 50 1 >"$TMP/a.npy"
    fails "help to a full disk" 3 'standard output.*No space' full --help
    for format in tsv json npy; do
        fails "mi to a full disk, $format" 3 'standard output.*No space' full mi "$TMP/a.npy" --format "$format"
    done
    fails "drop to a full disk" 3 'standard output.*No space' full drop "$TMP/a.npy" --keep .5
fi
done_testing
