#!/usr/bin/env bash
# The proofs of the claims: every theorem rests on the axioms of Coq's real numbers and on nothing else.
. tests/tap.sh

if ! command -v coqc >/dev/null; then
    skip "the proofs of the claims" "no coqc: make test PROOFS=1 installs it"
    done_testing
fi
exits "make proofs finds nothing to refuse" 0 proofs/formal/prove.sh
sed 's/^/# /' "$TMP/out"
while read -r theorem place _; do
    not_ok "$theorem ($place)" grep -F ": $theorem: " "$TMP/err"
done < <(sed '1d; $d' "$TMP/out")
done_testing
