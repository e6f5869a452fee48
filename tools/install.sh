#!/bin/sh
# Installs the packages of tools/packages.tsv that are missing.
#   tools/install.sh [--check] GROUP...     groups: build run verify test proofs lint valgrind peers torch
# Silent when nothing is missing. Exit 1: something required is missing and was not installed.
# --check, or NO_INSTALL=1 in the environment: only say what is missing.
set -eu

here=$(dirname "$0")
table=$here/packages.tsv
check=${NO_INSTALL:-0}
if [ "${1:-}" = --check ]; then
    check=1
    shift
fi
[ $# -gt 0 ] || { echo "usage: tools/install.sh [--check] GROUP..." >&2; exit 2; }

say() { echo "install: $*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# The rows "package need probe what-for" of the groups asked for.
rows=$(awk -F '\t' -v groups=" $* " '
    BEGIN { OFS = "\t" }
    !/^#/ && NF { known[$1] = 1 }
    !/^#/ && index(groups, " " $1 " ") { print $2, $3, $4, $5 }
    END { n = split(groups, g, " "); for (i = 1; i <= n; i++) if (!(g[i] in known)) { print "unknown group: " g[i] > "/dev/stderr"; exit 2 } }
' "$table")

# Is a library or tool there without its package (or where there are no packages)?
probe()
{
    case $1 in
    *\|*) probe "${1%%|*}" || probe "${1#*|}" ;;
    command:*) have "${1#*:}" ;;
    pc:*) have "${PKG_CONFIG:-pkg-config}" && "${PKG_CONFIG:-pkg-config}" --exists "${1#*:}" ;;
    header:*.hpp) have "${CXX:-g++}" && echo "#include <${1#*:}>" | "${CXX:-g++}" -E -x c++ - >/dev/null 2>&1 ;;
    header:*) have "${CC:-cc}" && echo "#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <${1#*:}>" | "${CC:-cc}" -E -x c - >/dev/null 2>&1 ;;
    lib:*) ldconfig -p 2>/dev/null | grep -qF "${1#*:}" ;;
    file:*) [ -e "${1#*:}" ] ;;
    *) false ;;
    esac
}

# What is missing: `required` and `optional` hold package names.
installed=
if have dpkg-query; then
    # shellcheck disable=SC2046 # one word a package
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(printf '%s\n' "$rows" | cut -f1) 2>/dev/null |
        sed -n 's/^installed //p' | tr '\n' ' ') || true
fi
required=
optional=
tab=$(printf '\t')
while IFS=$tab read -r package need probe _; do
    case " $installed " in *" $package "*) continue ;; esac
    if probe "$probe"; then continue; fi
    case $need in
    required) required="$required $package" ;;
    *) optional="$optional $package" ;;
    esac
done <<EOF
$rows
EOF
[ -n "$required$optional" ] || exit 0

describe() # PACKAGES: one line each, with its purpose
{
    for package in "$@"; do
        printf '%s\n' "$rows" | awk -F '\t' -v p="$package" 'index("|" $1 "|", "|" p "|") { printf "install:   %s (%s)\n", p, $4; exit }' >&2
    done
}

# Ends with what is still missing, and the command to type if there is one: fatal only for what is required.
stop_without() # [COMMAND]
{
    if [ -n "$required" ]; then
        say "required and missing:"
        # shellcheck disable=SC2086
        describe $required
    fi
    if [ -n "$optional" ]; then
        say "left out, the rest works without:"
        # shellcheck disable=SC2086
        describe $optional
    fi
    [ -z "${1:-}" ] || { say "root rights are needed to install; type this, then start again:" && echo "    $1" >&2; }
    [ -z "$required" ] || exit 1
    exit 0
}

[ "$check" = 0 ] || stop_without

if ! have apt-get; then
    say "no apt-get here; install with this system's own tools what Debian calls:$required$optional"
    stop_without
fi

known() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }
# Of packages `A|B` the first that the lists know, or the first.
choose() # PACKAGES
{
    for package in "$@"; do
        rest=$package
        while [ -n "$rest" ]; do
            if known "${rest%%|*}"; then package=${rest%%|*} && break; fi
            case $rest in *\|*) rest=${rest#*|} ;; *) rest= ;; esac
        done
        printf ' %s' "${package%%|*}"
    done
}

# How to become root: already, without a password, or by asking on a terminal.
if [ "$(id -u)" = 0 ]; then
    root=
elif have sudo && { sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ]; }; }; then
    root=sudo
else
    # shellcheck disable=SC2086
    command="apt-get update && apt-get install -y --no-install-recommends$(choose $required $optional)"
    if have sudo; then stop_without "sudo sh -c '$command'"; else stop_without "su -c '$command'"; fi
fi

apt() { $root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" </dev/null >&2; }
updated=0
update()
{
    [ "$updated" = 0 ] || return 0
    updated=1
    apt update || say "apt-get update failed; going on with the lists there are"
}

# shellcheck disable=SC2086
for package in $(choose $required $optional); do
    known "$package" || { update; break; }
done
# shellcheck disable=SC2086
required=$(choose $required) optional=$(choose $optional)
wanted=$required
left_out=
for package in $optional; do
    if known "$package"; then wanted="$wanted $package"; else left_out="$left_out $package"; fi
done

if [ -n "$wanted" ]; then
    say "installing:$wanted"
    # shellcheck disable=SC2086
    install() { apt install -y --no-install-recommends $1; }
    # A first failure may come from old lists; a second from an optional package.
    if ! install "$wanted" && { [ "$updated" = 1 ] || ! { update && install "$wanted"; }; }; then
        left_out=$optional
        if [ -n "$required" ]; then
            install "$required" || { say "apt-get could not install:$required"; exit 1; }
        fi
    fi
fi
if [ -n "$left_out" ]; then
    required=
    optional=$left_out
    stop_without
fi
