#include "cli/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

/* How many pairs come before row i of the triangle. */
static size_t before_row(size_t i, size_t cols)
{
    return i * (2 * cols - i - 1) / 2;
}

struct cli_pair cli_pair_at(const struct cli_pairs *pairs, size_t index)
{
    if (pairs->list != NULL) return pairs->list[index];
    /* Solves before_row(i) <= index in floating point, then mends its rounding. */
    const double c = (double)pairs->cols - .5;
    const double root = c - sqrt(fmax(0, c * c - 2 * (double)index));
    size_t i = root > 0 ? (size_t)root : 0;
    if (i > pairs->cols - 2) i = pairs->cols - 2;
    while (before_row(i, pairs->cols) > index)
        i--;
    while (before_row(i + 1, pairs->cols) <= index)
        i++;
    return (struct cli_pair){i, i + 1 + index - before_row(i, pairs->cols)};
}

size_t cli_pair_index(const struct cli_pairs *pairs, size_t i, size_t j)
{
    return before_row(i, pairs->cols) + j - i - 1;
}

/* Reads one "i:j" of `length` characters. */
static icl_status parse_pair(const char *text, size_t length, const struct cli_source *source, struct cli_pair *pair,
                             struct icl_error *err)
{
    const int shown = length < 60 ? (int)length : 60;
    const char *colon = memchr(text, ':', length);
    uint64_t i = 0, j = 0;
    const size_t head = colon != NULL ? (size_t)(colon - text) : 0;
    if (colon == NULL || text[strspn(text, "0123456789:")] != text[length] ||
        icl_parse_count(text, head, &i) != ICL_NUMBER_OK ||
        icl_parse_count(colon + 1, length - head - 1, &j) != ICL_NUMBER_OK)
        return icl_fail(err, ICL_ERR_USAGE, "--pairs: '%.*s' is not all or I:J,I:J,...", shown, text);
    if (i >= j) return icl_fail(err, ICL_ERR_USAGE, "--pairs: %.*s: the first column must be the lower", shown, text);
    if (j >= source->cols)
        return icl_fail(err, ICL_ERR_USAGE, "--pairs: %.*s: %.200s has columns 0 to %zu", shown, text, source->name,
                        source->cols - 1);
    *pair = (struct cli_pair){(size_t)i, (size_t)j};
    return ICL_OK;
}

static icl_status parse_list(const char *text, const struct cli_source *source, struct cli_pairs *pairs,
                             struct icl_error *err)
{
    size_t count = 1;
    for (const char *c = text; *c != '\0'; c++)
        count += *c == ',';
    pairs->list = malloc(count * sizeof *pairs->list);
    pairs->used = calloc(source->cols, sizeof *pairs->used);
    if (pairs->list == NULL || pairs->used == NULL) return icl_fail_memory(err, "the list of pairs");
    for (size_t k = 0; k < count; k++) {
        const size_t length = strcspn(text, ",");
        ICL_TRY(parse_pair(text, length, source, &pairs->list[k], err));
        pairs->used[pairs->list[k].i] = pairs->used[pairs->list[k].j] = true;
        text += length + 1;
    }
    pairs->count = count;
    return ICL_OK;
}

icl_status cli_pairs_parse(const char *text, const struct cli_source *source, struct cli_pairs *pairs,
                           struct icl_error *err)
{
    struct cli_pairs parsed = {.cols = source->cols};
    icl_status status = ICL_OK;
    if (strcmp(text, "all") == 0)
        parsed.count = before_row(source->cols - 1, source->cols);
    else
        status = parse_list(text, source, &parsed, err);
    if (status == ICL_OK && parsed.count > CLI_MOST_PAIRS)
        status =
            icl_fail(err, ICL_ERR_INPUT, "%.200s: %zu columns make %zu pairs, more than %zu: choose some by --pairs",
                     source->name, source->cols, parsed.count, CLI_MOST_PAIRS);
    if (status == ICL_OK)
        *pairs = parsed;
    else
        cli_pairs_free(&parsed);
    return status;
}

void cli_pairs_free(struct cli_pairs *pairs)
{
    free(pairs->list);
    free(pairs->used);
    *pairs = (struct cli_pairs){0};
}
