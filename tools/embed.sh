#!/bin/sh
# Writes the text file FILE as C source on standard output: a NUL-terminated array of its bytes,
# named icl_ and the base name with every other character as `_` (claims.tsv -> icl_claims_tsv).
set -eu
[ $# -eq 1 ] || { echo "usage: tools/embed.sh FILE" >&2; exit 2; }
if [ ! -f "$1" ] || [ ! -r "$1" ]; then echo "tools/embed.sh: cannot read $1" >&2; exit 1; fi
symbol=icl_$(basename "$1" | LC_ALL=C sed 's/[^A-Za-z0-9]/_/g')
printf '/* The bytes of %s. Made by tools/embed.sh. */\n' "$1"
printf 'extern const char %s[];\nconst char %s[] = ""\n' "$symbol" "$symbol"
LC_ALL=C od -A n -v -t o1 "$1" | sed 's/  *$//; s/  */\\/g; s/^/    "/; s/$/"/'
echo '    ;'
