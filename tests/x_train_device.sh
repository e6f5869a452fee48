#!/usr/bin/env bash
# iclab train --device and --precision: what is said, what is named, exit statuses; on the emulated device.
# shellcheck disable=SC2317 # functions are called through exits and fails
. tests/cli.sh

if [ -z "${ICLAB_DEVICE_PLUGIN:-}" ]; then
    skip "iclab train --device" "no plug-in: ICLAB_DEVICE_PLUGIN"
    done_testing
    exit 0
fi
small=(--data planted-8x8x1-3 --net thread06 --limit 56 --valid-limit 20 --batch 16 --epochs 2 --flip --pad 1 --rate .2
    --rate-start .1 --rate-end .05 --seed 3)
train() { iclab train --quiet "${small[@]}" "$@"; }
nowhere() { ICLAB_DEVICE_PLUGIN=$TMP/none.so train "$@"; }
faulty() # FAULT OPTION...
{
    local fault=$1
    shift
    ICLAB_EMULATED_FAULT=$fault train "$@"
}
body() { sed '/^#/d' "$1/metrics.tsv" "$1/epochs.tsv" "$1/layers.tsv" "$1/norms.tsv"; }

# ---- runs -----------------------------------------------------------------------------------------------------------
exits "the processor" 0 train --out "$TMP/cpu"
exits "a device" 0 iclab train "${small[@]}" --device cuda --out "$TMP/device"
like "its memory is stated" "$(cat "$TMP/err")" '^iclab: memory of the device: [0-9.]+ MiB \(data '
like "tables name it" "$(cat "$TMP/device/epochs.tsv")" '^# kernels: emulated; CUDA '
like "result.json names it" "$(cat "$TMP/device/result.json")" '"device": "emulated; CUDA '
ok "result.json is JSON" "$TMP/data" json <"$TMP/device/result.json"
is "the processor's names none" "$(grep -c device "$TMP/cpu/result.json")" 0
ok "the specification is the same" cmp "$TMP/cpu/spec.txt" "$TMP/device/spec.txt"
is "losses of the processor, within 1e-3" "$(paste <(rows "$TMP/cpu/metrics.tsv") <(rows "$TMP/device/metrics.tsv") |
    awk -F '\t' '{ d = $5 - $13 } d * d <= 1e-6 { n++ } END { print n }')" 8
exits "once more" 0 train --device cuda --threads 1 --out "$TMP/again"
ok "the same bytes" cmp <(body "$TMP/device") <(body "$TMP/again")
exits "auto, where there is a device" 0 iclab train "${small[@]}" --device auto --out "$TMP/auto"
like "it says so" "$(cat "$TMP/err")" '^iclab: device: emulated$'
ok "and takes it" cmp <(body "$TMP/device") <(body "$TMP/auto")
exits "auto, where there is none" 0 nowhere --device auto --out "$TMP/fallen"
like "it says why" "$(cat "$TMP/err")" '^iclab: device: the processor \(.*none\.so'
ok "and takes the processor" cmp <(body "$TMP/cpu") <(body "$TMP/fallen")

# ---- precision ------------------------------------------------------------------------------------------------------
exits "bf16" 0 train --device cuda --precision bf16 --out "$TMP/bf16"
like "it is in the specification" "$(cat "$TMP/bf16/spec.txt")" '^precision bf16$'
not_ok "f32 is not" grep -q precision "$TMP/device/spec.txt"
for precision in tf32 bf16; do
    fails "$precision on the processor" 2 "--precision: $precision is computed on a device alone" \
        train --precision "$precision" --out "$TMP/nothing"
done
fails "another precision" 2 "--precision: 'half'" train --precision half --out "$TMP/nothing"

# ---- what goes wrong ------------------------------------------------------------------------------------------------
fails "no plug-in" 3 ".*none\.so" nowhere --device cuda --out "$TMP/nothing"
fails "no driver" 3 ".*driver" faulty no-driver --device cuda --out "$TMP/nothing"
fails "no memory" 3 "emulated: .*free" faulty memory:65536 --device cuda --out "$TMP/nothing"
not_ok "no folder is left" test -e "$TMP/nothing"
fails "a device that is lost" 3 "emulated: .*lost" faulty lost:250 --device cuda --checkpoint-steps 1 --out "$TMP/lost"
ok "its checkpoint is there" test -s "$TMP/lost/checkpoint.bin"
exits "the run goes on" 0 train --device cuda --resume --checkpoint-steps 1 --out "$TMP/lost"
ok "to the same bytes" cmp <(body "$TMP/device") <(body "$TMP/lost")

for fault in capture-begin capture-end; do
    exits "$fault: steps that cannot be recorded" 0 env ICLAB_EMULATED_FAULT=$fault "$program" train "${small[@]}" \
        --device cuda --out "$TMP/$fault"
    is "$fault: it is said once for each size of batch" "$(grep -c 'note: steps of .* images are not recorded: ' "$TMP/err")" 2
    ok "$fault: the same bytes" cmp <(body "$TMP/device") <(body "$TMP/$fault")
done

# ---- a list of runs -------------------------------------------------------------------------------------------------
reproduce() { iclab reproduce synergy --data planted-8x8x1-3 --net thread06 --limit 60 --seeds 1 --epochs 1 --quiet "$@"; }
exits "reproduce" 0 reproduce --device cuda --out "$TMP/figure"
is "every run names the device" "$(grep -L '"device": "emulated' "$TMP"/figure/runs/*/result.json)" ""
fails "reproduce without a plug-in" 3 ".*none\.so" env ICLAB_DEVICE_PLUGIN="$TMP/none.so" "$program" reproduce synergy \
    --device cuda --out "$TMP/nothing"
done_testing
