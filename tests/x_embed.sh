#!/usr/bin/env bash
# An embedded text file has the bytes of the file, whatever they are.
. tests/tap.sh

same() # NAME: standard input goes through the embedding and back
{
    cat >"$TMP/the-text.v1.tsv"
    tools/embed.sh "$TMP/the-text.v1.tsv" >"$TMP/embed.c"
    cat >"$TMP/print.c" <<'C'
#include <stdio.h>
extern const char icl_the_text_v1_tsv[];
int main(void)
{
    return fputs(icl_the_text_v1_tsv, stdout) < 0;
}
C
    ok "$1: compiles without a warning" "${CC:-gcc}" -std=c17 -Wall -Wextra -Wconversion -Werror -o "$TMP/print" "$TMP/embed.c" "$TMP/print.c"
    "$TMP/print" >"$TMP/back"
    ok "$1: the same bytes" cmp "$TMP/back" "$TMP/the-text.v1.tsv"
}
same "tabs, quotes, UTF-8" < <(printf 'id\tname\nc01\t"q\\ ??/ %%d" \303\251 \377 0\n')
same "every byte but 0" < <(awk 'BEGIN { for (i = 1; i < 256; i++) printf "%c", i }')
same "an empty file" < <(printf '')
same "long" < <(awk 'BEGIN { for (i = 0; i < 4000; i++) print i, "line of a long file" }')
exits "a missing file" 1 tools/embed.sh "$TMP/nowhere"
done_testing
