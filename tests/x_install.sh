#!/usr/bin/env bash
# `make install` puts a usable library, program and figure scripts in place; `make uninstall` takes them all away.
. tests/tap.sh
# The settings of the build under test come with MAKEFLAGS, so nothing is compiled again.
dest=$TMP/dest
make=${MAKE:-make}
cc=${CC:-gcc}
read -ra cflags <<<"${TEST_CFLAGS:-}"

ok "make install DESTDIR=" "$make" -s install-files DESTDIR="$dest"
lib=$(dirname "$(find "$dest" -name libiclab.a)")
prefix=$(dirname "$lib")
ok "program" test -x "$prefix/bin/iclab"
ok "man page" test -s "$prefix/share/man/man1/iclab.1"
is "figure scripts" "$(cd "$prefix/share/iclab" 2>/dev/null && find plots -name '*.gp' | sort)" "$(find plots -maxdepth 1 -name '*.gp' | sort)"
like "soname" "$(objdump -p "$lib/libiclab.so")" 'SONAME +libiclab\.so\.[0-9]+$'
is "every exported name begins with icl_" "$(nm -D --defined-only "$lib/libiclab.so" | awk '$3 !~ /^(icl_|__)/ && $2 ~ /[TDBR]/ { print $3 }')" ""

export PKG_CONFIG_PATH=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=
pc() { pkg-config --define-variable=prefix="$prefix" "$@" iclab; }
cat >"$TMP/user.c" <<'C'
#include <stdio.h>
#include <string.h>

#include <iclab.h>
#include <iclab/core/status.h>

int main(void)
{
    return strcmp(icl_status_text(ICL_OK), "ok") != 0;
}
C
read -ra flags < <(pc --cflags)
read -ra shared < <(pc --libs)
read -ra static < <(pc --static --libs)
static=("${static[@]/#-liclab/-l:libiclab.a}")
ok "shared: compiles" "$cc" "${cflags[@]}" "${flags[@]}" -o "$TMP/shared" "$TMP/user.c" "${shared[@]}"
ok "shared: runs" env LD_LIBRARY_PATH="$lib" "$TMP/shared"
like "shared: needs the soname" "$(objdump -p "$TMP/shared")" 'NEEDED +libiclab\.so\.[0-9]+$'
ok "static: compiles" "$cc" "${cflags[@]}" "${flags[@]}" -o "$TMP/static" "$TMP/user.c" "${static[@]}"
ok "static: runs" "$TMP/static"

# The example of the README: it compiles as it stands there, and says what the command and the README's own table say.
awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' README.md >"$TMP/pair.c"
ok "README: pair.c compiles" "$cc" "${cflags[@]}" "${flags[@]}" -o "$TMP/pair" "$TMP/pair.c" "${shared[@]}"
awk -v OFS='\t' 'BEGIN { print "x\ty"; for (i = 1; i <= 400; i++) print sin(i * i), sin(i * i) + cos(7 * i * i) }' >"$TMP/pair.tsv"
mi=$("$ICLAB" mi "$TMP/pair.tsv" | awk '/^0/ { printf "%.4f", $5 }')
is "README: pair.c gives what iclab mi gives" "$(LD_LIBRARY_PATH=$lib "$TMP/pair" "$TMP/pair.tsv")" "I = $mi nats (decomposition)"
table=$(awk '$1 == 0 && $2 == 1 && $3 == "decomposition" { printf "%.3f", $5 }' README.md)
is "README: the example prints the number of its table" "$(sed -n 's/.*prints `I = \([0-9.]*\) nats.*/\1/p' README.md | awk '{ printf "%.3f", $1 }')" "$table"

ok "make uninstall DESTDIR=" "$make" -s uninstall DESTDIR="$dest"
is "nothing is left" "$(find "$dest" ! -type d)" ""
done_testing
