#!/usr/bin/env bash
# The runner counts failing, crashing, skipping, hanging and empty programs for what they are.
. tests/tap.sh
# Not what the runner of this very test was told.
unset NOSKIP WRAPPER

program() # NAME: standard input becomes an executable
{
    cat >"$TMP/$1"
    chmod +x "$TMP/$1"
}

printf '#!/bin/sh\necho 1..2\necho ok 1 - a\necho ok 2 - b\n' | program pass
printf '#!/bin/sh\necho 1..2\necho ok 1 - a\necho not ok 2 - b\nexit 1\n' | program fail
printf '#!/bin/sh\necho 1..2\necho ok 1 - a\necho not ok 2 - b\n' | program lies # fails, yet exits 0
printf '#!/bin/sh\necho 1..3\necho ok 1 - a\necho not ok 2 \\# SKIP b\necho ok 3 - c \\# SKIP no data\n' | program skips
printf '#!/bin/sh\necho 1..1\necho ok 1 \\# SKIP all\n' | program skips_all
printf '#!/bin/sh\necho 1..0 \\# SKIP no device\n' | program skips_whole
printf '#!/bin/sh\necho 1..2\necho ok 1 - a\nkill -SEGV $$\n' | program crash
printf '#!/bin/sh\necho 1..2\necho ok 1 - a\n' | program short
printf '#!/bin/sh\necho 1..1\necho ok 1 - a\nexit 3\n' | program status
printf '#!/bin/sh\necho ok 1 - a\n' | program planless
printf '#!/bin/sh\necho 1..1\nsleep 30\n' | program hang
printf '#!/bin/sh\necho 1..0\n' | program zero
printf '#!/bin/sh\n' | program empty
printf '#!/bin/sh\necho 1..2\necho not ok 0 - g GROUP SETUP\nexit 1\n' | program fixture

one() # NAME EXIT LINE PROGRAM...
{
    local name=$1 want=$2 line=$3
    shift 3
    exits "$name: exit status" "$want" tests/run.sh -t 1 "${@/#/$TMP/}"
    is "$name: count" "$(tail -n 1 "$TMP/out")" "$line"
}
one "passing" 0 "2 passed, 0 failed, 0 skipped" pass
one "failing" 1 "1 passed, 1 failed, 0 skipped" fail
like "a failure's output is shown" "$(cat "$TMP/out")" "not ok 2 - b"
one "failing with exit 0" 1 "1 passed, 1 failed, 0 skipped" lies
one "skips of cmocka and of TAP" 0 "1 passed, 0 failed, 2 skipped" skips
NOSKIP=1 one "skips under NOSKIP=1" 1 "1 passed, 2 failed, 0 skipped" skips
one "nothing but skips" 1 "0 passed, 0 failed, 1 skipped" skips_all
one "a program skipped as a whole" 0 "2 passed, 0 failed, 1 skipped" skips_whole pass
one "crash" 1 "1 passed, 1 failed, 0 skipped" crash
one "fewer tests than planned" 1 "1 passed, 1 failed, 0 skipped" short
one "bad exit status after passes" 1 "1 passed, 1 failed, 0 skipped" status
one "no plan" 1 "1 passed, 1 failed, 0 skipped" planless
one "hanging" 1 "0 passed, 1 failed, 0 skipped" hang
one "zero tests" 1 "0 passed, 1 failed, 0 skipped" zero
one "no output" 1 "0 passed, 1 failed, 0 skipped" empty
one "failed fixture" 1 "0 passed, 1 failed, 0 skipped" fixture
one "missing program" 1 "0 passed, 1 failed, 0 skipped" nowhere
one "no programs" 1 "0 passed, 0 failed, 0 skipped"
one "several" 1 "5 passed, 2 failed, 2 skipped" pass fail crash skips
exits "unknown option" 2 tests/run.sh -x
done_testing
