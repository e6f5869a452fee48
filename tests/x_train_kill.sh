#!/usr/bin/env bash
# kill -9 at random moments, then --resume: the same bytes as without. KILLS=20 for more of them, KILL_SEED for the same
# moments again (as far as a clock can).
# shellcheck disable=SC2317 # functions are called through exits and fails
. tests/cli.sh

kills=${KILLS:-6}
RANDOM=${KILL_SEED:-$$}
echo "# KILL_SEED=${KILL_SEED:-$$} KILLS=$kills"

# A checkpoint at every step: most of the time is spent in writing one, renames included.
options=(--data planted-12x12x1-3 --limit 700 --valid-limit 100 --batch 32 --epochs 2 --seed 8 --record-steps 5
    --optimiser adam --momentum .9 --rate .01 --rate-start .01 --rate-end .01 --checkpoint-steps 1 --quiet)
body()
{
    local file
    for file in metrics epochs layers norms parameters; do
        echo "== $file"
        sed '/^#/d' "$1/$file.tsv"
    done
    cat "$1/histograms.npy" "$1/spec.txt" "$1/result.json"
}
milliseconds() { echo "$(($(date +%s%N) / 1000000))"; }

begin=$(milliseconds)
exits "a run without interruption" 0 iclab train "${options[@]}" --out "$TMP/whole"
took=$(($(milliseconds) - begin))

# Kills OUT after that many milliseconds; waits until it is gone.
killed() # OUT MILLISECONDS
{
    "$program" train "${options[@]}" --threads "$((RANDOM % 2 + 1))" --resume --out "$1" >/dev/null 2>"$TMP/err" &
    local pid=$!
    sleep "$(printf '%d.%03d' "$(($2 / 1000))" "$(($2 % 1000))")"
    kill -9 "$pid" 2>/dev/null || true
    # By 128 + 9 it was killed, by 0 it had finished; 2 and 3 are failures.
    local status=0
    wait "$pid" 2>/dev/null || status=$?
    [ "$status" = 137 ] || [ "$status" = 0 ] || { cat "$TMP/err" && return 1; }
}

# Each run is killed a few times at moments spread over what is left of it, the first of them right at its beginning.
number=0
done_kills=0
before_checkpoint=0
while [ "$done_kills" -lt "$kills" ]; do
    number=$((number + 1))
    out=$TMP/run$number
    for part in 1 2 3; do
        [ "$done_kills" -lt "$kills" ] || break
        done_kills=$((done_kills + 1))
        case $part in
        1) moment=$((RANDOM % 60)) ;; # starting takes about that long
        *) moment=$((RANDOM % (took / 2 + 1))) ;;
        esac
        echo "# run $number: kill after $moment ms"
        ok "run $number, kill $part: no failure before it" killed "$out" "$moment"
        [ -e "$out/checkpoint.bin" ] || before_checkpoint=$((before_checkpoint + 1))
    done
    exits "run $number: --resume" 0 iclab train "${options[@]}" --resume --out "$out"
    ok "run $number: the same bytes" cmp <(body "$TMP/whole") <(body "$out")
    is "run $number: nothing is left lying about" "$(find "$out" -name '.*' -type f)" ""
done
echo "# $before_checkpoint kills came before the first checkpoint"

# Certainly before the first checkpoint: files of a run without one.
mkdir "$TMP/early"
cp "$TMP/whole/spec.txt" "$TMP/whole/parameters.tsv" "$TMP/early/"
head -c 300 "$TMP/whole/metrics.tsv" >"$TMP/early/metrics.tsv"
: >"$TMP/early/.iclab-00112233445566aa.tmp"
exits "no checkpoint yet: --resume begins anew" 0 iclab train "${options[@]}" --resume --out "$TMP/early"
ok "no checkpoint yet: the same bytes" cmp <(body "$TMP/whole") <(body "$TMP/early")
is "no checkpoint yet: the leftover is gone" "$(find "$TMP/early" -name '.*' -type f)" ""

# Certainly between the last checkpoint and the result.
cp -r "$TMP/whole" "$TMP/late"
rm "$TMP/late/result.json"
exits "no result yet: --resume" 0 iclab train "${options[@]}" --resume --out "$TMP/late"
ok "no result yet: the same bytes" cmp <(body "$TMP/whole") <(body "$TMP/late")
# ---- killed in the very call ------------------------------------------------------------------------------------------
# A library put before the others kills the program in its n-th rename (before or behind it), fsync, or write to a table
# (half of it written).
cat >"$TMP/kill.c" <<'C'
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int due(const char *call)
{
    static int calls;
    const char *at = getenv("KILL_IN"), *number = getenv("KILL_AT");
    return at != NULL && number != NULL && strcmp(at, call) == 0 && ++calls == atoi(number);
}

int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    if (due("rename")) kill(getpid(), SIGKILL);
    const int status = next(from, to);
    if (due("renamed")) kill(getpid(), SIGKILL);
    return status;
}

int fsync(int fd)
{
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    if (due("fsync")) kill(getpid(), SIGKILL);
    return next(fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t place)
{
    ssize_t (*next)(int, const void *, size_t, off_t) =
        (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    if (due("pwrite")) {
        next(fd, bytes, size / 2, place);
        kill(getpid(), SIGKILL);
    }
    return next(fd, bytes, size, place);
}
C
"${CC:-gcc}" -D_GNU_SOURCE -O1 -shared -fPIC -o "$TMP/kill.so" "$TMP/kill.c" -ldl
killed_in() # CALL NUMBER OPTION...
{
    local call=$1 at=$2
    shift 2
    env LD_PRELOAD="$TMP/kill.so" ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" KILL_IN="$call" KILL_AT="$at" \
        "$program" train "${options[@]}" "$@"
}
# The renames are those of spec.txt, parameters.tsv, the checkpoints, and result.json.
for moment in rename:1 rename:2 rename:3 renamed:3 fsync:4 renamed:5 rename:9 pwrite:1 pwrite:9 pwrite:23 pwrite:40; do
    out=$TMP/${moment/:/-}
    exits "killed in ${moment/:/, call }" 137 killed_in "${moment%:*}" "${moment#*:}" --checkpoint-steps 4 --out "$out"
    ok "$moment: no result" test ! -e "$out/result.json"
    exits "$moment: --resume" 0 iclab train "${options[@]}" --checkpoint-steps 4 --resume --out "$out"
    ok "$moment: the same bytes" cmp <(body "$TMP/whole") <(body "$out")
    is "$moment: nothing is left lying about" "$(find "$out" -name '.*' -type f)" ""
done
done_testing
