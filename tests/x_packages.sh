#!/usr/bin/env bash
# tools/install.sh against machines of straw: what dpkg, apt, sudo and id say is made up, what was run is written down.
# shellcheck disable=SC2317 # install is called through exits
. tests/tap.sh
unset APT_STATUS NO_INSTALL

# A folder of programs that is the whole PATH: the tools the script needs, and the made-up ones.
real=$(for tool in sh dirname awk cut sed tr cat env grep; do command -v $tool; done)
machine() # UID INSTALLED KNOWN PROGRAM...: PROGRAM is apt-get, dpkg-query, sudo
{
    rm -rf "${TMP:?}/bin" "$TMP/calls"
    mkdir "$TMP/bin"
    : >"$TMP/calls"
    for tool in $real; do ln -s "$tool" "$TMP/bin/"; done
    local uid=$1 installed=$2 known=$3 program
    shift 3
    write id "echo $uid"
    for program in "$@"; do
        case $program in
        apt-get)
            write apt-get "echo \"apt-get \$*\" >>'$TMP/calls'; exit \${APT_STATUS:-0}"
            write apt-cache "for p; do :; done; case ' $known ' in *\" \$p \"*) exit 0 ;; esac; exit 100"
            ;;
        dpkg-query) write dpkg-query "for p in $installed; do echo \"installed \$p\"; done; exit 1" ;;
        sudo) write sudo "echo sudo >>'$TMP/calls'; [ \"\$1\" != -n ] || shift; exec \"\$@\"" ;;
        sudo-asks) write sudo "exit 1" ;;
        esac
    done
    write true ""
}
write() { printf '#!/bin/sh\n%s\n' "$2" >"$TMP/bin/$1" && chmod +x "$TMP/bin/$1"; }
cat >"$TMP/packages.tsv" <<'T'
# a comment
build	icl-cc	required	command:icl-cc	compiles
build	icl-math	required	-	special functions
verify	icl-plot	optional	command:icl-plot	figures
verify	icl-data	optional	file:/nowhere/at/all	real images
T
mkdir "$TMP/tools"
mv "$TMP/packages.tsv" "$TMP/tools/"
cp tools/install.sh "$TMP/tools/"
install() { env -i PATH="$TMP/bin" ${APT_STATUS:+APT_STATUS=$APT_STATUS} ${NO_INSTALL:+NO_INSTALL=$NO_INSTALL} "$TMP/bin/sh" "$TMP/tools/install.sh" "$@"; }
calls() { sed 's/-q \(-o [^ ]* \)*//' "$TMP/calls"; }
all="icl-cc icl-math icl-plot icl-data"

machine 0 "$all" "$all" dpkg-query apt-get
exits "nothing missing" 0 install build verify
is "nothing missing: silent" "$(cat "$TMP/out" "$TMP/err" "$TMP/calls")" ""

machine 0 "" "$all" dpkg-query apt-get
exits "root" 0 install build verify
is "root: one call, no update" "$(calls)" "apt-get install -y --no-install-recommends icl-cc icl-math icl-plot icl-data"

machine 0 "icl-cc icl-plot icl-data" "$all" dpkg-query apt-get
exits "one missing" 0 install build verify
is "one missing: only that" "$(calls)" "apt-get install -y --no-install-recommends icl-math"
exits "other groups are not looked at" 0 install verify

machine 0 "" "icl-cc icl-math icl-data" dpkg-query apt-get
exits "optional and unknown" 0 install build verify
is "optional and unknown: update, then the rest" "$(calls)" "apt-get update
apt-get install -y --no-install-recommends icl-cc icl-math icl-data"
like "optional and unknown: said" "$(cat "$TMP/err")" "icl-plot \(figures\)"

machine 0 "" "$all" dpkg-query apt-get
APT_STATUS=100 exits "apt fails" 1 install build
is "apt fails: lists renewed, tried again" "$(calls | cut -d' ' -f2 | tr '\n' ' ')" "install update install install "

