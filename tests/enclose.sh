# shellcheck shell=bash
# $ENCLOSE, the program of the rigorous checks: named by `make test`; a test run alone finds it, and builds it.
# shellcheck disable=SC2016 # make expands it
ENCLOSE=${ENCLOSE:-$(make -s --no-print-directory --eval 'print-enclose:;@echo $(CURDIR)/$(OUT)/enclose' print-enclose)}
[ -x "$ENCLOSE" ] || make "${ENCLOSE#"$PWD"/}" >&2
