#include "cli/column_sets.h"

#include <stdlib.h>
#include <string.h>

#include "core/number.h"

enum { MOST_SHOWN = 60 };

/* What is being read, for messages and for the search for columns that occur twice. */
struct reader {
    const char *option;
    unsigned sides;
    const struct cli_source *source;
    size_t item;      /* from 1 */
    size_t *seen;     /* by column: the last item that had it */
    const char *text; /* the item */
    size_t length;
};

static icl_status bad_item(const struct reader *r, struct icl_error *err)
{
    return icl_fail(err, ICL_ERR_USAGE, "--%s: item %zu: '%.*s' is not %s, a set being columns and ranges like 0+1+4-7",
                    r->option, r->item, (int)(r->length < MOST_SHOWN ? r->length : MOST_SHOWN), r->text,
                    r->sides == 2 ? "SET:SET" : "a SET");
}

/* "I" or "I-J" of `length` characters. */
static icl_status parse_range(const struct reader *r, const char *text, size_t length, size_t *first, size_t *last,
                              struct icl_error *err)
{
    uint64_t low = 0, high = 0;
    const char *dash = memchr(text, '-', length);
    const size_t head = dash != NULL ? (size_t)(dash - text) : length;
    for (size_t i = 0; i < length; i++)
        if (strchr("0123456789-", text[i]) == NULL) return bad_item(r, err);
    if (icl_parse_count(text, head, &low) != ICL_NUMBER_OK) return bad_item(r, err);
    high = low;
    if (dash != NULL && icl_parse_count(dash + 1, length - head - 1, &high) != ICL_NUMBER_OK) return bad_item(r, err);
    if (low > high)
        return icl_fail(err, ICL_ERR_USAGE, "--%s: item %zu: the range %.*s goes down", r->option, r->item,
                        (int)(length < MOST_SHOWN ? length : MOST_SHOWN), text);
    if (high >= r->source->cols)
        return icl_fail(err, ICL_ERR_USAGE, "--%s: item %zu: no column %llu: %.200s has columns 0 to %zu", r->option,
                        r->item, (unsigned long long)high, r->source->name, r->source->cols - 1);
    *first = (size_t)low;
    *last = (size_t)high;
    return ICL_OK;
}

static icl_status parse_set(struct reader *r, const char *text, size_t length, struct cli_column_set *set, bool *used,
                            struct icl_error *err)
{
    const struct icl_column **column = calloc(r->source->cols, sizeof *column); /* no column twice: no more */
    set->group = (struct icl_column_group){column, 0};
    set->text = strndup(text, length);
    if (column == NULL || set->text == NULL) return icl_fail_memory(err, "a set of columns");
    for (const char *end = text + length; text <= end;) {
        const char *plus = memchr(text, '+', (size_t)(end - text));
        const size_t part = (size_t)((plus != NULL ? plus : end) - text);
        size_t first = 0, last = 0;
        ICL_TRY(parse_range(r, text, part, &first, &last, err));
        for (size_t c = first; c <= last; c++) {
            if (r->seen[c] == r->item)
                return icl_fail(err, ICL_ERR_USAGE, "--%s: item %zu: column %zu occurs twice", r->option, r->item, c);
            r->seen[c] = r->item;
            used[c] = true;
            column[set->group.size++] = &r->source->prepared[c];
        }
        text += part + 1;
    }
    const struct icl_column **shrunk = realloc(column, set->group.size * sizeof *column);
    if (shrunk != NULL) set->group.column = shrunk;
    return ICL_OK;
}

static icl_status parse_item(struct reader *r, struct cli_column_sets *sets, struct icl_error *err)
{
    const char *text = r->text, *end = r->text + r->length;
    for (unsigned side = 0; side < r->sides; side++) {
        const bool last = side + 1 == r->sides;
        const char *colon = last ? end : memchr(text, ':', (size_t)(end - text));
        if (colon == NULL) return bad_item(r, err);
        ICL_TRY(parse_set(r, text, (size_t)(colon - text), &sets->set[sets->count++], sets->used, err));
        text = colon + 1;
    }
    return ICL_OK;
}

static icl_status parse_items(struct reader *r, const char *text, struct cli_column_sets *sets, struct icl_error *err)
{
    size_t items = 1;
    for (const char *c = text; *c != '\0'; c++)
        items += *c == ',';
    sets->set = calloc(items * r->sides, sizeof *sets->set);
    sets->used = calloc(r->source->cols, sizeof *sets->used);
    r->seen = calloc(r->source->cols, sizeof *r->seen);
    if (sets->set == NULL || sets->used == NULL || r->seen == NULL) return icl_fail_memory(err, "the sets of columns");
    for (r->item = 1; r->item <= items; r->item++) {
        r->text = text;
        r->length = strcspn(text, ",");
        ICL_TRY(parse_item(r, sets, err));
        text += r->length + 1;
    }
    return ICL_OK;
}

icl_status cli_column_sets_parse(const char *option, const char *text, unsigned sides, const struct cli_source *source,
                                 struct cli_column_sets *sets, struct icl_error *err)
{
    struct reader reader = {.option = option, .sides = sides, .source = source};
    *sets = (struct cli_column_sets){0};
    const icl_status status = parse_items(&reader, text, sets, err);
    free(reader.seen);
    if (status != ICL_OK) cli_column_sets_free(sets);
    return status;
}

void cli_column_sets_free(struct cli_column_sets *sets)
{
    for (size_t s = 0; s < sets->count; s++) {
        free((void *)sets->set[s].group.column);
        free(sets->set[s].text);
    }
    free(sets->set);
    free(sets->used);
    *sets = (struct cli_column_sets){0};
}