machine 1000 "" "$all" dpkg-query apt-get sudo
exits "sudo" 0 install build
like "sudo: used" "$(calls)" "^sudo$"
like "sudo: installs" "$(calls)" "^apt-get install -y --no-install-recommends icl-cc icl-math$"

for kind in sudo-asks ""; do
    machine 1000 "" "$all" dpkg-query apt-get $kind
    exits "no root, ${kind:-no sudo}" 1 install build verify
    is "no root, ${kind:-no sudo}: nothing run" "$(cat "$TMP/calls")" ""
    like "no root, ${kind:-no sudo}: one command to type" "$(cat "$TMP/err")" \
        "^    (sudo sh|su) -c 'apt-get update && apt-get install -y --no-install-recommends icl-cc icl-math icl-plot icl-data'$"
done

machine 1000 "icl-cc icl-math" "$all" dpkg-query apt-get
exits "no root, only optional missing: goes on" 0 install build verify
like "no root, only optional missing: said" "$(cat "$TMP/err")" "icl-data \(real images\)"

machine 0 "" "$all" dpkg-query apt-get
NO_INSTALL=1 exits "NO_INSTALL=1" 1 install build verify
is "NO_INSTALL=1: nothing run" "$(cat "$TMP/calls")" ""
exits "--check" 1 install --check build
is "--check: nothing run" "$(cat "$TMP/calls")" ""

machine 0 "" ""
exits "another system" 1 install build verify
like "another system: the list" "$(cat "$TMP/err")" "icl-cc icl-math icl-plot icl-data$"
sed -i '/icl-math/d' "$TMP/tools/packages.tsv"
write icl-cc ""
exits "another system, what is required is there" 0 install build verify
write icl-plot ""
exits "found without a package" 0 install build
is "found without a package: silent" "$(cat "$TMP/out" "$TMP/err")" ""


# One of two packages: the first that the lists know; what dpkg says of them does not count, only the probe.
printf 'test\ticl-ball|icl-whole\trequired\tfile:%s|file:%s\tballs\n' "$TMP/ball.h" "$TMP/whole.h" >>"$TMP/tools/packages.tsv"
machine 0 "icl-whole" "icl-ball icl-whole" dpkg-query apt-get
exits "one of two: both known" 0 install test
is "one of two: the first" "$(calls)" "apt-get install -y --no-install-recommends icl-ball"
machine 0 "" "icl-whole" dpkg-query apt-get
exits "one of two: only the second known" 0 install test
is "one of two: the second, no update" "$(calls)" "apt-get install -y --no-install-recommends icl-whole"
machine 0 "" "" dpkg-query apt-get
APT_STATUS=100 exits "one of two: none known" 1 install test
like "one of two: none known: update first" "$(calls | head -n 1)" "^apt-get update$"
like "one of two: none known: said" "$(cat "$TMP/err")" "could not install: icl-ball$"
machine 1000 "" "icl-whole" dpkg-query apt-get
exits "one of two: no root" 1 install test
like "one of two: purpose" "$(cat "$TMP/err")" "icl-ball\|icl-whole \(balls\)$"
like "one of two: command to type" "$(cat "$TMP/err")" "--no-install-recommends icl-whole'$"
for found in ball whole; do
    : >"$TMP/$found.h"
    machine 0 "" "" dpkg-query apt-get
    exits "one of two: $found is there" 0 install test
    is "one of two: $found is there: silent" "$(cat "$TMP/out" "$TMP/err" "$TMP/calls")" ""
    rm "$TMP/$found.h"
done

exits "an unknown group" 2 install bulid
like "an unknown group: named" "$(cat "$TMP/err")" "bulid"
exits "no group" 2 install
is "the table has five columns" "$(awk -F '\t' '!/^#/ && NF != 5' tools/packages.tsv)" ""
done_testing
