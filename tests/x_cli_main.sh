#!/usr/bin/env bash
# The program itself: version, help with live defaults, bad usage, exit status.
. tests/cli.sh

exits "--version" 0 iclab --version
like "--version: the text" "$(cat "$TMP/out")" '^iclab [0-9]+\.[0-9]+\.[0-9]+$'
exits "--help" 0 iclab --help
for command in verify claims mi corr measure drop bench; do
    like "--help names $command" "$(cat "$TMP/out")" "^  $command "
done
for command in mi corr measure drop bench; do
    exits "$command --help" 0 iclab "$command" --help
    like "$command --help: usage" "$(cat "$TMP/out")" "^Usage: iclab $command"
    is "$command --help: nothing on standard error" "$(cat "$TMP/err")" ""
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
fails "corr: no file" 2 'FILE is missing' iclab corr
fails "drop: no file" 2 'FILE.npy is missing' iclab drop --keep .5
fails "drop: no keep" 2 '--keep is missing' iclab drop x.npy
fails "measure: no before" 2 '--before is missing' iclab measure --after x.npy
fails "measure: no after" 2 '--after is missing' iclab measure --before x.npy
fails "bench: unknown" 2 "nothing to time is called 'all-of-it'" iclab bench all-of-it

if [ -e /dev/full ]; then
    full() { iclab "$@" >/dev/full; }
    data gauss 50 1 >"$TMP/a.npy"
    fails "help to a full disk" 3 'standard output.*No space' full --help
    for format in tsv json npy; do
        fails "mi to a full disk, $format" 3 'standard output.*No space' full mi "$TMP/a.npy" --format "$format"
    done
    fails "drop to a full disk" 3 'standard output.*No space' full drop "$TMP/a.npy" --keep .5
fi
done_testing
