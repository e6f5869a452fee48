#!/usr/bin/env bash
# Runs fuzz targets that were linked with libFuzzer, one after the other. Called by `make fuzz`.
#   tests/fuzz/run.sh SECONDS FOLDER PROGRAM...    new inputs are kept in FOLDER, findings too
# Exit 1 if any target had a finding; the input that did it is FOLDER/NAME-crash-... : put it into tests/fuzz/corpus/NAME.
set -eu
seconds=$1
work=$2
shift 2
status=0
for program in "$@"; do
    name=$(basename "$program")
    name=${name#fuzz_}
    mkdir -p "$work/$name"
    log=$work/$name.log
    if "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix="$work/$name-" "$work/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
        echo "ok    $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, $(grep -o 'cov: [0-9]*' "$log" | tail -1)"
    else
        echo "FAIL  $name: see $log"
        grep -E 'ERROR|SUMMARY|Test unit|fuzz_[a-z_]*\.c:' "$log" | head -5 || true
        status=1
    fi
done
exit $status
